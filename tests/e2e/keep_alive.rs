//! Connections that carry more than one request.

use e2e::{Site, Worker, within};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn connect(worker: &Worker) -> TcpStream {
    TcpStream::connect(("127.0.0.1", worker.port()))
        .await
        .unwrap()
}

async fn ask(socket: &mut TcpStream) {
    socket
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok\n") {
        let read = within("an answer", socket.read_buf(&mut answer)).await;
        assert!(read.unwrap() > 0, "the connection was closed");
    }
}

/// A proxy keeps its connections to the worker, and sends the next request on one that has carried a stream.
#[tokio::test]
async fn a_connection_that_carried_a_stream_to_its_end_carries_more() {
    let worker = Worker::start().await;
    let site = Site::tree(3).await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.watch().until_over().await;
    let mut socket = connect(&worker).await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", job.events_path());

    for _ in 0..2 {
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Vec::new();
        while !stream.ends_with(b"\r\n0\r\n\r\n") {
            let read = within("the stream", socket.read_buf(&mut stream)).await;
            assert!(read.unwrap() > 0, "the connection was closed");
        }
        ask(&mut socket).await;
    }
}

#[tokio::test]
async fn a_connection_may_idle_for_longer_than_a_head_may_take() {
    let worker = Worker::start().await;
    let (mut idle, mut begun) = (connect(&worker).await, connect(&worker).await);
    ask(&mut idle).await;
    ask(&mut begun).await;

    begun
        .write_all(b"GET /healthz HTTP/1.1\r\nHo")
        .await
        .unwrap();
    let end = within(
        "a head that does not end is cut off",
        begun.read(&mut [0; 512]),
    )
    .await;

    assert!(end.is_ok_and(|read| read == 0));
    ask(&mut idle).await;
}
