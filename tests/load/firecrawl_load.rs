//! CPU time and memory that Firecrawl's clients cost: they ask for a job's status every two seconds, and each time for all of its documents.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::TaskTracker;

use crate::Row;
use crate::child::Process;
use crate::crawl_load::worker;
use crate::site::Site;

const PAGES: usize = 10_000;
/// The pause of the clients between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// Questions at the least; the crawl may be over before.
const QUESTIONS: usize = 10;

pub(crate) async fn status() -> anyhow::Result<Vec<Row>> {
    let tasks = TaskTracker::new();
    let site = Arc::new(Site::generated(PAGES)).serve(&tasks).await?;
    let directory = tempfile::tempdir()?;
    let process = worker(&directory).await?;
    let api = reqwest::Client::builder().no_proxy().build()?;
    let request = serde_json::json!({
        "url": format!("http://{site}/"), "limit": PAGES, "maxDiscoveryDepth": 1000, "sitemap": "skip",
    });
    let crawl = format!("http://{}/v2/crawl", process.address);
    let answer = api.post(&crawl).json(&request).send().await?;
    let started: Value = answer.error_for_status()?.json().await?;
    let status = format!("{crawl}/{}", started["id"].as_str().context("no id")?);

    let (mut while_running, mut afterwards) = (Vec::new(), Vec::new());
    let (mut rss, mut length) = (None, 0);
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while afterwards.len() < QUESTIONS {
        ticks.tick().await;
        let (page, took) = ask(&api, &status).await?;
        if page["status"] == "scraping" {
            while_running.push(took);
        } else {
            rss = rss.or(Some(process.rss()?));
            length = page["data"].as_array().map_or(0, Vec::len);
            afterwards.push(took);
        }
    }
    let first_page = format!(
        "{length} documents: while it runs {}, afterwards {}; memory {:+} KiB",
        spread(&mut while_running),
        spread(&mut afterwards),
        grown(&process, rss.context("it has ended")?)? / 1024,
    );

    let before = process.rss()?;
    let (mut next, mut times, mut documents) = (Some(status), Vec::new(), 0);
    while let Some(url) = next {
        let (page, took) = ask(&api, &url).await?;
        times.push(took);
        documents += page["data"].as_array().map_or(0, Vec::len);
        next = page["next"].as_str().map(str::to_owned);
    }
    anyhow::ensure!(documents == PAGES, "{documents} of {PAGES} documents");
    let whole: Duration = times.iter().sum();
    let all = format!(
        "{:.0} ms, a page {}; memory {:+} KiB",
        whole.as_secs_f64() * 1e3,
        spread(&mut times),
        grown(&process, before)? / 1024,
    );
    Ok(vec![
        Row::new(
            "Firecrawl's status of a crawl of 10000 pages every 2 s, its first page",
            first_page,
        ),
        Row::new(
            "the same with all its documents, Markdown of 14 KB pages",
            all,
        ),
    ])
}

/// One page of the status, whole, and how long it took.
async fn ask(api: &reqwest::Client, url: &str) -> anyhow::Result<(Value, Duration)> {
    let began = Instant::now();
    let answer = api.get(url).send().await?.error_for_status()?;
    let body = answer.bytes().await?;
    let took = began.elapsed();
    Ok((serde_json::from_slice(&body)?, took))
}

fn grown(process: &Process, before: u64) -> anyhow::Result<i64> {
    Ok(i64::try_from(process.rss()?)? - i64::try_from(before)?)
}

/// Median and longest of these.
fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let millis = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let median = millis(times.get(times.len() / 2));
    format!(
        "{median:.1} / {:.1} ms (p50 / longest of {})",
        millis(times.last()),
        times.len()
    )
}
