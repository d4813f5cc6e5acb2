//! The journal in Redis, for many workers.
//!
//! It owns the keys of channels and every promise of the [`Journal`](super::Journal) about them. One record, one log and one set
//! of waiting URLs for each channel are changed by scripts alone, each of which checks who writes and where; what is
//! published afterwards says only that there is something. Each read proves its cursor, so that a log whose tail was lost by a
//! failover is never taken for the one that was read before. It refuses to know how connections are made.

mod keys;
mod expiry;
mod scripts;
mod answer;
mod spans;
mod block;
mod bodies;
mod record;
mod server;
mod observer;
mod inner;
mod held;
mod lease;
mod step;
mod showing;
mod pending;
mod rows;
mod shelf;
mod log;
mod snapshot;
mod pages;
mod usage;
mod flags;
mod attended;
mod controls;
mod gates;
mod gating;
mod outbox;
mod followers;
mod topics;
mod tuning;
mod pump;
mod hearing;
mod healing;
mod journal;
mod roles;

pub use inner::RedisJournalConfig;
pub use journal::RedisJournal;
pub use observer::{RedisMeasurement, RedisObserver};

#[cfg(test)]
mod tests;
