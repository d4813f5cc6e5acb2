//! Measures the cost of watchers, and the time until an event is with them.

use std::time::{Duration, Instant};

use e2e::RedisServer;
use tokio::io::AsyncReadExt;

use crate::Row;
use crate::child::Process;
use crate::journal_load::info;
use crate::watchers::{Crowd, connect, request};

/// Events of a measurement.
const EVENTS: u64 = 300;

async fn server(directory: &tempfile::TempDir) -> anyhow::Result<Process> {
    let path = directory.path().to_str().unwrap_or_default();
    Process::role(&["server", path]).await
}

/// Time that an allocator may take to give memory back.
const SETTLING: Duration = Duration::from_secs(5);

/// Measurements of each, ours and the peer's in turn; the middle one counts.
const ROUNDS: usize = 3;

struct Published {
    latency: (f64, f64),
    /// Microseconds of CPU time for each delivery.
    micros: f64,
}

/// Ours and the peer's figures at `watchers` and `per_second`, by the middle of what `key` says.
async fn side_by_side(
    watchers: usize,
    per_second: u32,
    key: impl Fn(&Published) -> f64,
) -> anyhow::Result<(Published, Published)> {
    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let directory = tempfile::tempdir()?;
        ours.push(publish(&mut server(&directory).await?, watchers, per_second).await?);
        peers.push(publish(&mut Process::role(&["peer"]).await?, watchers, per_second).await?);
    }
    Ok((middle(ours, &key), middle(peers, &key)))
}

/// The one in the middle, by what `key` says.
fn middle(mut all: Vec<Published>, key: &impl Fn(&Published) -> f64) -> Published {
    all.sort_by(|left, right| key(left).total_cmp(&key(right)));
    all.swap_remove(ROUNDS / 2)
}

async fn publish(
    process: &mut Process,
    watchers: usize,
    per_second: u32,
) -> anyhow::Result<Published> {
    let crowd = Crowd::connect(process.address, watchers).await?;
    let deliveries = EVENTS * crowd.len() as u64;
    let before = process.cpu()?;
    process
        .ask(&format!("publish {EVENTS} {per_second}"))
        .await?;
    crowd.receive(deliveries).await;
    let cpu = process.cpu()? - before;
    #[expect(
        clippy::cast_precision_loss,
        reason = "some hundred thousand deliveries"
    )]
    let micros = cpu.as_secs_f64() * 1e6 / deliveries as f64;
    Ok(Published {
        latency: crowd.quantiles(),
        micros,
    })
}

/// From before the commit to the watcher's socket.
pub(crate) async fn latency() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for watchers in [1, 100, 1_000] {
        let (ours, peer) = side_by_side(watchers, 30, |published| published.latency.1).await?;
        let spell = |(p50, p99): (f64, f64)| format!("{p50:.1} / {p99:.1} ms");
        let what = format!("commit → received, p50 / p99, {watchers} watchers, 30 events/s");
        rows.push(
            Row::new(what, spell(ours.latency))
                .beside(format!("{}, nothing durable", spell(peer.latency))),
        );
    }
    Ok(rows)
}

/// Deliveries per second of CPU time, at an easy pace and saturated.
pub(crate) async fn fan_out() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for per_second in [30, 300] {
        let (ours, peer) = side_by_side(1_000, per_second, |published| published.micros).await?;
        let spell = |published: &Published| {
            format!(
                "{:.0} deliveries per CPU-second ({:.1} µs each)",
                1e6 / published.micros,
                published.micros
            )
        };
        let what = format!("fan-out, 1,000 watchers, {per_second} events/s of 200 bytes");
        let ratio = ours.micros / peer.micros;
        rows.push(Row::new(what, format!("{}, {ratio:.2} ×", spell(&ours))).beside(spell(&peer)));
    }
    Ok(rows)
}

/// A journal in a Redis that syncs before it answers, beside one on disk; in turn.
pub(crate) async fn redis() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (watchers, per_second) in [(1, 30), (1_000, 30), (1_000, 300)] {
        let (mut there, mut here) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (directory, redis) = (tempfile::tempdir()?, RedisServer::start().await);
            let path = directory.path().to_str().unwrap_or_default();
            let mut process = Process::role(&["server", path, &redis.url()]).await?;
            there.push(publish(&mut process, watchers, per_second).await?);
            let directory = tempfile::tempdir()?;
            here.push(publish(&mut server(&directory).await?, watchers, per_second).await?);
        }
        let p99 = |published: &Published| published.latency.1;
        let (there, here) = (middle(there, &p99), middle(here, &p99));
        let spell = |Published { latency, micros }: &Published| {
            let (p50, p99) = latency;
            format!("{p50:.1} / {p99:.1} ms, {micros:.1} µs of CPU a delivery")
        };
        let what = format!(
            "journal in Redis: commit → received, p50 / p99, {watchers} watchers, {per_second} events/s"
        );
        rows.push(Row::new(what, spell(&there)).beside(format!("on disk: {}", spell(&here))));
    }
    rows.push(redis_connections().await?);
    Ok(rows)
}

/// Connections that a worker keeps to its Redis, however many watch.
async fn redis_connections() -> anyhow::Result<Row> {
    let (directory, redis) = (tempfile::tempdir()?, RedisServer::start().await);
    let path = directory.path().to_str().unwrap_or_default();
    let process = Process::role(&["server", path, &redis.url()]).await?;
    let few = Crowd::connect(process.address, 10).await?;
    let with_few = info(&redis, "clients", "connected_clients").await?;
    let many = Crowd::connect(process.address, 10_000 - few.len()).await?;
    let with_many = info(&redis, "clients", "connected_clients").await?;
    let watchers = few.len() + many.len();
    // One of them asks this.
    let (with_few, with_many) = (with_few - 1.0, with_many - 1.0);
    Ok(Row::new(
        format!("journal in Redis: connections to it, 10 / {watchers} watchers"),
        format!("{with_few} / {with_many}"),
    ))
}

/// Memory of watchers that wait.
pub(crate) async fn idle() -> anyhow::Result<Vec<Row>> {
    const WATCHERS: usize = 10_000;
    let directory = tempfile::tempdir()?;
    let ours = rss_each(&server(&directory).await?, WATCHERS).await?;
    let peer = rss_each(&Process::role(&["peer"]).await?, WATCHERS).await?;
    Ok(vec![
        Row::new(
            format!("resident memory of each idle watcher, {WATCHERS} of them"),
            format!("{ours:.2} KB"),
        )
        .beside(format!("{peer:.2} KB")),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "some gigabytes at most")]
async fn rss_each(process: &Process, watchers: usize) -> anyhow::Result<f64> {
    // What the first few watchers make the process allocate once is not theirs.
    drop(Crowd::connect(process.address, 10).await?);
    let before = process.rss()?;
    let crowd = Crowd::connect(process.address, watchers).await?;
    // What only the arrivals needed goes back to the system within seconds.
    let mut least = u64::MAX;
    let mut look = tokio::time::interval(SETTLING / 10);
    for _ in 0..10 {
        look.tick().await;
        least = least.min(process.rss()?);
    }
    let grown = least.saturating_sub(before);
    Ok(grown as f64 / 1024.0 / crowd.len() as f64)
}

/// A newcomer reads a long log.
pub(crate) async fn replay() -> anyhow::Result<Vec<Row>> {
    const LOG: u64 = 100_000;
    let directory = tempfile::tempdir()?;
    let mut process = server(&directory).await?;
    process.ask(&format!("fill {LOG}")).await?;
    let request = request()?;
    let before = process.rss()?;
    let began = Instant::now();
    let mut socket = connect(process.address, &request).await?;
    // The last frame, and the end of its chunk.
    let last = format!("id:1-{}\n\n\r\n", LOG + 1);
    let mut tail = Vec::new();
    let (mut total, mut chunk) = (0, vec![0; 256 * 1024]);
    while !tail.ends_with(last.as_bytes()) {
        let length = socket.read(&mut chunk).await?;
        anyhow::ensure!(length > 0, "the stream ended after {total} bytes");
        total += length;
        tail.extend_from_slice(&chunk[..length]);
        tail.drain(..tail.len().saturating_sub(64));
    }
    let seconds = began.elapsed().as_secs_f64();
    let grown = process.rss()?.saturating_sub(before) / 1024 / 1024;
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let speed = total as f64 / 1e6 / seconds;
    Ok(vec![Row::new(
        format!("full replay of {LOG} events to one watcher"),
        format!(
            "{speed:.0} MB/s, {:.0} events/s, memory +{grown} MiB",
            1e5 / seconds
        ),
    )])
}
