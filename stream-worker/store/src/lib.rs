#![doc = include_str!("../README.md")]

pub mod sqlite;
pub mod redis;
pub mod bodies;
pub mod journal;
pub mod queue;
#[cfg(test)]
mod runtime_clock;
#[cfg(test)]
mod time_under_test;
