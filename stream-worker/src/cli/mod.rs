//! The command line: for people and for scripts.
//!
//! It owns the commands, one file each, what they print and how they exit. Data goes to stdout, all that is for the eye to
//! stderr. It refuses to know how a crawl runs or how a worker streams: it starts the one and follows the other.

mod command_line;
mod exit;
mod words;
mod terminal;
mod input;
mod runtime;
mod told;
mod request_options;
mod fetching_options;
mod output_options;
mod output;
mod journal_feed;
mod summary;
mod screen;
mod session;
mod plan;
mod own_nets;
mod crawl;
mod server;
mod channel_ref;
mod channel_options;
mod stream_feed;
mod submit;
mod watch;
mod status;
mod results;
mod order;
mod doctor;
mod serve;
mod completions;
mod man;

pub use command_line::run;
