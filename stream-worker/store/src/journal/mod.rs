//! The durable record of a job, and the one place where the write side and the read side meet.
//!
//! It owns a job's numbered events, its pending URLs, its lease and its control flags. It refuses to know what a URL
//! means or who watches: frames and URLs are bytes to it. Everything that a [`Journal`] reports as done is durable, and
//! nothing is visible to a reader before it is durable.
//!
//! A journal has six roles, each a trait in a file of its own beside the types that it speaks in. A part asks for the role
//! that it uses, so that its needs can be read from its fields.

mod error;
mod lease;
mod log;
mod record;
mod control;
mod webhook;
mod upkeep;
mod log_writer;
mod log_reader;
mod embedded;
mod redis;
#[cfg(test)]
mod suite;

pub use control::{CancelReason, Control, GateRequest, JobControl};
pub use embedded::{EmbeddedConfig, EmbeddedJournal};
pub use error::JournalError;
pub use lease::{Acquired, Checkpoint, JobLeases, Lease};
pub use log::{
    Advance, Cursor, Digest, Entry, FollowGuard, JobLog, Ordinal, Page, Pending, Room, Step,
    Stored, Tail,
};
pub use log_reader::LogReader;
pub use log_writer::{Changes, LogWriter};
pub use record::{JobRecords, ListedJob, Snapshot, TenantJobs, Usage};
pub use redis::{RedisJournal, RedisJournalConfig, RedisMeasurement, RedisObserver};
pub use upkeep::Upkeep;
pub use webhook::{PostResult, WEBHOOK_CLAIM, WebhookClaim, WebhookCursor, WebhookOutbox};

/// The durable record of jobs, in all its roles. Implementations share one behaviour suite.
pub trait Journal: JobLeases + JobLog + JobRecords + JobControl + WebhookOutbox + Upkeep {}

impl<T> Journal for T where T: JobLeases + JobLog + JobRecords + JobControl + WebhookOutbox + Upkeep {}
