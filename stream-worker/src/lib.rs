#![doc = include_str!("../README.md")]

pub mod clock;
pub mod sqlite;
pub mod queue;
pub mod job;
pub mod crawl;
pub mod fetch;
pub mod extract;
pub mod journal;
pub mod channel;
pub mod connection;
pub mod http;
pub mod page;
pub mod config;
