//! What a crawl costs when it knows very many URLs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::Row;
use crate::crawl_load::worker;
use crate::site::{LINKS, Site};

/// Pages that are measured, after the first ones.
const PAGES: u64 = 10_000;
const FIRST: u64 = 1_000;

/// Pages a second, and resident bytes, with so many URLs known.
struct Grown {
    known: u64,
    rate: f64,
    rss: u64,
}

pub(crate) async fn growth() -> anyhow::Result<Vec<Row>> {
    let (small, large) = (grown(2).await?, grown(100).await?);
    #[expect(clippy::cast_precision_loss, reason = "megabytes and millions")]
    let bytes = large.rss.saturating_sub(small.rss) as f64 / (large.known - small.known) as f64;
    let row = |grown: &Grown| {
        Row::new(
            format!("crawl that knows {} URLs", grown.known),
            format!("{:.0} pages/s, {} MiB", grown.rate, grown.rss / 1024 / 1024),
        )
    };
    let price = format!(
        "{bytes:.0} bytes, {:.2} × the pages/s",
        large.rate / small.rate
    );
    let price = Row::new("the price of each further known URL", price);
    Ok(vec![row(&small), row(&large), price])
}

async fn grown(hubs: usize) -> anyhow::Result<Grown> {
    let tasks = TaskTracker::new();
    let site = Arc::new(Site::growing(hubs)).serve(&tasks).await?;
    let directory = tempfile::tempdir()?;
    let process = worker(&directory).await?;
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
    let before = hubs as u64 + FIRST;
    fetched(&api, status, before).await?;
    let began = Instant::now();
    let (pages, known) = fetched(&api, status, before + PAGES).await?;
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let rate = (pages - before) as f64 / began.elapsed().as_secs_f64();
    anyhow::ensure!(
        known >= (hubs * LINKS) as u64,
        "only {known} URLs are known"
    );
    Ok(Grown {
        known,
        rate,
        rss: process.rss()?,
    })
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
