//! A site that is crawled again.

use shared::event::NoticeCode;

use super::*;

const OLD: &str = "https://a.example/old";
const NEW: &str = "https://a.example/new";
const ORPHAN: &str = "https://a.example/orphan";

fn versioned(tag: &str, body: &str) -> Script {
    Script::html(body)
        .with("etag", tag)
        .with("last-modified", "Fri, 15 Jan 2027 08:00:30 GMT")
}

/// An earlier crawl of a site.
async fn earlier() -> Earlier {
    let site = Site::default()
        .scripted(
            HOME,
            [versioned(
                "\"h1\"",
                "<title>Home</title><a href=/old><a href=/orphan>",
            )],
        )
        .scripted(OLD, [versioned("\"o1\"", "<title>Old</title>")])
        .page(ORPHAN, &[]);
    let recorder = complete(&site, json!({})).await;
    let mut earlier = Earlier::default();
    for event in recorder.events() {
        assert!(earlier.replay(event.clone()));
    }
    earlier
}

async fn again(site: &Site, earlier: Earlier) -> Recorder {
    let mut job = job(request(&json!({})), Checkpoint::fresh(8, STARTED));
    job.earlier = Some(earlier);
    let mut recorder = Recorder::default();
    let fetcher = Arc::new(site.clone());
    let crawled = crawl(job, fetcher, &mut recorder, CancellationToken::new()).await;
    assert_eq!(crawled.ended, Ok(Ending::Complete));
    recorder
}

#[tokio::test(start_paused = true)]
async fn pages_are_asked_for_only_if_they_have_changed() {
    let site = Site::default()
        .scripted(HOME, [versioned("\"h2\"", "<a href=/old><a href=/new>")])
        .scripted(OLD, [Script::status(304)])
        .page(NEW, &[])
        .page(ORPHAN, &[]);
    let recorder = again(&site, earlier().await).await;
    assert_eq!(recorder.outcome(HOME), "200");
    assert_eq!(recorder.fetched(HOME).etag.as_deref(), Some("\"h2\""));
    let old = recorder.fetched(OLD);
    assert_eq!((old.status, old.not_modified), (304, true));
    assert_eq!(
        (old.title.as_deref(), old.etag.as_deref()),
        (Some("Old"), Some("\"o1\""))
    );
    assert_eq!(recorder.outcome(NEW), "200", "what is new is found");
    assert_eq!(
        recorder.outcome(ORPHAN),
        "200",
        "what no link leads to any more is looked at"
    );
    assert_eq!(site.unless(HOME).etag.as_deref(), Some("\"h1\""));
    assert_eq!(
        site.unless(OLD).last_modified.as_deref(),
        Some("Fri, 15 Jan 2027 08:00:30 GMT")
    );
    assert!(site.unless(NEW).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_crawl_is_told_of_and_all_is_fetched() {
    let site = Site::default().page(HOME, &["/old"]).page(OLD, &[]);
    let recorder = again(&site, Earlier::default()).await;
    assert_eq!(recorder.notices(), [NoticeCode::SinceUnknown]);
    assert_eq!(recorder.counts().fetched, 2);
}
