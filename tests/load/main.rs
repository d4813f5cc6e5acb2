//! Measures the cost and the speed of the worker: one table, as in `tests/load/README.md`.
//!
//! Every figure is of real parts: a server in a process of its own on loopback, a journal on disk with its fsyncs, clients
//! on real sockets. `server` and `peer` are the processes under test; both are this program, started again, as is `site`,
//! which crawlers are compared on.
//!
//! The peer is the plainest broadcast server that hyper allows: no journal, no cursors, one channel per process. It shows
//! what of the cost is ours.

mod child;
mod peer;
mod server;
mod site;
mod watchers;
mod journal_load;
mod stream_load;
mod crawl_load;
mod growth_load;
mod firecrawl_load;

use std::path::Path;

/// The worker's allocator, for the peer as well.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// One line of the table.
struct Row {
    what: String,
    ours: String,
    peer: String,
}

impl Row {
    fn new(what: impl Into<String>, ours: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ours: ours.into(),
            peer: "–".to_owned(),
        }
    }

    fn beside(mut self, peer: impl Into<String>) -> Self {
        self.peer = peer.into();
        self
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = stream_worker::app::runtime()?;
    match arguments.first().map(String::as_str) {
        Some("server") => runtime.block_on(server::run(
            Path::new(&arguments[1]),
            arguments.get(2).map(String::as_str),
        )),
        Some("site") => runtime.block_on(site::run(&arguments[1])),
        Some("peer") => runtime.block_on(peer::run()),
        _ => runtime.block_on(measure(&arguments)),
    }
}

/// Measures everything, or what is named: `journal`, `latency`, `fan-out`, `redis`, `idle`, `replay`, `crawl`,
/// `growth`, `firecrawl`.
async fn measure(named: &[String]) -> anyhow::Result<()> {
    let wanted = |part: &str| {
        named.iter().all(|name| name.starts_with('-')) || named.iter().any(|name| name == part)
    };
    let mut rows = Vec::new();
    if wanted("journal") {
        rows.extend(journal_load::commits().await?);
    }
    if wanted("latency") {
        rows.extend(stream_load::latency().await?);
    }
    if wanted("fan-out") {
        rows.extend(stream_load::fan_out().await?);
    }
    if wanted("redis") {
        rows.extend(stream_load::redis().await?);
    }
    if wanted("idle") {
        rows.extend(stream_load::idle().await?);
    }
    if wanted("replay") {
        rows.extend(stream_load::replay().await?);
    }
    if wanted("crawl") {
        rows.extend(crawl_load::crawl().await?);
    }
    if wanted("growth") {
        rows.extend(growth_load::growth().await?);
    }
    if wanted("firecrawl") {
        rows.extend(firecrawl_load::status().await?);
    }
    print(&rows);
    Ok(())
}

fn print(rows: &[Row]) {
    println!("\n| what | Crawlcast | bare hyper broadcast |\n|---|---:|---:|");
    for Row { what, ours, peer } in rows {
        println!("| {what} | {ours} | {peer} |");
    }
}
