//! One SQLite file as a durable store: many commands, one writer, one fsync.
//!
//! It owns a data directory and the databases in it: how a file is made, opened, written, read and closed. It refuses to
//! know what the tables mean. Writes go through one thread per database, which puts everything that waits into one
//! transaction: while one group is being made durable the next one gathers, so that the slower the disk is, the more
//! commands share its fsync. Nothing is answered, and nobody is woken, before that fsync has returned.

mod data_dir;
mod error;
mod schema;
mod observer;
mod command;
mod write_ahead_log;
mod group;
mod writer;
mod readers;
mod database;

pub use command::Transaction;
pub use data_dir::DataDir;
pub use database::Database;
pub use error::{OpenError, StoreError};
pub use observer::{CommitObserver, CommitOutcome, CommitStats, unobserved};
pub use schema::Schema;

#[cfg(test)]
mod tests;
