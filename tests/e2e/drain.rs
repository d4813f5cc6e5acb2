//! A deployment: the worker stops, tells its watchers, and the next one goes on.

use e2e::{Site, Worker, eventually, within};
use rustix::process::Signal;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test]
async fn a_stop_says_goodbye_and_the_restart_goes_on() {
    let (mut worker, site) = (Worker::start().await, Site::tree(31).await);
    let hold = site.hold("/page/9");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    watcher.until_events(5).await;

    worker.terminate();
    let seen = watcher.until_event("bye").await;
    let status = worker.exit().await;

    assert_eq!(seen.first("bye")["reason"], "drain");
    let bye = seen.named("bye").next().unwrap();
    assert!(
        bye.retry
            .is_some_and(|retry| (100..=10_000).contains(&retry)),
        "{bye:?}"
    );
    assert_eq!(status.code(), Some(0));
    hold.open();
    worker.restart().await;
    let seen = watcher.until_over().await;
    let _ = seen.check_ended("done");
    assert_eq!(seen.first("resumed")["attempt"], 2);
    assert_eq!(seen.named("resumed").count(), 1);
}

#[tokio::test]
async fn a_stop_without_work_is_clean() {
    let mut worker = Worker::start().await;
    worker.signal(Signal::INT);
    assert_eq!(worker.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_queued_job_survives_the_stop() {
    let mut worker = Worker::options().set("MAX_JOBS", "1").start().await;
    let site = Site::tree(3).await;
    let hold = site.hold("/");
    let (first, second) = (
        worker.api().submit(json!({ "url": site.url("/") })).await,
        worker
            .api()
            .submit(json!({ "url": site.url("/page/1") }))
            .await,
    );

    worker.terminate();
    assert_eq!(worker.exit().await.code(), Some(0));
    hold.open();
    worker.restart().await;

    first.becomes("done").await;
    second.becomes("done").await;
}

#[tokio::test]
async fn a_draining_worker_is_not_ready() {
    let worker = Worker::start().await;
    let _slow = unfinished_request(&worker).await;
    assert_eq!(worker.api().get("/readyz").await.status, 200);

    worker.terminate();

    // It says so while it still listens, and then no longer does.
    eventually("it is not ready", || async {
        let answer = worker.api().request("GET", "/readyz").send().await;
        answer
            .map_or(true, |answer| answer.status() == 503)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_second_signal_ends_the_process_at_once() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut worker = Worker::start().await;
        let _slow = unfinished_request(&worker).await;
        worker.signal(signal);
        worker.logs("stopping").await;

        worker.signal(signal);

        assert_eq!(worker.exit().await.code(), Some(status));
    }
}

/// A caller that stops in the middle of its body: a drain waits for it.
async fn unfinished_request(worker: &Worker) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap();
    let part = "POST /v1/crawls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"url\":";
    within("half a request is sent", socket.write_all(part.as_bytes()))
        .await
        .unwrap();
    // An answer to a later request means that this one has been accepted.
    let _ = worker.api().get("/healthz").await.expect(200);
    socket
}
