//! A watcher that reads nothing slows only itself, costs no more than its socket, and is closed in the end.

use e2e::{Api, Page, Site, Worker, eventually, heavy, within};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const PAGES: usize = 120;

/// Pages whose frames are far more than the kernel keeps for one socket.
async fn site_of_large_pages() -> Site {
    Site::of(|path| {
        let next = match path.strip_prefix("/large-") {
            Some(number) => number
                .parse::<usize>()
                .ok()
                .map(|number| number + 1)
                .filter(|next| *next < PAGES),
            None => Some(0),
        };
        let links = next
            .map(|next| format!("<a href=/large-{next}>next</a>"))
            .unwrap_or_default();
        Page::html(format!(
            "<title>{path}</title>{links}<p>{}</p>",
            "large ".repeat(30_000)
        ))
    })
    .await
}

/// A client that reads the beginning of its answer, and then nothing.
async fn deaf_client(worker: &Worker, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut socket = socket
        .connect(([127, 0, 0, 1], worker.port()).into())
        .await
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = vec![0; 1024];
    within("the beginning", socket.read(&mut head))
        .await
        .unwrap();
    socket
}

#[tokio::test]
async fn a_watcher_that_reads_nothing_harms_nobody_and_is_closed() {
    let alone = heavy().await;
    let (worker, site) = (
        Worker::options().set("HEARTBEAT", "1s").start().await,
        site_of_large_pages().await,
    );
    let hold = site.hold("/");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxDiscoveryDepth": 1000, "formats": ["html"] }))
        .await;
    let mut brisk = job.watch();
    brisk.until_event("hello").await;
    let mut deaf = Vec::new();
    for _ in 0..10 {
        deaf.push(deaf_client(&worker, &job.events_path()).await);
    }
    let before = worker.rss();

    hold.open();
    let seen = brisk.until_over().await;

    let _ = seen.check_ended("done");
    assert_eq!(seen.pages().len(), PAGES + 1);
    // The log is 22 MB; ten queues of it would be 220.
    let after = worker.rss();
    assert!(after.0 < before.0 + 100 * 1024, "from {before} to {after}");
    // What follows is a minute's wait, which others may use.
    drop(alone);
    eventually("the deaf are closed as slow", || async {
        let closed = worker
            .metrics()
            .await
            .labelled("crawlcast_stream_closes_total", "reason=\"Slow\"");
        (closed >= 10.0).then_some(())
    })
    .await;
    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}

#[tokio::test]
async fn clients_that_read_nothing_do_not_hold_up_a_stop() {
    let _alone = heavy().await;
    let (mut worker, site) = (Worker::start().await, site_of_large_pages().await);
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxDiscoveryDepth": 1000, "formats": ["html"] }))
        .await;
    job.becomes("done").await;
    let download = format!(
        "/v1/channels/{}/results?{}",
        job.channel,
        job.events_path().split_once('?').unwrap().1
    );
    let _downloads = deaf_client(&worker, &download).await;
    let _watches = deaf_client(&worker, &job.events_path()).await;
    let http2 = Api::client().http2_prior_knowledge().build().unwrap();
    let http2 = worker.api().with_client(http2);
    let _http2_downloads = http2.request("GET", &download).send().await.unwrap();
    let _http2_watches = http2
        .request("GET", &job.events_path())
        .send()
        .await
        .unwrap();

    worker.terminate();

    assert_eq!(worker.exit().await.code(), Some(0));
    assert!(!worker.log().contains("cut short"), "{}", worker.log());
}
