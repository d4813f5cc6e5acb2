//! `kill -9` in mid-crawl, again and again: one log, each page once.

use e2e::{End, Site, Worker, heavy};
use serde_json::json;

const PAGES: usize = 400;
const CRASHES: usize = 10;

#[tokio::test]
async fn ten_crashes_at_random_moments_lose_and_repeat_nothing() {
    let _alone = heavy().await;
    let (mut worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "delayMs": 5 }))
        .await;
    // One EventSource for all of it: it comes back by itself, with its own cursor.
    let mut watcher = job.watch_with().hurried().open();

    for crash in 0..CRASHES {
        let chance = usize::from(uuid::Uuid::new_v4().as_bytes()[0] % 20);
        if crash % 2 == 0 {
            let events = watcher.seen().events().count();
            watcher.until_events(events + 3 + chance).await;
        } else {
            // Measured at the other end: the kill may fall before, in or after the commit of what was fetched.
            site.visited(site.visits().len() + 3 + chance).await;
        }
        worker.kill().await;
        worker.restart().await;
    }
    let seen = watcher.until_end().await;

    let done = seen.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
    assert_eq!(seen.pages().len(), PAGES);
    assert_eq!(seen.end, Some(End::NoContent));
    assert!(
        !seen.has("reset"),
        "nothing that was seen was taken back: {}",
        seen.tell()
    );
    assert!(seen.named("resumed").count() >= 1);
    let last = seen.named("resumed").last().unwrap();
    assert_eq!(last.json()["attempt"], last.attempt());
    // Nothing is left behind: the message is deleted, the worker takes new jobs.
    worker
        .api()
        .submit(json!({ "url": site.url("/page/399") , "maxDiscoveryDepth": 0 }))
        .await
        .becomes("done")
        .await;
}

#[tokio::test]
async fn an_accepted_job_survives_a_crash_right_after_the_answer() {
    let (mut worker, site) = (Worker::start().await, Site::tree(3).await);

    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    worker.kill().await;
    worker.restart().await;

    let _ = job.watch().until_over().await.check_ended("done");
}
