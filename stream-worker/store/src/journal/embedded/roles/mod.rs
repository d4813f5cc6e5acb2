//! What each role of the journal does with the database: a command, a read, or both.

mod leases;
mod log;
mod records;
mod control;
mod webhooks;
mod upkeep;
