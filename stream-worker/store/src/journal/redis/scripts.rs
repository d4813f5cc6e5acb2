//! The scripts: every change of a channel is one of them, so that it is whole or not at all.

use std::sync::LazyLock;

use crate::redis::Script;

/// Runs also when the server's memory is full: leases, flags and ends take next to nothing, and without them nothing would ever
/// become free.
const ALWAYS: &str = "allow-oom";

/// Changes nothing, so it runs whatever the server's memory says.
const READ_ONLY: &str = "no-writes";

macro_rules! script {
    ($name:ident, $flags:expr, $file:literal) => {
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(
                $flags,
                &[
                    include_str!("scripts/common.lua"),
                    include_str!(concat!("scripts/", $file)),
                ],
            )
        });
    };
}

script!(ACQUIRE, ALWAYS, "acquire.lua");
script!(RENEW, ALWAYS, "renew.lua");
script!(RELEASE, ALWAYS, "release.lua");
// Refused whole when memory is full.
script!(COMMIT, "", "commit.lua");
// A step that ends its job.
script!(END, ALWAYS, "commit.lua");
script!(RECALL, READ_ONLY, "recall.lua");
script!(SHOW, ALWAYS, "show.lua");
script!(FLAGS, ALWAYS, "flags.lua");
script!(WEBHOOK, ALWAYS, "webhook.lua");
script!(OWED, ALWAYS, "owed.lua");
script!(TENANT, ALWAYS, "tenant.lua");
