//! A site that is crawled again is asked only for what has changed.

use std::path::Path;

use e2e::{Front, Job, Nginx, Seen, Worker};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn crawl(worker: &Worker, nginx: &Nginx, since: Option<&str>) -> (String, Seen) {
    watched(worker.api().submit(wanted(nginx, since)).await).await
}

fn wanted(nginx: &Nginx, since: Option<&str>) -> Value {
    let mut wanted = json!({ "url": format!("{}/", nginx.base()), "sitemap": "skip" });
    if let Some(since) = since {
        wanted["since"] = json!(since);
    }
    wanted
}

/// The job's channel, and what it told to its end.
async fn watched(job: Job) -> (String, Seen) {
    let seen = job.watch_with().hurried().open().until_end().await;
    let _ = seen.check_ended("done");
    (job.channel, seen)
}

/// Paths and statuses of the requests that nginx has answered after the first `earlier`, in order.
fn answered(nginx: &Nginx, earlier: usize) -> Vec<(String, u16)> {
    let later = nginx.accesses().into_iter().skip(earlier);
    let mut answered: Vec<(String, u16)> = later
        .filter(|line| line.path != "/robots.txt")
        .map(|line| (line.path, line.status))
        .collect();
    answered.sort();
    answered
}

fn page<'a>(seen: &'a Seen, path: &'a str) -> Value {
    let events = seen.named("progress").map(|frame| frame.json());
    let mut found =
        events.filter(|event| event["url"].as_str().is_some_and(|url| url.ends_with(path)));
    found.next().unwrap_or_else(|| panic!("{path} was told of"))["result"].clone()
}

fn write(root: &Path, name: &str, html: &str) {
    std::fs::write(root.join(name), html).expect("the site can be written");
}

#[tokio::test]
async fn only_what_has_changed_is_fetched_again() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        "index.html",
        "<title>Home</title><a href=old.html>1</a><a href=gone.html>2</a>",
    );
    write(
        root.path(),
        "old.html",
        "<title>Old</title><a href=deep.html>3</a>",
    );
    write(root.path(), "deep.html", "<title>Deep</title>");
    write(root.path(), "gone.html", "<title>Gone</title>");
    let (worker, nginx) = (
        Worker::start().await,
        Front::files(root.path()).start().await,
    );
    let (first, seen) = crawl(&worker, &nginx, None).await;
    assert_eq!(seen.pages().len(), 4);

    write(
        root.path(),
        "index.html",
        "<title>New home</title><a href=old.html>1</a><a href=new.html>4</a>",
    );
    write(root.path(), "new.html", "<title>New</title>");
    std::fs::remove_file(root.path().join("gone.html")).unwrap();
    let earlier = nginx.accesses().len();
    let (second, seen) = crawl(&worker, &nginx, Some(&first)).await;

    let expected = [
        ("/", 200),
        ("/deep.html", 304),
        ("/gone.html", 404),
        ("/new.html", 200),
        ("/old.html", 304),
    ];
    assert_eq!(
        answered(&nginx, earlier),
        expected.map(|(path, status)| (path.to_owned(), status))
    );
    let old = page(&seen, "/old.html");
    assert_eq!(
        (&old["status"], &old["notModified"], &old["title"]),
        (&json!(304), &json!(true), &json!("Old"))
    );
    assert_eq!(page(&seen, "/new.html")["title"], "New");

    // The second crawl can be compared with as well.
    let earlier = nginx.accesses().len();
    crawl(&worker, &nginx, Some(&second)).await;
    let again = answered(&nginx, earlier);
    assert!(again.iter().all(|(_, status)| *status == 304), "{again:?}");
}

#[tokio::test]
async fn an_unknown_crawl_is_told_of() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "index.html", "<title>Home</title>");
    let (worker, nginx) = (
        Worker::start().await,
        Front::files(root.path()).start().await,
    );
    let unknown = uuid::Uuid::new_v4().to_string();
    let (_, seen) = crawl(&worker, &nginx, Some(&unknown)).await;
    assert_eq!(seen.first("notice")["code"], "sinceUnknown");
    assert_eq!(seen.pages(), ["/"]);
}

#[tokio::test]
async fn a_crawl_of_somebody_else_is_as_good_as_unknown() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "index.html", "<title>Home</title>");
    let keys = ["the key of one", "the key of another"];
    let hash = |key: &str| -> String {
        let bytes = Sha256::digest(key).into_iter();
        bytes.map(|byte| format!("{byte:02x}")).collect()
    };
    let hashes = keys.map(hash);
    let (worker, nginx) = (
        Worker::options()
            .set("API_KEYS", hashes.join(","))
            .start()
            .await,
        Front::files(root.path()).start().await,
    );
    let submit = async |key, since| {
        let job = worker.api().submit_as(key, wanted(&nginx, since)).await;
        watched(job).await
    };
    let (first, _) = submit(keys[0], None).await;
    let (_, own) = submit(keys[0], Some(&first)).await;
    let (_, other) = submit(keys[1], Some(&first)).await;
    assert_eq!(page(&own, "/")["status"], 304);
    assert!(!own.has("notice"), "{}", own.tell());
    assert_eq!(other.first("notice")["code"], "sinceUnknown");
    assert_eq!(page(&other, "/")["status"], 200);
}
