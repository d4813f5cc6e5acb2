//! `tests/examples/`, each run as its first lines say: what somebody pastes works.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::{Api, Browser, Job, Page, Program, Receiver, Relay, Site, Told, Worker, heavy};
use hmac::{Hmac, KeyInit, Mac};
use rstest::rstest;
use serde_json::json;
use sha2::Sha256;

const PAGES: usize = 7;
const SECRET: &str = "what-only-we-two-know";

/// Holds the lines of a crawl of the tree against its pages: each once, then the end.
fn check(lines: &[String], site: &Site) {
    let (end, pages) = lines.split_last().expect("the example prints something");
    let mut pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    pages.sort_unstable();
    let urls: Vec<String> = Site::tree_paths(PAGES)
        .iter()
        .map(|path| site.url(path))
        .collect();
    assert_eq!(pages, urls, "{lines:#?}");
    assert!(end.starts_with("done: "), "{end}");
}

#[rstest]
#[case::curl("examples/crawl.sh")]
#[case::python("examples/crawl.py")]
#[case::node("examples/crawl.mjs")]
#[tokio::test]
async fn a_program_prints_every_page_once_although_its_stream_is_cut(#[case] path: &str) {
    // The `eventsUrl` leads over the relay too.
    let relay = Relay::start().await;
    let worker = Worker::options()
        .set("PUBLIC_URL", relay.base())
        .start()
        .await;
    relay.lead_to(worker.port());
    relay.cut_after("event:progress\ndata:{");
    let site = Site::tree(PAGES).await;

    let program = Program::start(path, &[&relay.base(), &site.url("/")]).await;
    relay.has_cut(1).await;
    let (status, lines) = program.end().await;

    assert!(status.success(), "{status}: {lines:#?}");
    check(&lines, &site);
}

#[rstest]
#[case::curl("examples/crawl.sh")]
#[case::python("examples/crawl.py")]
#[case::node("examples/crawl.mjs")]
#[tokio::test]
async fn a_program_whose_crawl_is_refused_fails(#[case] path: &str) {
    let worker = Worker::start().await;
    let program = Program::start(path, &[&worker.base(), "ftp://example.com/"]).await;

    let (status, lines) = program.end().await;

    assert!(!status.success(), "{lines:#?}");
}

#[tokio::test]
async fn the_page_shows_every_page_once_although_its_stream_is_cut() {
    let _alone = heavy().await;
    let relay = Relay::start().await;
    let worker = Worker::options()
        .set("PUBLIC_URL", relay.base())
        .start()
        .await;
    relay.lead_to(worker.port());
    relay.cut_after("event:progress\ndata:{");
    let site = Site::tree(PAGES).await;
    // Another origin, as a page of somebody's own would be.
    let home = Site::of(|_| Page::html(include_str!("../examples/page.html"))).await;
    let browser = Browser::start().await;

    let asked = format!("/?server={}&url={}", relay.base(), site.url("/"));
    browser.open(&home.url(&asked)).await;
    browser
        .until_text("#pages li:last-child", "shows the end", |text| {
            text.starts_with("done: ")
        })
        .await;

    let script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)";
    let items = browser.run(script, "#pages li").await;
    let items: Vec<String> = serde_json::from_value(items).unwrap();
    check(&items, &site);
    relay.has_cut(1).await;
    browser.close().await;
}

/// The example receiver, and where it listens.
async fn receiver() -> (Program, String) {
    let secret = [("WEBHOOK_SECRET", SECRET)];
    let program = Program::start_with("examples/receiver.py", &["0"], &secret).await;
    let lines = program
        .until("the receiver listens", |lines| !lines.is_empty())
        .await;
    let url = lines[0].strip_prefix("listening on ").unwrap().to_owned();
    (program, url)
}

async fn submit(worker: &Worker, site: &Site, webhook: &str) -> Job {
    let webhook =
        json!({ "url": webhook, "events": ["started", "progress", "done"], "secret": SECRET });
    let crawl = json!({ "url": site.url("/"), "webhook": webhook });
    worker.api().submit(crawl).await
}

#[tokio::test]
async fn the_receiver_prints_every_event_of_a_job_once_and_in_order() {
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let (receiver, url) = receiver().await;

    let job = submit(&worker, &site, &url).await;
    let lines = receiver
        .until("the receiver is told of the end", |lines| {
            lines.iter().any(|line| line.contains(" done {"))
        })
        .await;

    let log = job.watch().until_over().await;
    let logged: Vec<String> = log
        .events()
        .map(|event| {
            let id = event.id.as_deref().unwrap();
            format!("{} {id} {}", job.channel, event.name)
        })
        .collect();
    let told: Vec<String> = lines[1..]
        .iter()
        .map(|line| line.split(" {").next().unwrap().to_owned())
        .collect();
    assert_eq!(told, logged);
}

/// A genuine post of a job that has ended, and the way to send it on.
async fn genuine() -> (Told, Api) {
    let (worker, site, stage) = (
        Worker::start().await,
        Site::tree(1).await,
        Receiver::start().await,
    );
    submit(&worker, &site, &stage.url()).await;
    let told = stage
        .until("a webhook is posted", |told| !told.is_empty())
        .await;
    (told[0].clone(), Api::at(""))
}

fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn the_receiver_refuses_what_is_forged_old_unsigned_or_changed() {
    let (told, api) = genuine().await;
    let (receiver, url) = receiver().await;
    let (id, at) = (
        told.header("webhook-id"),
        told.header("webhook-timestamp").parse::<i64>().unwrap(),
    );
    let old = at - 3600;
    let signed = |timestamp: i64| sign(SECRET, id, timestamp, &told.body);
    let post = async |headers: &[(&str, &str)], body: &[u8]| {
        let mut request = api.http().post(&url).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        api.send(request).await.status
    };
    let with = |timestamp: i64, signature: String| (timestamp.to_string(), signature);
    let changed = [told.body.as_ref(), b" "].concat();
    let refused = [
        (
            with(at, sign("another-secret", id, at, &told.body)),
            &told.body[..],
        ),
        (with(old, signed(old)), &told.body[..]),
        (with(old, signed(at)), &told.body[..]),
        (with(at, String::new()), &told.body[..]),
        (with(at, signed(at)), &changed[..]),
    ];

    for ((timestamp, signature), body) in &refused {
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ];
        assert_eq!(post(&headers, body).await, 401, "{headers:?}");
    }
    assert_eq!(post(&[], &told.body).await, 401, "without any signature");
    assert_eq!(receiver.lines().len(), 1, "nothing was taken");

    let genuine = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name, told.header(name)));
    for _ in 0..2 {
        assert_eq!(post(&genuine, &told.body).await, 204);
    }
    let events = told.ids().len();
    let lines = receiver
        .until("what is genuine is taken", |lines| lines.len() > events)
        .await;
    assert_eq!(
        lines.len(),
        1 + events,
        "and a repetition is not: {lines:#?}"
    );
}
