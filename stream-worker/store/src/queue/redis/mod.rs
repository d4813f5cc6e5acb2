//! The queue on the Redis that workers share, with the rules of SQS.
//!
//! It owns the keys under `{queue}`: the messages, who has them and until when, and the dead letters. It refuses to know what
//! a message means. Each operation is one script, so that no message is ever in two places or in none, and time is the
//! server's alone. As in the embedded queue the tenants that have a message ready take turns, and within a tenant the oldest
//! comes first.
//!
//! | key | kind | holds |
//! |---|---|---|
//! | `ready` | sorted set, by name | tenant, NUL, ordinal, channel of what can be received: the first name behind a tenant's is the next tenant's oldest message |
//! | `since` | sorted set, by time | channel of what can be received, by when it became so |
//! | `due` | sorted set, by time | channel of what is hidden, by when it becomes visible |
//! | `state` | hash | channel → ordinal, receives, receipt, tenant |
//! | `body` | hash | channel → message |
//! | `dead` | stream | the last dead letters, with the reason |
//! | `turn`, `last` | string | tenant that was served last; ordinal that was given last |
//! | the tag itself | sharded topic | a word whenever something can be received sooner than it seemed |

mod keys;
mod ticket;
mod scripts;
mod queue;

pub use queue::{RedisQueue, RedisQueueConfig};

#[cfg(test)]
mod tests;
