//! Many submissions through the function while the worker dies again and again.

use std::collections::HashSet;

use e2e::{Api, Function, Job, Mint, Page, Site, Sqs, eventually};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use shared::numbers::VISIBILITY;

const SUBMISSIONS: usize = 1_000;
const KILLS: usize = 5;

#[tokio::test]
async fn a_thousand_submissions_and_five_kills_make_a_thousand_terminal_events() {
    let (sqs, keys) = (Sqs::start().await, Mint::of("k1", 7));
    let site = Site::of(|_path| Page::html("<title>A page</title>")).await;
    let options = sqs.worker().set("TOKEN_KEYS", keys.spelled());
    let mut worker = options.set("MAX_JOBS", "20").start().await;
    let mut function = Function::submit(&sqs, &worker.base(), &keys).await;

    let mut jobs = Vec::new();
    for number in 0..SUBMISSIONS {
        let request = json!({ "url": site.url(&format!("/{number}")), "sitemap": "skip" });
        let answer = function.post(&request).await;
        jobs.push(Job::accepted(Api::at(&worker.base()), &answer));
        if number % (SUBMISSIONS / KILLS) == SUBMISSIONS / KILLS / 2 {
            worker.kill().await;
            sqs.pass(VISIBILITY).await;
            worker.restart().await;
        }
    }
    // What a dying worker had taken, or what was under way to it, is still hidden.
    eventually("every message is gone", || async {
        sqs.pass(VISIBILITY).await;
        sqs.is_empty().await.then_some(())
    })
    .await;

    let ends: Vec<Value> = stream::iter(&jobs)
        .map(|job| async { job.watch().until_over().await.check_ended("done") })
        .buffer_unordered(20)
        .collect()
        .await;
    let fetched: HashSet<String> = site.visits().into_iter().map(|visit| visit.path).collect();
    assert_eq!((ends.len(), fetched.len()), (SUBMISSIONS, SUBMISSIONS));
    assert!(ends.iter().all(|end| end["counts"]["fetched"] == 1));
    assert_eq!(sqs.dead_letters().await, 0);
}
