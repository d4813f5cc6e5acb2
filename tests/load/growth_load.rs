//! Measures crawls that know very many URLs: speed, memory, disk, and the time until they go on after a kill.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::task::TaskTracker;

use crate::Row;
use crate::child::Process;
use crate::crawl_load::worker;
use crate::site::{LINKS, Site};

/// Pages that are measured, after the first ones.
const PAGES: u64 = 10_000;
const FIRST: u64 = 1_000;
/// The largest job's hubs: ten million URLs.
const HUBS: usize = 1_000;
/// A measurement that takes longer is broken off, with what it has on disk.
const PATIENCE: Duration = Duration::from_secs(170);

/// One crawl that knows so many URLs.
struct Grown {
    known: u64,
    /// Pages a second.
    rate: f64,
    /// Processor time of the worker a page.
    cpu: Duration,
    rss: u64,
    /// Bytes of its data directory.
    disk: u64,
    /// From the start of another worker on what the first one left to the next page that is fetched.
    resumed: Duration,
}

pub(crate) async fn growth() -> anyhow::Result<Vec<Row>> {
    let small = grown(1).await?;
    let mut rows = vec![row(&small)];
    for hubs in [HUBS / 10, HUBS] {
        let large = grown(hubs).await?;
        rows.extend([row(&large), price(&small, &large)]);
    }
    Ok(rows)
}

fn row(grown: &Grown) -> Row {
    let mib = |bytes| bytes / 1024 / 1024;
    Row::new(
        format!("crawl that knows {} URLs", grown.known),
        format!(
            "{:.0} pages/s ({:.3} ms each), {} MiB, {} MiB on disk, goes on {:.1} s after a kill",
            grown.rate,
            grown.cpu.as_secs_f64() * 1e3,
            mib(grown.rss),
            mib(grown.disk),
            grown.resumed.as_secs_f64(),
        ),
    )
}

#[expect(clippy::cast_precision_loss, reason = "megabytes and millions")]
fn price(small: &Grown, large: &Grown) -> Row {
    let bytes = large.rss.saturating_sub(small.rss) as f64 / (large.known - small.known) as f64;
    Row::new(
        "the price of each further known URL",
        format!(
            "{bytes:.0} bytes, {:.2} × the pages/s",
            large.rate / small.rate
        ),
    )
}

/// Grows a crawl and measures it. What it has on disk goes with it, also if it takes too long.
async fn grown(hubs: usize) -> anyhow::Result<Grown> {
    let directory = tempfile::tempdir()?;
    tokio::time::timeout(PATIENCE, measure(hubs, &directory))
        .await
        .with_context(|| format!("{hubs} × {LINKS} URLs took too long"))?
}

async fn measure(hubs: usize, directory: &TempDir) -> anyhow::Result<Grown> {
    let tasks = TaskTracker::new();
    let site = Arc::new(Site::growing(hubs)).serve(&tasks).await?;
    let process = worker(directory).await?;
    let api = reqwest::Client::builder().no_proxy().build()?;
    let request = serde_json::json!({
        "url": format!("http://{site}/"), "limit": 1_000_000, "maxConcurrency": 16, "maxConcurrencyPerHost": 16,
        "sitemap": "skip", "deduplicateContent": false,
    });
    let submit = format!("http://{}/v1/crawls", process.address);
    let accepted: Value = api
        .post(&submit)
        .json(&request)
        .send()
        .await?
        .json()
        .await?;
    let status = accepted["statusUrl"].as_str().context("no statusUrl")?;
    // A small site has fewer leaves than are measured of a large one.
    let before = hubs as u64 + FIRST;
    fetched(&api, status, before).await?;
    let (began, cpu) = (Instant::now(), process.cpu()?);
    let wanted = PAGES.min((hubs * LINKS) as u64 - 2 * FIRST);
    let (pages, known) = fetched(&api, status, before + wanted).await?;
    let pages = pages - before;
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let rate = pages as f64 / began.elapsed().as_secs_f64();
    anyhow::ensure!(
        known >= (hubs * LINKS) as u64,
        "only {known} URLs are known"
    );
    let cpu = (process.cpu()? - cpu) / u32::try_from(pages)?;
    let rss = process.rss()?;
    let disk = size(directory.path())?;
    let resumed = resumed(process, directory, &api, status).await?;
    Ok(Grown {
        known,
        rate,
        cpu,
        rss,
        disk,
        resumed,
    })
}

/// Kills the worker, and tells how long another one takes from its start to the next page.
async fn resumed(
    mut process: Process,
    directory: &TempDir,
    api: &reqwest::Client,
    status: &str,
) -> anyhow::Result<Duration> {
    let old = format!("http://{}/", process.address);
    process.kill().await?;
    let began = Instant::now();
    let process = worker(directory).await?;
    let status = status.replacen(&old, &format!("http://{}/", process.address), 1);
    let answer: Value = api.get(&status).send().await?.json().await?;
    let before = answer["counts"]["fetched"].as_u64().context("no counts")?;
    fetched(api, &status, before + 1).await?;
    Ok(began.elapsed())
}

fn size(directory: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for file in std::fs::read_dir(directory)? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes)
}

/// Waits until so many pages are fetched; answers how many are, and how many URLs are known.
async fn fetched(api: &reqwest::Client, status: &str, wanted: u64) -> anyhow::Result<(u64, u64)> {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    loop {
        ticks.tick().await;
        let status: Value = api.get(status).send().await?.json().await?;
        let count = |name: &str| status["counts"][name].as_u64().context("no counts");
        if count("fetched")? >= wanted {
            return Ok((count("fetched")?, count("discovered")?));
        }
        anyhow::ensure!(status["state"] != "done", "it ended too soon: {status}");
    }
}
