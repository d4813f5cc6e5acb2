#![doc = include_str!("../README.md")]

pub mod crawl;
pub mod fetch;
mod extract;
#[cfg(test)]
mod runtime_clock;
