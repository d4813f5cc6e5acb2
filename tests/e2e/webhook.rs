//! A webhook is told what happens, in order, whatever happens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::{Job, Receiver, Seen, Site, Told, Worker};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const PAGES: usize = 120;
const SECRET: &str = "what-only-we-two-know";

/// A crawl of a small site whose webhook wants to hear of `events`.
async fn submit(worker: &Worker, site: &Site, url: &str, events: &[&str]) -> Job {
    let webhook = json!({ "url": url, "events": events, "secret": SECRET });
    let wanted = json!({ "url": site.url("/"), "sitemap": "skip", "maxConcurrencyPerHost": 8, "webhook": webhook });
    worker.api().submit(wanted).await
}

fn is_over(told: &[Told]) -> bool {
    let last = told.iter().rfind(|told| told.status == 204);
    last.is_some_and(|told| {
        told.json()["events"]
            .as_array()
            .is_some_and(|events| events.iter().any(|event| event["event"] == "done"))
    })
}

/// The events that a receiver has taken: IDs and data, in order, without what came again.
fn taken(told: &[Told]) -> Vec<(String, Value)> {
    let mut taken: Vec<(String, Value)> = Vec::new();
    for told in told.iter().filter(|told| told.status == 204) {
        for event in told.json()["events"].as_array().unwrap() {
            let id = event["id"].as_str().unwrap().to_owned();
            if !taken.iter().any(|(known, _)| *known == id) {
                taken.push((id, event["data"].clone()));
            }
        }
    }
    taken
}

/// The same from the stream, of events with these names.
fn streamed(seen: &Seen, names: &[&str]) -> Vec<(String, Value)> {
    let wanted = seen
        .events()
        .filter(|frame| names.contains(&frame.name.as_str()));
    wanted
        .map(|frame| (frame.id.clone().unwrap(), frame.json()))
        .collect()
}

fn check_signature(told: &Told) {
    let (id, time) = (told.header("webhook-id"), told.header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{id}.{time}.").as_bytes());
    mac.update(&told.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("webhook-signature"), expected);
}

#[tokio::test]
async fn everything_that_is_asked_for_arrives_once_in_order_and_signed() {
    let (worker, site, receiver) = (
        Worker::start().await,
        Site::tree(PAGES).await,
        Receiver::start().await,
    );
    let names = ["started", "progress", "done"];
    let job = submit(&worker, &site, &receiver.url(), &names).await;
    let seen = job.watch_with().hurried().open().until_end().await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    assert_eq!(taken(&told), streamed(&seen, &names));
    let posts: usize = told.iter().map(|told| told.ids().len()).sum();
    assert_eq!(posts, PAGES + 2, "each event came once");
    told.iter().for_each(check_signature);
    assert_eq!(told[0].json()["channelId"], job.channel);
    assert_eq!(told[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn what_is_refused_is_posted_again_under_the_same_id() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let receiver = Receiver::answering(&[500, 302]).await;
    // The first post is refused while the job goes on, so that a later one would have more to tell.
    let hold = site.hold("/page/1");
    let job = submit(
        &worker,
        &site,
        &receiver.url(),
        &["started", "progress", "done"],
    )
    .await;
    receiver
        .until("the webhook hears something", |told| !told.is_empty())
        .await;
    hold.open();
    job.becomes("done").await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    let (first, tries) = (&told[0], &told[..3]);
    let statuses: Vec<u16> = tries.iter().map(|told| told.status).collect();
    assert_eq!(statuses, [500, 302, 204]);
    for again in tries {
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(
            again.body, first.body,
            "whoever has seen this ID has seen it all"
        );
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_a_pause_gets_it() {
    const PAUSE: u32 = 4;
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let receiver = Receiver::answering(&[503]).await;
    receiver.retry_after(PAUSE);
    submit(&worker, &site, &receiver.url(), &["done"]).await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    let posted = |told: &Told| told.header("webhook-timestamp").parse::<u32>().unwrap();
    let waited = posted(&told[1]) - posted(&told[0]);
    assert!(
        waited >= PAUSE,
        "it came back after {waited} s: a first failure alone waits for one"
    );
}

#[tokio::test]
async fn what_was_not_told_before_a_kill_is_told_after_it() {
    let (mut worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let receiver = Receiver::start().await;
    let address = receiver.address();
    let job = submit(&worker, &site, &receiver.url(), &["progress", "done"]).await;
    let heard = receiver
        .until("the webhook hears something", |told| !told.is_empty())
        .await;
    drop(receiver);
    let seen = job.watch_with().hurried().open().until_over().await;
    worker.kill().await;

    let receiver = Receiver::at(address, &[]).await;
    worker.restart().await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    let all: Vec<Told> = heard.into_iter().chain(told).collect();
    assert_eq!(taken(&all), streamed(&seen, &["progress", "done"]));
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_nobody() {
    let (worker, site, receiver) = (
        Worker::start().await,
        Site::tree(PAGES).await,
        Receiver::start().await,
    );
    receiver.open(false);
    let job = submit(
        &worker,
        &site,
        &receiver.url(),
        &["started", "progress", "done"],
    )
    .await;
    let seen = job.watch_with().hurried().open().until_end().await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], PAGES);
    assert_eq!(receiver.told().len(), 1, "one post at a time");
    receiver.open(true);
    receiver
        .until("the webhook hears of the end", is_over)
        .await;
}

#[tokio::test]
async fn an_address_that_may_not_be_dialled_is_given_up() {
    let site = Site::tree(3).await;
    let receiver = Receiver::start().await;
    // The site may be crawled, the receiver may not: it is named by another spelling of loopback.
    let worker = Worker::options()
        .set("ALLOW_NETS", "127.0.0.1/32")
        .start()
        .await;
    let url = receiver.url().replace("127.0.0.1", "127.0.0.2");
    submit(&worker, &site, &url, &["done"])
        .await
        .becomes("done")
        .await;
    worker.logs("a webhook is given up").await;
    assert!(receiver.told().is_empty());
}

#[tokio::test]
async fn a_receiver_that_says_it_is_gone_is_left_alone() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let receiver = Receiver::answering(&[410]).await;
    let job = submit(&worker, &site, &receiver.url(), &["done"]).await;
    job.becomes("done").await;
    worker.logs("a webhook is given up").await;
    assert_eq!(receiver.told().len(), 1);
}

#[tokio::test]
async fn the_secret_is_nowhere_to_be_seen() {
    let (worker, site, receiver) = (
        Worker::start().await,
        Site::tree(3).await,
        Receiver::start().await,
    );
    let job = submit(&worker, &site, &receiver.url(), &["started", "done"]).await;
    let seen = job.watch_with().hurried().open().until_end().await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    let started = seen.first("started");
    // A webhook's URL may be a secret of its own.
    let origin = receiver.url().replace("/hook", "/");
    assert_eq!(started["request"]["webhook"]["url"], origin);
    let streamed: String = seen.frames().map(|frame| frame.data.as_str()).collect();
    let posted: String = told.iter().map(|told| told.json().to_string()).collect();
    let status = job.status().await.to_string();
    for place in [streamed, posted, status, worker.log()] {
        assert!(!place.contains(SECRET), "{place}");
    }
}

/// The function that the README gives to receivers.
fn readme_function() -> String {
    let readme = std::fs::read_to_string(e2e::workspace().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once("```python\n")
        .expect("the README has Python");
    rest.split("```").next().unwrap().to_owned()
}

/// The verdict of the README's function on a post, as Python prints it.
fn is_genuine(told: &Told, body: &[u8], secret: &str) -> String {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: Value = headers
        .map(|name| (name.to_owned(), Value::from(told.header(name))))
        .into_iter()
        .collect();
    let program = format!(
        "import json, sys\n{}\nprint(is_genuine(json.loads(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]))",
        readme_function()
    );
    let body: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
    let ran = std::process::Command::new("python3")
        .args(["-c", &program, &headers.to_string(), &body, secret])
        .output()
        .expect("Python is there");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_readme_tells_what_is_genuine_from_what_is_not() {
    let (worker, site, receiver) = (
        Worker::start().await,
        Site::tree(1).await,
        Receiver::start().await,
    );
    submit(&worker, &site, &receiver.url(), &["done"]).await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    let post = &told[0];
    assert_eq!(is_genuine(post, &post.body, SECRET), "True");
    assert_eq!(is_genuine(post, b"forged", SECRET), "False");
    assert_eq!(
        is_genuine(post, &post.body, "another-secret-of-theirs"),
        "False"
    );
}
