//! Firecrawl's own clients, unchanged, with this worker's address in place of theirs: what each of them makes of the answers.

mod calls;
mod keys;
mod limits;
mod maps;
mod mcp;
mod options;
mod watching;

use e2e::{Caller, Page, Site, within};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A key that a WebSocket's subprotocol may be.
const KEY: &str = "fc-a-key-that-may-submit";

/// The value of `CRAWLCAST_API_KEYS` that lets [`KEY`] in.
fn keys() -> String {
    let bytes = Sha256::digest(KEY).into_iter();
    let hash: String = bytes.map(|byte| format!("{byte:02x}")).collect();
    format!("acme={hash}")
}

/// A small site with everything that a crawl can meet: a page that is missing, one that robots.txt keeps out, and
/// one whose bytes are not what they say.
async fn site() -> Site {
    Site::of(|path| match path {
        "/" => {
            let links = ["/docs/a", "/docs/b", "/missing", "/secret", "/garbled"];
            Page::linking("Home", links.map(str::to_owned))
        }
        "/docs/a" | "/docs/b" | "/docs/unlinked" => article(path),
        "/garbled" => Page::html("no gzip").header("content-encoding", "gzip"),
        "/robots.txt" => Page::of("text/plain", "User-agent: *\nDisallow: /secret\n"),
        _ => Page::missing(),
    })
    .await
}

fn article(path: &str) -> Page {
    let words =
        "Words of the article, and enough of them that nobody takes it for a menu. ".repeat(8);
    Page::html(format!(
        "<!doctype html><html lang=en><title>Article {path}</title><body><nav>The menu</nav><main><h1>Article</h1>\
         <p>{words}</p><p class=ad>Buy this!</p><a href=\"/docs/a\">a</a></main>"
    ))
}

/// The pages of [`site`] that become documents, as a crawl of all finds them.
fn documents(site: &Site) -> Vec<String> {
    let mut urls = ["/", "/docs/a", "/docs/b", "/missing"]
        .map(|path| site.url(path))
        .to_vec();
    urls.sort_unstable();
    urls
}

/// The URLs of a job's documents, each of which must be there once.
fn urls(documents: &[Value]) -> Vec<String> {
    let url = |document: &Value| {
        let url = document["url"].as_str();
        url.unwrap_or_else(|| panic!("a document says where it is from: {document}"))
            .to_owned()
    };
    let mut urls: Vec<String> = documents.iter().map(url).collect();
    urls.sort_unstable();
    let all = urls.len();
    urls.dedup();
    assert_eq!(urls.len(), all, "each document comes once: {documents:#?}");
    urls
}

fn pages(job: &Value) -> Vec<String> {
    urls(job["pages"].as_array().expect("a job has pages"))
}

/// Starts a crawl; answers its identifier.
async fn start(caller: &mut Caller, url: &str, options: Value) -> Value {
    let started = caller.ask("start", [json!(url), options]).await;
    assert!(started["id"].is_string(), "{started}");
    started["id"].clone()
}

/// Asks for the first page of a job's status until `enough` likes it.
async fn until(
    caller: &mut Caller,
    id: &Value,
    what: &str,
    enough: impl Fn(&Value) -> bool,
) -> Value {
    let asking = async {
        loop {
            let job = caller.ask("firstPage", [id.clone()]).await;
            check_counts(&job);
            if enough(&job) {
                return job;
            }
        }
    };
    within(what, asking).await
}

/// Waits until a job has ended.
async fn ended(caller: &mut Caller, id: &Value) -> Value {
    until(caller, id, "the job ends", |job| {
        job["status"] != "scraping"
    })
    .await
}

/// Clients refuse other types, and take a job with nothing to do for one that is over.
fn check_counts(job: &Value) {
    let count = |name: &str| {
        job[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} is a number: {job}"))
    };
    assert!(count("completed") <= count("total"), "{job}");
    assert!(count("creditsUsed") <= count("completed"), "{job}");
    assert!(!job["expiresAt"].is_null(), "{job}");
    if job["status"] == "completed" {
        assert!(count("total") > 0, "{job}");
        assert_eq!(count("completed"), count("total"), "{job}");
    }
}
