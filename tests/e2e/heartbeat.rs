//! A silent stream says that it is alive.

use e2e::{Mint, Site, Worker, within};
use serde_json::json;
use shared::ChannelId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_heartbeat_is_a_comment_of_one_line() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("HEARTBEAT", "1s")
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let mut socket = TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\n\r\n",
        mint.events_path(ChannelId::mint())
    );
    socket.write_all(request.as_bytes()).await.unwrap();

    let mut bytes = Vec::new();
    within("two heartbeats", async {
        while !bytes.ends_with(b":\n:\n") {
            assert_ne!(
                socket.read_buf(&mut bytes).await.unwrap(),
                0,
                "the stream stays open"
            );
        }
    })
    .await;

    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let (hello, rest) = body.split_once("\n\n").unwrap();
    assert!(hello.starts_with("event:hello\ndata:{"), "{hello}");
    assert_eq!(
        rest, ":\n:\n",
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
