//! The steps of the queue, each a script.

use std::sync::LazyLock;

use crate::redis::Script;

/// Runs also with a full memory: what is taken, given back or finished makes room.
const ALWAYS: &str = "allow-oom";

macro_rules! step {
    ($file:literal, $flags:expr) => {
        LazyLock::new(|| Script::new($flags, &[include_str!("messages.lua"), include_str!($file)]))
    };
}

/// Refused whole with a full memory.
pub(super) static SUBMIT: LazyLock<Script> = step!("submit.lua", "");
pub(super) static RECEIVE: LazyLock<Script> = step!("receive.lua", ALWAYS);
pub(super) static EXTEND: LazyLock<Script> = step!("extend.lua", ALWAYS);
pub(super) static ACK: LazyLock<Script> = step!("ack.lua", ALWAYS);
pub(super) static RELEASE: LazyLock<Script> = step!("release.lua", ALWAYS);
pub(super) static RESUBMIT: LazyLock<Script> = step!("resubmit.lua", ALWAYS);
pub(super) static BURY: LazyLock<Script> = step!("bury.lua", ALWAYS);
pub(super) static DEPTH: LazyLock<Script> = step!("depth.lua", "no-writes,allow-oom");
