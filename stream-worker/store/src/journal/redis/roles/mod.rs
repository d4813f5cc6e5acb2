//! The journal's roles. Each call is one story of the parts around.

mod control;
mod leases;
mod log;
mod records;
mod upkeep;
mod webhooks;
