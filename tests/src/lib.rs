//! The words that Crawlcast's end-to-end tests are written in.
//!
//! It owns a real worker process, a scripted site, a faithful EventSource, a real nginx and a real browser, each under one
//! noun. It refuses to look inside the worker: a test sees what a user, an operator or a site's owner would see. A part
//! of the machine that is missing is a failure that says what to install, never a test that is skipped.
//!
//! Everything waits for events, with one deadline for a wait that never ends ([`eventually`], [`PATIENCE`]).

mod eventually;
mod port;
mod log;
mod worker;
mod page;
mod site;
mod hostile;
mod receiver;
mod relay;
mod program;
mod command;
mod answer;
mod api;
mod job;
mod tokens;
mod sse;
mod seen;
mod watcher;
mod crowd;
mod raw_stream;
mod rss;
mod metrics;
mod exe;
mod certificate;
mod nginx;
mod proxy;
mod proxy_conf;
mod doctor;
mod wget;
mod browser;
mod follower;
mod firecrawl;
mod moto;
mod sqs;
mod s3;
mod redis_server;
mod standby;
mod cluster;
mod compose_file;
mod template;
pub mod rust_source;
mod function;
mod local_stack;
pub mod gateway;
mod heavy;

pub use answer::Answer;
pub use api::Api;
pub use browser::Browser;
pub use cluster::{Cluster, ClusterOptions};
pub use command::{Ended, Running, Shell, files_below};
pub use compose_file::{ComposeFile, Service};
pub use crowd::Crowd;
pub use doctor::Diagnosis;
pub use eventually::{PATIENCE, eventually, lasting, within};
pub use exe::{tool, workspace};
pub use firecrawl::{Call as SdkCall, Caller, Sdk};
pub use follower::{Follower, Library};
pub use function::Function;
pub use heavy::heavy;
pub use hostile::HostileHost;
pub use job::Job;
pub use local_stack::LocalStack;
pub use metrics::Metrics;
pub use nginx::{AccessLine, Front, Nginx};
pub use page::Page;
pub use port::free_port;
pub use program::Program;
pub use proxy::{Product, Proxy, varnish_that_caches};
pub use raw_stream::{ChunkedBody, RawStream, StreamEnd};
pub use receiver::{Receiver, Told};
pub use redis_server::RedisServer;
pub use relay::Relay;
pub use rss::Rss;
pub use s3::S3;
pub use seen::{BodyEnd, End, Link, Seen};
pub use site::{Hold, Site, Visit};
pub use sqs::{Call, Fault, Sqs, Wire};
pub use sse::{Item, Parser, SseFrame};
pub use standby::Standby;
pub use template::Template;
pub use tokens::Mint;
pub use watcher::{Watcher, WatcherOptions};
pub use wget::wget2;
pub use worker::{Worker, WorkerOptions};
