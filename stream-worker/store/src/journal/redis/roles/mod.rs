//! The roles of the journal in Redis, each a file: every method hands its call to the part that does the work.

mod control;
mod leases;
mod log;
mod records;
mod upkeep;
mod webhooks;
