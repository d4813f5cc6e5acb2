//! Public SSE libraries, each with its defaults: over a cut, a kill and a goodbye each sees every event once, and takes none
//! of them for the end of the job. Directly, and behind every proxy that tells a cut from an end.

use e2e::{Follower, Job, Library, Product, Relay, Site, Worker, heavy};
use rstest::rstest;
use serde_json::{Value, json};

const PAGES: usize = 31;
/// A page that keeps a job from ending while faults happen; two more hang on it.
const HELD: &str = "/page/9";
/// A place in the middle of a frame.
const AMID: &str = "event:progress\ndata:{";

/// The held pages take no place from the others.
fn crawl(site: &Site) -> Value {
    json!({ "url": site.url("/"), "onDisconnect": "continue", "maxConcurrencyPerHost": 8 })
}

/// A job that goes on until its held page is opened, and every client on its stream, each by a way of its own that is cut
/// after these places.
async fn followed(worker: &Worker, site: &Site, places: &[&str]) -> (Job, Vec<(Relay, Follower)>) {
    let job = worker.api().submit(crawl(site)).await;
    let mut followers = Vec::new();
    for library in Library::ALL {
        let relay = Relay::to(worker.port()).await;
        places.iter().for_each(|place| relay.cut_after(place));
        let url = format!("{}{}", relay.base(), job.events_path());
        followers.push((relay, library.follow(&url).await));
    }
    (job, followers)
}

async fn all_say(followers: &[Follower], start: &str, times: usize) {
    for follower in followers {
        follower.says(start, times).await;
    }
}

/// Holds what each client says it has seen against the log; answers what they say.
async fn check(job: &Job, followers: Vec<Follower>) -> Vec<Vec<String>> {
    let log = job.watch().until_over().await;
    let _ = log.check_ended("done");
    let mut said = Vec::new();
    for follower in followers {
        said.push(follower.has_followed(&log).await);
    }
    said
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_frame_is_nobodys_end() {
    let _alone = heavy().await;
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    // In the data, in the ID, and in a URL.
    let places = [AMID, "\nid:1-1", "/page/30\""];
    let (job, followers) = followed(&worker, &site, &places).await;
    for (relay, _) in &followers {
        relay.has_cut(places.len()).await;
    }
    hold.open();
    let (_relays, followers): (Vec<_>, Vec<_>) = followers.into_iter().unzip();
    check(&job, followers).await;
}

/// Every client behind one proxy, and the way from the proxy to the worker.
#[rstest]
#[case::directly(None)]
#[case::nginx(Some(Product::Nginx))]
#[case::haproxy(Some(Product::Haproxy))]
#[case::caddy(Some(Product::Caddy))]
#[case::apache(Some(Product::Apache))]
#[case::varnish(Some(Product::Varnish))]
#[tokio::test]
async fn neither_a_cut_nor_a_kill_nor_a_goodbye_is_anybodys_end(#[case] product: Option<Product>) {
    let _alone = heavy().await;
    let mut worker = Worker::start().await;
    let relay = Relay::to(worker.port()).await;
    let proxy = match product {
        Some(product) => Some(product.start(relay.port()).await),
        None => None,
    };
    let port = proxy.as_ref().map_or(relay.port(), e2e::Proxy::port);
    let site = Site::tree(PAGES).await;
    let [for_the_cut, for_the_kill, for_the_goodbye] =
        ["/page/9", "/page/11", "/page/13"].map(|path| site.hold(path));
    let job = worker.api().submit(crawl(&site)).await;
    let url = format!("http://127.0.0.1:{port}{}", job.events_path());
    let mut followers = Vec::new();
    for library in Library::ALL {
        followers.push(library.follow(&url).await);
    }
    all_say(&followers, "event progress", 3).await;

    relay.cut_all_after(AMID);
    for_the_cut.open();
    relay.has_cut(followers.len()).await;
    all_say(&followers, "event hello", 2).await;

    // Connections wait for the next worker: a proxy's 502 is an end that every EventSource believes.
    relay.lead_nowhere();
    worker.kill().await;
    worker.restart().await;
    relay.lead_to(worker.port());
    for_the_kill.open();
    all_say(&followers, "event hello", 3).await;

    relay.lead_nowhere();
    worker.terminate();
    assert_eq!(worker.exit().await.code(), Some(0));
    worker.restart().await;
    relay.lead_to(worker.port());
    for_the_goodbye.open();

    for lines in check(&job, followers).await {
        let heard = lines.iter().any(|line| line.starts_with("event bye"));
        // Varnish may drop what arrived just before a cut.
        assert!(heard || product == Some(Product::Varnish), "{lines:#?}");
    }
}
