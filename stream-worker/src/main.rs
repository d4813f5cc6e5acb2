//! `crawlcast`: submit a crawl, watch it live.

use std::process::ExitCode;

use stream_worker::cli;

/// Packs the small, long-lived tasks of watchers closely, and gives back what they leave.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
