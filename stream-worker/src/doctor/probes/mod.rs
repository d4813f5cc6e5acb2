//! One file for each promise: the exchange that examines it, and the judgement over what was recorded.

pub(super) mod reachable;
pub(super) mod buffering;
pub(super) mod compression;
pub(super) mod headers;
pub(super) mod cursor;
pub(super) mod authorization;
pub(super) mod idle_timeout;
pub(super) mod keep_alive;
pub(super) mod lifetime;
pub(super) mod disconnect;
pub(super) mod end;
pub(super) mod preflight;
pub(super) mod caching;
pub(super) mod http_version;
pub(super) mod clock;

/// A name that nobody else has chosen.
fn nonce() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Milliseconds as seconds for a person.
fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
