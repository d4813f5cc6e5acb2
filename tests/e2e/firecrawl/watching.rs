//! The clients' watchers: each document once, over everything that happens to the worker.

use e2e::{Caller, Front, Relay, Sdk, SdkCall, Site, Worker, WorkerOptions};
use rstest::rstest;
use serde_json::{Value, json};

use super::{KEY, keys, start, urls};

const PAGES: usize = 24;
/// A page that keeps a crawl from ending; two more hang on it.
const HELD: &str = "/page/9";

fn options() -> WorkerOptions {
    Worker::options().set("API_KEYS", keys())
}

/// The crawl of a tree.
fn crawl(sdk: Sdk) -> Value {
    match sdk {
        Sdk::NodeV1 => json!({ "limit": 100, "ignoreSitemap": true }),
        _ => json!({ "limit": 100, "sitemap": "skip" }),
    }
}

fn all(site: &Site) -> Vec<String> {
    let mut urls: Vec<String> = Site::tree_paths(PAGES)
        .iter()
        .map(|path| site.url(path))
        .collect();
    urls.sort_unstable();
    urls
}

/// Documents that a watcher has been given so far. The asynchronous Python client gives them with its last snapshot only.
fn given(caller: &Caller, watch: SdkCall) -> Vec<Value> {
    if caller.sdk == Sdk::PythonAsync {
        let snapshots = caller.told(watch, "snapshot");
        let last = snapshots
            .last()
            .map(|last| last["pages"].as_array().unwrap().clone());
        return last.unwrap_or_default();
    }
    caller.told(watch, "document")
}

/// Waits until a watcher has been given something.
async fn is_given_some(caller: &Caller, watch: SdkCall) {
    let name = if caller.sdk == Sdk::PythonAsync {
        "snapshot"
    } else {
        "document"
    };
    caller.tells(watch, name, |told| told.len() >= 3).await;
}

/// Holds what a watcher was given against the site. `status` is what it took for the end.
fn check(caller: &Caller, watch: SdkCall, site: &Site, end: &Value) {
    assert_eq!(end["status"], "completed", "{:?}", caller.sdk);
    assert_eq!(urls(&given(caller, watch)), all(site));
    if caller.sdk == Sdk::Python {
        let last = caller.told(watch, "snapshot").pop().unwrap();
        assert_eq!(super::pages(&last), all(site));
    }
    assert!(caller.told(watch, "broken").is_empty());
    if caller.sdk.is_v2() {
        assert!(!caller.told(watch, "snapshot").is_empty());
    }
}

/// The configuration that is shipped passes WebSockets on.
#[rstest]
#[case::node(Sdk::Node)]
#[case::node_v1(Sdk::NodeV1)]
#[tokio::test]
async fn a_watcher_behind_nginx_is_given_documents_as_they_come(#[case] sdk: Sdk) {
    let (worker, site) = (options().start().await, Site::tree(PAGES).await);
    let nginx = Front::ours(worker.port()).start().await;
    let hold = site.hold(HELD);
    let mut caller = sdk.start(&nginx.base(), Some(KEY)).await;
    let id = start(&mut caller, &site.url("/"), crawl(sdk)).await;
    let watch = caller.begin("watch", [id]).await;
    is_given_some(&caller, watch).await;
    hold.open();
    let end = caller.result(watch).await.unwrap();
    check(&caller, watch, &site, &end);
}

#[rstest]
#[case::node(Sdk::Node)]
#[case::older_node(Sdk::OlderNode)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn a_watcher_is_given_each_document_once_and_the_end(#[case] sdk: Sdk) {
    let (worker, site) = (options().start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    let mut caller = sdk.start(&worker.base(), Some(KEY)).await;
    let id = start(&mut caller, &site.url("/"), crawl(sdk)).await;
    let watch = caller.begin("watch", [id.clone()]).await;
    is_given_some(&caller, watch).await;
    hold.open();
    let end = caller.result(watch).await.unwrap();
    check(&caller, watch, &site, &end);

    // One that comes after the end is given the same.
    let late = caller.begin("watch", [id]).await;
    let end = caller.result(late).await.unwrap();
    check(&caller, late, &site, &end);

    // And so for the pages of a list.
    if sdk.is_v2() {
        let batch = caller
            .ask("startBatch", [json!(all(&site)), json!({})])
            .await;
        let watch = caller
            .begin("watch", [batch["id"].clone(), json!("batch")])
            .await;
        let end = caller.result(watch).await.unwrap();
        check(&caller, watch, &site, &end);
    }
}

#[rstest]
#[case::node(Sdk::Node)]
#[case::older_node(Sdk::OlderNode)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn a_watcher_may_come_before_the_job_is_taken_and_sees_a_cancel(#[case] sdk: Sdk) {
    let worker = options().set("MAX_JOBS", "1").start().await;
    let (before, site) = (Site::tree(1).await, Site::tree(PAGES).await);
    let (mut first, hold) = (before.hold("/"), site.hold(HELD));
    let mut caller = sdk.start(&worker.base(), Some(KEY)).await;
    let _running = start(&mut caller, &before.url("/"), crawl(sdk)).await;
    first.reached().await;
    let id = start(&mut caller, &site.url("/"), crawl(sdk)).await;
    let watch = caller.begin("watch", [id.clone()]).await;
    caller
        .tells(watch, "watching", |told| !told.is_empty())
        .await;
    if sdk.is_v2() {
        caller
            .tells(watch, "snapshot", |told| !told.is_empty())
            .await;
    }
    let waiting = caller.ask("firstPage", [id.clone()]).await;
    assert_eq!(
        (&waiting["status"], &waiting["pages"]),
        (&json!("scraping"), &json!([]))
    );

    first.open();
    is_given_some(&caller, watch).await;
    assert_eq!(caller.ask("cancel", [id]).await, true);
    let end = caller.result(watch).await.unwrap();
    hold.open();

    // The first client knows three ends only, and is told of an error.
    let expected = if sdk == Sdk::NodeV1 {
        "failed"
    } else {
        "cancelled"
    };
    assert_eq!(end["status"], expected, "{sdk:?}");
    urls(&given(&caller, watch));
}

#[rstest]
#[case::node(Sdk::Node)]
#[case::older_node(Sdk::OlderNode)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn a_killed_worker_costs_a_watcher_no_document(#[case] sdk: Sdk) {
    // Everything leads over the relay, which lets connections wait while there is no worker, as a proxy does.
    let relay = Relay::start().await;
    let mut worker = options().set("PUBLIC_URL", relay.base()).start().await;
    relay.lead_to(worker.port());
    let site = Site::tree(PAGES).await;
    let hold = site.hold(HELD);
    let mut caller = sdk.start(&relay.base(), Some(KEY)).await;
    let id = start(&mut caller, &site.url("/"), crawl(sdk)).await;
    let watch = caller.begin("watch", [id.clone()]).await;
    is_given_some(&caller, watch).await;

    relay.lead_nowhere();
    worker.kill().await;
    worker.restart().await;
    relay.lead_to(worker.port());
    hold.open();

    // What a client makes of the cut is its own: two go on by asking, one of them with snapshots only; one reports an error and
    // one nothing at all, and their caller watches anew.
    match sdk {
        Sdk::Node | Sdk::NodeV1 => {
            if sdk == Sdk::Node {
                let end = caller.result(watch).await.unwrap();
                assert!(end["status"].is_null(), "{end}");
                assert!(!caller.told(watch, "broken").is_empty());
            }
            urls(&given(&caller, watch));
            let again = caller.begin("watch", [id]).await;
            let end = caller.result(again).await.unwrap();
            check(&caller, again, &site, &end);
        }
        Sdk::Python => {
            let end = caller.result(watch).await.unwrap();
            assert_eq!(end["status"], "completed");
            urls(&given(&caller, watch));
            let last = caller.told(watch, "snapshot").pop().unwrap();
            assert_eq!(super::pages(&last), all(&site));
        }
        Sdk::OlderNode | Sdk::PythonAsync => {
            let end = caller.result(watch).await.unwrap();
            check(&caller, watch, &site, &end);
        }
    }
}

#[tokio::test]
async fn a_watcher_without_a_key_is_given_each_document_once() {
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    let mut caller = Sdk::Node.start(&worker.base(), None).await;
    let id = start(&mut caller, &site.url("/"), crawl(Sdk::Node)).await;
    let watch = caller.begin("watch", [id]).await;
    is_given_some(&caller, watch).await;
    hold.open();
    let end = caller.result(watch).await.unwrap();
    check(&caller, watch, &site, &end);
}
