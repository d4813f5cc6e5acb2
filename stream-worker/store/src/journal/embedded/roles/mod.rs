//! The roles of the journal, each a file: every method is one command or one read of the database.

mod leases;
mod log;
mod records;
mod control;
mod webhooks;
mod upkeep;
