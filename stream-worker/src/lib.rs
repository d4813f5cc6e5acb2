#![doc = include_str!("../README.md")]

mod job;
pub mod tenant;
mod webhook;
pub mod channel;
pub mod connection;
pub mod health;
pub mod http;
pub mod page;
mod demo;
mod export;
pub mod firecrawl;
mod archive;
mod doctor;
pub mod config;
pub mod telemetry;
mod drain;
pub mod app;
pub mod cli;

#[cfg(test)]
mod runtime_clock;
