//! Measures the cost of a crawled page, with its event durable, and how many submissions a second become durable.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use futures_util::{StreamExt, stream};
use tokio::process::Command;
use tokio_util::task::TaskTracker;

use crate::Row;
use crate::child::Process;
use crate::site::Site;

const PAGES: usize = 10_000;
const SUBMISSIONS: usize = 10_000;

pub(crate) async fn crawl() -> anyhow::Result<Vec<Row>> {
    let tasks = TaskTracker::new();
    let site = Arc::new(Site::generated(PAGES)).serve(&tasks).await?;
    let directory = tempfile::tempdir()?;
    let process = worker(&directory).await?;
    let api = reqwest::Client::builder().no_proxy().build()?;
    let submit = format!("http://{}/v1/crawls", process.address);
    let request = serde_json::json!({
        "url": format!("http://{site}/"),
        "limit": PAGES,
        "maxDiscoveryDepth": 1000,
        "maxConcurrency": 16,
        "maxConcurrencyPerHost": 16,
        "sitemap": "skip",
    });
    let (before, began) = (process.cpu()?, Instant::now());
    let accepted: serde_json::Value = api
        .post(&submit)
        .json(&request)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let events = accepted["eventsUrl"].as_str().context("no eventsUrl")?;
    let mut body = api.get(events).send().await?.bytes_stream();
    // The stream ends with the job.
    while body.next().await.transpose()?.is_some() {}
    let (seconds, cpu, rss) = (
        began.elapsed().as_secs_f64(),
        process.cpu()? - before,
        process.rss()? / 1024 / 1024,
    );
    let status: serde_json::Value = api
        .get(accepted["statusUrl"].as_str().context("no statusUrl")?)
        .send()
        .await?
        .json()
        .await?;
    let fetched = status["counts"]["fetched"].as_f64().context("no counts")?;
    let crawl = Row::new(
        format!("crawl of {fetched} pages of 14 KB, journal and one watcher included"),
        format!(
            "{:.0} pages per CPU-second ({:.2} ms each), {:.0} pages/s, {rss} MiB",
            fetched / cpu.as_secs_f64(),
            cpu.as_secs_f64() * 1e3 / fetched,
            fetched / seconds
        ),
    );
    Ok(vec![crawl, submissions(&api, &submit).await?])
}

async fn submissions(api: &reqwest::Client, submit: &str) -> anyhow::Result<Row> {
    // Port 1 refuses: each job is over as soon as it is taken.
    let request = serde_json::json!({ "url": "http://127.0.0.1:1/", "limit": 1, "retries": 0, "sitemap": "skip" });
    let began = Instant::now();
    let answers = stream::iter(0..SUBMISSIONS)
        .map(|_| api.post(submit).json(&request).send())
        .buffer_unordered(256);
    let accepted = answers
        .filter(|answer| {
            std::future::ready(answer.as_ref().is_ok_and(|answer| answer.status() == 202))
        })
        .count()
        .await;
    anyhow::ensure!(
        accepted == SUBMISSIONS,
        "only {accepted} of {SUBMISSIONS} were accepted"
    );
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let rate = SUBMISSIONS as f64 / began.elapsed().as_secs_f64();
    Ok(Row::new(
        "submissions, each durable before its 202, while jobs run",
        format!("{rate:.0} /s"),
    ))
}

pub(crate) async fn worker(directory: &tempfile::TempDir) -> anyhow::Result<Process> {
    let mut command = Command::new(binary()?);
    command
        .arg("serve")
        .args([
            "--listen",
            "127.0.0.1:0",
            "--allow-nets",
            "127.0.0.0/8",
            "--log",
            "warn",
            "--data-dir",
        ])
        .arg(directory.path());
    Process::start(command).await
}

/// The worker's binary, beside this program's directory.
fn binary() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let profile = this
        .parent()
        .and_then(std::path::Path::parent)
        .context("this program is in no target directory")?;
    let binary = profile.join("crawlcast");
    anyhow::ensure!(
        binary.exists(),
        "{} is missing: build it with `cargo build --release`",
        binary.display()
    );
    Ok(binary)
}
