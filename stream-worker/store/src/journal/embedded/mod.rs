//! The journal on one disk: SQLite.
//!
//! It owns the tables and every promise of the [`Journal`](super::Journal) about them. Each row that matters carries a
//! checksum over its content *and* its place, and each read checks that positions follow each other up to the head:
//! SQLite itself has neither, and a damaged row that is served is worse than one that is missed. Everything that orders
//! one change before another (the fence, the wake-ups, a watched flag's first value) happens on the database's one writer
//! thread, so that there is no second order to disagree with.
//!
//! **2026-11-23, rows by a number of their own.** A job's events must lie together to be replayed and deleted fast, and be
//! appended fast. Measured, a table clustered by (channel, position) reads four times faster than plain rows with an index
//! and appends three times slower, and its rows beyond a kilobyte spill into pages of their own. So the channel's number
//! and the position are put into one row ID: clustered, without an index, and with room for four kilobytes in a page.
//! The price is 2³¹ events per job and 2³² jobs per file. Revisit when either comes near.

mod schema;
mod key;
mod record;
mod channel_row;
mod event_rows;
mod digest_rows;
mod pending_rows;
mod lease;
mod claims;
mod outbox;
mod step;
mod cursor;
mod flags;
mod usage_rows;
mod retention;
mod followers;
mod controls;
mod attendance;
mod journal;
mod roles;

pub use journal::{EmbeddedConfig, EmbeddedJournal};

#[cfg(test)]
mod tests;
