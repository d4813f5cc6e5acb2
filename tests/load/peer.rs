//! The plainest server that can broadcast events: hyper, a `broadcast` channel, a body for each watcher.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::StreamBody;
use hyper::Response;
use hyper::body::Frame;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::task::TaskTracker;

use crate::server::{now_nanos, payload};

pub(crate) async fn run() -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let (events, _) = broadcast::channel::<Bytes>(1024);
    let tasks = TaskTracker::new();
    tasks.spawn(accept(listener, events.clone(), tasks.clone()));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut position = 0_u64;
    while let Some(line) = lines.next_line().await? {
        let (count, per_second) = parse(&line);
        let mut tick = tokio::time::interval(Duration::from_secs(1) / per_second);
        for _ in 0..count {
            tick.tick().await;
            position += 1;
            let frame = format!(
                "event:notice\ndata:{}\nid:1-{position}\n\n",
                payload(now_nanos())
            );
            // Nobody listens yet: then nobody misses it.
            let _unheard = events.send(frame.into());
        }
        println!("published");
    }
    Ok(())
}

/// `publish <count> <events per second>`
pub(crate) fn parse(line: &str) -> (u64, u32) {
    let mut words = line.split_whitespace().skip(1);
    let count = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    (
        count,
        words.next().and_then(|word| word.parse().ok()).unwrap_or(1),
    )
}

async fn accept(listener: TcpListener, events: broadcast::Sender<Bytes>, tasks: TaskTracker) {
    while let Ok((socket, _)) = listener.accept().await {
        let _delayed = socket.set_nodelay(true);
        let events = events.clone();
        tasks.spawn(async move {
            let service = service_fn(|_request| {
                let receiver = events.subscribe();
                async move {
                    let hello =
                        stream::iter([Bytes::from_static(b"event:hello\ndata:{}\nid:0-0\n\n")]);
                    let rest = stream::unfold(receiver, |mut receiver| async {
                        receiver.recv().await.ok().map(|frame| (frame, receiver))
                    });
                    let body = StreamBody::new(
                        hello
                            .chain(rest)
                            .map(|frame| Ok::<_, Infallible>(Frame::data(frame)))
                            .boxed(),
                    );
                    Response::builder()
                        .header("content-type", "text/event-stream")
                        .body(body)
                }
            });
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
