//! Jobs whose requests have secrets.

use serde_json::json;

use super::*;

const SECRET: &str = "not-to-be-seen-again";

fn with_secrets() -> JobMessage {
    let request =
        json!({"url": "https://example.com/", "sitemap": "skip", "headers": {"X-Key": SECRET}});
    JobMessage {
        request: CrawlRequest::from_value(request).unwrap(),
        ..job()
    }
}

fn sealed_with(id: &str) -> JobMessage {
    let mut job = with_secrets();
    job.seal(&keys(id));
    job
}

#[tokio::test(start_paused = true)]
async fn a_seal_is_opened_for_the_requests_of_the_attempt() {
    let worker = Worker::start(vec![(body(&sealed_with("now")), 1)], Site::new(true));
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names().last().unwrap(), "done");
    let keys = worker.site.keys.lock().clone();
    assert_eq!(
        keys,
        [None, Some(SECRET), Some(SECRET), Some(SECRET)].map(|key| key.map(str::to_owned)),
        "robots.txt first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_seal_whose_key_is_gone_fails_the_job_and_nothing_is_asked_for() {
    let worker = Worker::start(vec![(body(&sealed_with("gone")), 1)], Site::new(true));
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names(), ["started", "failed"]);
    let reason = worker.journal.last()["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("token key gone") && reason.contains("submit it again"),
        "{reason}"
    );
    assert!(worker.site.asked.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_lacks_its_seal_fails_the_job_too() {
    let mut job = sealed_with("now");
    job.sealed = None;
    let worker = Worker::start(vec![(body(&job), 1)], Site::new(true));
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    assert_eq!(worker.journal.names(), ["started", "failed"]);
    assert!(worker.site.asked.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_secret_in_a_message_of_before_is_sealed_before_it_is_kept() {
    let mut message = serde_json::to_value(job()).unwrap();
    message["request"]["webhook"] =
        json!({"url": "https://b.example/", "events": ["done"], "secret": SECRET});
    let worker = Worker::start(
        vec![(serde_json::to_vec(&message).unwrap(), 1)],
        Site::new(true),
    );
    assert_eq!(worker.queue.settled().await, [Told::Acked]);
    let kept = worker.journal.record().job.clone().unwrap();
    assert!(!String::from_utf8(kept.encode()).unwrap().contains(SECRET));
    let stored = JobMessage::decode(&kept.encode()).unwrap();
    let webhook = stored.open(&keys("now")).unwrap().webhook.unwrap();
    assert_eq!(webhook.secret.unwrap().reveal(), Some(SECRET));
}
