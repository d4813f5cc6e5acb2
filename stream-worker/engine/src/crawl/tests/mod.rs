//! Whole crawls of sites that exist in a test only, in paused time.

mod site;
mod recorder;
mod flow;
mod directives;
mod redirects;
mod session;
mod urls;
mod notices;
mod hosts;
mod pauses;
mod sitemaps;
mod attempts;
mod backlog;
mod contents;
mod outage;
mod earlier;

use std::sync::Arc;

use serde_json::{Value, json};
use shared::{CrawlRequest, Timestamp};
use tokio_util::sync::CancellationToken;

use self::recorder::Recorder;
use self::site::{Script, Site};
use super::{
    Checkpoint, Conversions, CrawlJob, Crawled, Earlier, Ending, Interrupt, PageMemory, crawl,
};

const HOME: &str = "https://a.example/";
/// Bytes. Small, so that every test that keeps pages whole is one of the budget too.
const PAGE_MEMORY: usize = 64;
const STARTED: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A request for [`HOME`] without sitemaps and for pages that may be alike, and with what `more` says.
fn request(more: &Value) -> Arc<CrawlRequest> {
    let mut body = json!({"url": HOME, "sitemap": "skip", "deduplicateContent": false});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    if more.get("urls").is_some() {
        body.as_object_mut().unwrap().remove("url");
    }
    Arc::new(CrawlRequest::from_value(body).unwrap())
}

fn job(request: Arc<CrawlRequest>, checkpoint: Checkpoint) -> CrawlJob {
    let clock = crate::runtime_clock::runtime_clock();
    CrawlJob {
        request,
        checkpoint,
        earlier: None,
        started_at: clock.now(),
        clock,
        agent: "crawlcast".to_owned(),
        conversions: Conversions::default(),
        page_memory: PageMemory::new(PAGE_MEMORY),
        // Small, so that every test is one of the backlog too.
        window: 3,
    }
}

/// Crawls `site` to the end.
async fn crawled(site: &Site, more: Value) -> (Recorder, Crawled) {
    let mut recorder = Recorder::default();
    let job = job(request(&more), Checkpoint::fresh(7, STARTED));
    let fetcher = Arc::new(site.clone());
    let crawled = crawl(job, fetcher, &mut recorder, CancellationToken::new()).await;
    assert_eq!(crawled.counts, recorder.counts().at_rest());
    (recorder, crawled)
}

/// As [`crawled`], for a crawl that ends with nothing left.
async fn complete(site: &Site, more: Value) -> Recorder {
    let (recorder, crawled) = crawled(site, more).await;
    assert_eq!(crawled.ended, Ok(Ending::Complete));
    assert_eq!(crawled.counts.finished(), crawled.counts.discovered);
    recorder
}
