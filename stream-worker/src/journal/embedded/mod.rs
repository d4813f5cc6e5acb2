//! The journal on one disk: SQLite.
//!
//! It owns the tables and every promise of the [`Journal`](super::Journal) about them. Each row that matters carries a
//! checksum over its content *and* its place, and each read checks that positions follow each other up to the head:
//! SQLite itself has neither, and a damaged row that is served is worse than one that is missed. Everything that orders
//! one change before another (the fence, the wake-ups, a watched flag's first value) happens on the database's one writer
//! thread, so that there is no second order to disagree with.

mod schema;
mod key;
mod record;
mod channel_row;
mod event_rows;
mod pending_rows;
mod lease;
mod step;
mod cursor;
mod flags;
mod retention;
mod followers;
mod controls;
mod journal;

pub use journal::{EmbeddedConfig, EmbeddedJournal};

#[cfg(test)]
mod tests;
