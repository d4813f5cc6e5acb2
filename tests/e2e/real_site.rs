//! A real site: Debian's `python3-doc`, served by a real nginx on loopback.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use e2e::{AccessLine, Api, End, Front, Job, LocalStack, Nginx, Seen, Worker, heavy};
use reqwest::Url;
use serde_json::json;

const ROOT: &str = "/usr/share/doc/python3-doc/html";
const START: &str = "/index.html";

#[tokio::test]
async fn each_page_of_the_python_documentation_is_seen_once() {
    let _alone = heavy().await;
    let (worker, nginx) = (Worker::start().await, documentation().await);
    check(&nginx, &crawl(&nginx, &worker.api(), &worker.api()).await);
}

#[tokio::test]
async fn the_split_sees_the_same_pages() {
    let _alone = heavy().await;
    let (stack, nginx) = (LocalStack::start().await, documentation().await);
    check(&nginx, &crawl(&nginx, stack.submit(), stack.watch()).await);
    assert!(stack.interrupt().await.success());
}

async fn documentation() -> Nginx {
    assert!(
        Path::new(ROOT).join("index.html").is_file(),
        "{ROOT} is missing; tests/run installs it (package python3-doc)"
    );
    Front::files(Path::new(ROOT)).start().await
}

/// Crawls all of it: submitted one way, watched another.
async fn crawl(nginx: &Nginx, submit: &Api, watch: &Api) -> Seen {
    let wanted = json!({
        "url": format!("{}{START}", nginx.base()), "limit": 100_000, "maxDiscoveryDepth": 1000,
        "maxConcurrencyPerHost": 16, "sitemap": "skip",
    });
    let accepted = submit.try_submit(&wanted).await.expect(202).json();
    let job = Job::accepted(watch.clone(), &accepted);
    job.watch_with().hurried().open().until_end().await
}

/// Every page that links lead to was told of, and asked for, once.
fn check(nginx: &Nginx, seen: &Seen) {
    let done = seen.check_ended("done");
    assert_eq!(
        (&done["reason"], seen.end),
        (&json!("complete"), Some(End::NoContent))
    );
    let told: BTreeSet<String> = seen.pages().into_iter().collect();
    let walked = walk(&format!("{}{START}", nginx.base()));
    let missed: Vec<_> = walked.difference(&told).take(20).collect();
    let invented: Vec<_> = told.difference(&walked).take(20).collect();
    assert!(
        missed.is_empty() && invented.is_empty(),
        "missed: {missed:?}, invented: {invented:?}"
    );
    assert!(
        walked.len() > 400,
        "the walk itself saw only {} pages",
        walked.len()
    );
    check_accesses(&nginx.accesses(), &told);
}

/// nginx's own record: each page was asked for once.
fn check_accesses(accesses: &[AccessLine], told: &BTreeSet<String>) {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for access in accesses
        .iter()
        .filter(|access| access.path != "/robots.txt")
    {
        *times.entry(&access.path).or_default() += 1;
    }
    let twice: Vec<_> = times
        .iter()
        .filter(|(_, times)| **times > 1)
        .take(20)
        .collect();
    assert!(twice.is_empty(), "asked for more than once: {twice:?}");
    assert_eq!(times.len(), told.len());
}

/// Every path that links lead to, found by a walk over the files that shares no code with the crawler.
fn walk(start: &str) -> BTreeSet<String> {
    let start = Url::parse(start).unwrap();
    let mut known = BTreeSet::from([start.path().to_owned()]);
    let mut ahead = VecDeque::from([start.clone()]);
    while let Some(url) = ahead.pop_front() {
        for link in links_of(&url) {
            let Ok(mut target) = url.join(&link) else {
                continue;
            };
            target.set_fragment(None);
            let here = target.scheme() == "http"
                && target.host() == start.host()
                && target.port() == start.port();
            if here && known.insert(path_and_query(&target)) {
                ahead.push_back(target);
            }
        }
    }
    known
}

fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    )
}

fn links_of(url: &Url) -> Vec<String> {
    let mut file = Path::new(ROOT).join(url.path().trim_start_matches('/'));
    if url.path().ends_with('/') {
        file.push("index.html");
    }
    if file.extension().is_none_or(|extension| extension != "html") {
        return Vec::new();
    }
    let Ok(bytes) = std::fs::read(file) else {
        return Vec::new();
    };
    let html = String::from_utf8_lossy(&bytes).into_owned();
    let tags = html
        .split("<a ")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    let nofollow = |tag: &&str| tag.contains("rel=\"nofollow\"");
    let hrefs = tags
        .filter(|tag| !nofollow(tag))
        .filter_map(|tag| tag.split("href=\"").nth(1)?.split('"').next());
    hrefs
        .map(|href| href.replace("&amp;", "&").replace("&#39;", "'"))
        .collect()
}
