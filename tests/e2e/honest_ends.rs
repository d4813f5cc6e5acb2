//! The end of a body is the end of a job: a stream that was cut, for whatever reason, looks cut to every client that can
//! tell, and makes it come back.

use e2e::{Api, BodyEnd, Job, Mint, RawStream, Site, Worker};
use serde_json::json;
use shared::ChannelId;

/// A job that waits for its site for ever, and a stream of it.
async fn held_job(worker: &Worker) -> (Job, e2e::Hold, RawStream, Site) {
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut stream = RawStream::open(worker.port(), &job.events_path(), "HTTP/1.1").await;
    stream.until("event:started").await;
    (job, hold, stream, site)
}

#[tokio::test]
async fn the_last_chunk_follows_the_terminal_event_and_nothing_else() {
    let worker = Worker::start().await;
    let (job, hold, mut stream, _site) = held_job(&worker).await;
    let so_far = stream.chunked();

    hold.open();
    stream.end().await;

    assert!(!so_far.ended);
    assert!(
        stream.head().contains("transfer-encoding: chunked"),
        "{}",
        stream.head()
    );
    // Node's `fetch` takes a cut for the end of a body whose head announces a close.
    for header in ["content-length", "connection: close"] {
        assert!(!stream.head().contains(header), "{}", stream.head());
    }
    let body = stream.chunked();
    assert!(body.ended);
    let last = body.data().rsplit_once("event:").unwrap().1.to_owned();
    assert!(
        last.starts_with("done\n") && last.ends_with("\n\n"),
        "{last}"
    );
    let log = job.watch().until_over().await;
    for event in log.events() {
        assert!(body.data().contains(&event.data), "{event:?}");
    }
}

#[tokio::test]
async fn every_chunk_is_whole_frames() {
    // After its last chunk the connection idles, and the test reads it to its end.
    let options = Worker::options().set("HEARTBEAT", "1s");
    let worker = options.set("IDLE_TIMEOUT", "1s").start().await;
    let (_job, hold, mut stream, _site) = held_job(&worker).await;
    stream.until("\n:\n\r\n").await;

    hold.open();
    stream.to_end().await;

    let body = stream.chunked();
    assert!(body.chunks[0].starts_with("event:hello\n"), "{body:?}");
    for chunk in &body.chunks {
        assert!(chunk == ":\n" || chunk.ends_with("\n\n"), "{chunk:?}");
    }
    assert!(body.chunks.iter().any(|chunk| chunk == ":\n"), "{body:?}");
}

#[tokio::test]
async fn a_worker_that_is_killed_leaves_a_body_without_an_end() {
    let mut worker = Worker::start().await;
    let (_job, _hold, mut stream, _site) = held_job(&worker).await;

    worker.kill().await;
    stream.to_end().await;

    assert!(!stream.chunked().ended);
}

#[tokio::test]
async fn a_worker_that_stops_says_bye_and_leaves_a_body_without_an_end() {
    let mut worker = Worker::start().await;
    let (_job, _hold, mut stream, _site) = held_job(&worker).await;

    worker.terminate();
    stream.to_end().await;
    let _ = worker.exit().await;

    let body = stream.chunked();
    assert!(
        body.chunks.last().unwrap().starts_with("event:bye\n"),
        "{body:?}"
    );
    assert!(!body.ended);
}

#[tokio::test]
async fn a_connection_whose_lifetime_is_over_leaves_a_body_without_an_end() {
    let worker = Worker::options()
        .set("CONNECTION_LIFETIME", "2s")
        .set("HEARTBEAT", "1s")
        .start()
        .await;
    let (_job, _hold, mut stream, _site) = held_job(&worker).await;

    stream.to_end().await;

    let body = stream.chunked();
    assert!(
        body.chunks.last().unwrap().contains("\"lifetime\""),
        "{body:?}"
    );
    assert!(!body.ended);
}

#[tokio::test]
async fn a_watcher_that_is_turned_away_does_not_take_it_for_the_end() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("MAX_CONNECTIONS", "1")
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let path = mint.events_path(ChannelId::mint());
    let mut first = RawStream::open(worker.port(), &path, "HTTP/1.1").await;
    first.until("event:hello").await;

    let mut second = RawStream::open(worker.port(), &path, "HTTP/1.1").await;
    second.to_end().await;
    let http2 = Api::client().http2_prior_knowledge().build().unwrap();
    let mut third = e2e::Watcher::options(&worker.api().url(&path))
        .client(http2)
        .open();
    let third = third.until_body_end().await;

    let body = second.chunked();
    assert!(body.data().starts_with("event:bye\n"), "{body:?}");
    assert!(!body.ended);
    assert_eq!(third.first("bye")["reason"], "overload");
    assert_eq!(third.links[0].body_end, Some(BodyEnd::Cut));
}

#[tokio::test]
async fn http_1_0_has_no_chunks_and_its_body_ends_with_the_socket() {
    let worker = Worker::start().await;
    let site = Site::tree(7).await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;

    let mut stream = RawStream::open(worker.port(), &job.events_path(), "HTTP/1.0").await;
    stream.to_end().await;

    assert!(
        !stream.head().contains("transfer-encoding"),
        "{}",
        stream.head()
    );
    assert!(
        stream.head().contains("connection: close"),
        "{}",
        stream.head()
    );
    let body = stream.body();
    assert!(body.starts_with("event:hello\n"), "{body}");
    let last = body.rsplit_once("event:").unwrap().1;
    assert!(
        last.starts_with("done\n") && last.ends_with("\n\n"),
        "{last}"
    );
}

#[tokio::test]
async fn over_http_2_the_end_of_the_job_ends_the_stream_and_a_stop_resets_it() {
    let mut worker = Worker::start().await;
    let http2 = Api::client().http2_prior_knowledge().build().unwrap();
    let api = worker.api().with_client(http2);
    let site = Site::tree(7).await;
    let ended = api.submit(json!({ "url": site.url("/") })).await;
    let mut whole = ended.watch();
    whole.until_over().await;
    let whole = whole.until_body_end().await;
    let _never = site.hold("/page/1");
    let running = api.submit(json!({ "url": site.url("/") })).await;
    let mut cut = running.watch();
    cut.until_event("started").await;

    worker.terminate();
    let cut = cut.until_body_end().await;

    assert_eq!(whole.links[0].body_end, Some(BodyEnd::Whole));
    assert_eq!(cut.first("bye")["reason"], "drain");
    assert_eq!(cut.links[0].body_end, Some(BodyEnd::Cut));
    assert_eq!(worker.exit().await.code(), Some(0));
}
