//! Failures of calls to Redis, worded with their remedy.

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// A call to Redis was not answered as it should have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The link has been closed.
    #[error("the link to Redis is closed")]
    Closed,
    /// The server's memory is full: nothing of the call was carried out. A retry succeeds once there is room.
    #[error("Redis is full: raise its maxmemory, or keep jobs for less time")]
    Full,
    /// The server will not do it, now or later, until somebody changes its settings. Nothing was carried out.
    #[error("{0}")]
    Refused(String),
    /// The server did not answer, or not now. The call may have been carried out. A retry may succeed.
    #[error("{0}")]
    Failed(String),
    /// The call was carried out, but too few replicas have said in time that they have it: a failover may lose it. A retry may
    /// find them again.
    #[error(
        "{confirmed} of {wanted} replicas have confirmed a change in time: bring the replicas of this Redis back, or ask for \
         fewer with CRAWLCAST_REDIS_REPLICAS"
    )]
    Unconfirmed {
        /// Replicas that have it.
        confirmed: u64,
        /// Replicas that were waited for.
        wanted: u32,
    },
    /// An answer has another shape than the one that was asked for.
    #[error("Redis answered something else: {0}")]
    Unexpected(String),
}

/// Consequence of a failed call for the connection that it was made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// It can be used on.
    Keep,
    /// It is dead, or its answers come too late to be of use.
    Redial,
    /// The server is not the primary any more: all connections to it must go.
    FindPrimary,
}

impl LinkError {
    /// Sorts a failure by what its caller can do.
    pub(super) fn of(error: &RedisError) -> Self {
        match error.code() {
            Some("OOM") => Self::Full,
            Some(code) => match cure(code) {
                Some(cure) => Self::Refused(format!("{cure}: {error}")),
                None => Self::Failed(format!("Redis did not do it: {error}")),
            },
            None if error.kind() == ErrorKind::AuthenticationFailed => Self::Refused(format!(
                "check the user and password in CRAWLCAST_REDIS_URL: {error}"
            )),
            None if error.kind() == ErrorKind::InvalidClientConfig => {
                Self::Refused(format!("check CRAWLCAST_REDIS_URL: {error}"))
            }
            None if error.kind() == ErrorKind::RESP3NotSupported => {
                Self::Refused("this Redis is too old: 7.0 or newer is needed".to_owned())
            }
            None if error.kind() == ErrorKind::Parse => Self::Unexpected(error.to_string()),
            None if error.is_timeout() => Self::Failed("Redis did not answer in time".to_owned()),
            None => Self::Failed(format!("the connection to Redis failed: {error}")),
        }
    }
}

/// Remedy of a refusal that does not pass by itself.
fn cure(code: &str) -> Option<&'static str> {
    Some(match code {
        "NOPERM" => "the user in CRAWLCAST_REDIS_URL may not do this; widen its ACL",
        "NOAUTH" | "WRONGPASS" => "check the user and password in CRAWLCAST_REDIS_URL",
        "MOVED" | "ASK" | "CROSSSLOT" => {
            "this is a cluster of several shards; use one shard, or a server without cluster mode"
        }
        _ => return None,
    })
}

impl Aftermath {
    pub(super) fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => {
                Self::FindPrimary
            }
            ErrorKind::Server(ServerErrorKind::BusyLoading) | ErrorKind::Io | ErrorKind::Parse => {
                Self::Redial
            }
            _ => Self::Keep,
        }
    }
}
