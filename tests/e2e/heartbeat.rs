//! A silent stream says that it is alive.

use e2e::{Mint, RawStream, Site, Worker};
use serde_json::json;
use shared::ChannelId;

#[tokio::test]
async fn a_heartbeat_is_a_comment_of_one_line() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("HEARTBEAT", "1s")
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let path = mint.events_path(ChannelId::mint());
    let mut stream = RawStream::open(worker.port(), &path, "HTTP/1.1").await;

    stream.until(":\n\r\n2\r\n:\n\r\n").await;

    assert!(
        stream.head().starts_with("http/1.1 200 ok"),
        "{}",
        stream.head()
    );
    let chunks = stream.chunked().chunks;
    assert!(chunks[0].starts_with("event:hello\ndata:{"), "{chunks:?}");
    assert_eq!(
        chunks[1..],
        [":\n", ":\n"],
        "a blank line after a comment would fire an empty message in a popular client"
    );
}

#[tokio::test]
async fn a_heartbeat_between_events_does_no_harm() {
    let worker = Worker::options().set("HEARTBEAT", "1s").start().await;
    let site = Site::tree(3).await;
    let hold = site.hold("/page/1");
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let mut watcher = job.watch();
    watcher.heartbeats(2).await;

    hold.open();

    let _ = watcher.until_over().await.check_ended("done");
}
