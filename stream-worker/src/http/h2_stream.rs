//! One HTTP/2 stream: its task, and the time that its reader may take.
//!
//! Many streams share a socket that is never blocked for long, so a reader that opens no window is invisible there. The
//! HTTP server polls a body when there is room for more of it: one that has given a frame and is not polled again waits
//! for its reader.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::rt::Executor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::Body;
use super::pace::{Pace, PaceTimer};

tokio::task_local! {
    /// The pace of the stream whose task this is.
    static PACE: Arc<Pace>;
}

/// Runs the HTTP server's task for each stream: owned by the listener's tracker, and ended when the reader stalls.
#[derive(Clone)]
pub(super) struct StreamTasks {
    pub(super) tasks: TaskTracker,
    /// Time after which a reader that takes nothing, while something waits, loses its stream.
    pub(super) stall: Duration,
    /// Cancelled when connections are to end; a stalled reader has five seconds then.
    pub(super) stop: CancellationToken,
}

impl<F> Executor<F> for StreamTasks
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let pace = Pace::of_stream(self.stall);
        let run = run(stream, pace.clone(), self.stop.clone());
        self.tasks.spawn(PACE.scope(pace, run));
    }
}

/// Runs a stream to its end, or drops it when its reader is late, which resets it.
async fn run(stream: impl Future, pace: Arc<Pace>, stop: CancellationToken) {
    let (mut stream, mut stopping) = (pin!(stream), pin!(stop.cancelled()));
    let mut timer = PaceTimer::new(pace.clone());
    poll_fn(|cx| {
        if stopping.as_mut().poll(cx).is_ready() {
            pace.stopping();
        }
        match stream.as_mut().poll(cx) {
            Poll::Ready(_ended) => Poll::Ready(()),
            Poll::Pending => timer.poll(cx).map(|late| {
                tracing::debug!(?late, "reset a stream whose reader took too long");
            }),
        }
    })
    .await;
}

/// A body that notes whether its reader has room for more.
pub(super) struct TimedBody {
    body: Body,
    pace: Option<Arc<Pace>>,
}

impl TimedBody {
    /// Times `body` in the stream whose task this is called in.
    pub(super) fn new(body: Body) -> Self {
        let pace = PACE.try_with(Arc::clone).ok();
        if let Some(pace) = &pace {
            pace.note_blocked();
        }
        Self { body, pace }
    }
}

impl hyper::body::Body for TimedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(pace) = &self.pace {
            match frame {
                Poll::Ready(_) => pace.note_next_waits(),
                // It waits for us, not for its reader.
                Poll::Pending => pace.note_progress(),
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for TimedBody {
    fn drop(&mut self) {
        if let Some(pace) = &self.pace {
            pace.note_progress();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http::{Request, Response};
    use http_body_util::{BodyExt, Empty, StreamBody};
    use hyper::body::Incoming;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use shared::numbers::STALL;
    use tokio::io::duplex;
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::connection::STALL_WHILE_STOPPING;

    const PIECE: &[u8] = &[b'x'; 16 * 1024];

    fn endless() -> Body {
        let frame = || Ok(Frame::data(Bytes::from_static(PIECE)));
        StreamBody::new(stream::repeat_with(frame)).boxed_unsync()
    }

    /// An answer without an end, and the server's tasks for streams.
    async fn endless_answer(stop: CancellationToken) -> (Incoming, TaskTracker) {
        let (tasks, rest) = (TaskTracker::new(), TaskTracker::new());
        let (client, server) = duplex(64 * 1024);
        let executor = StreamTasks {
            tasks: tasks.clone(),
            stall: STALL,
            stop,
        };
        let service = service_fn(|_request: Request<Incoming>| async {
            Ok::<_, Infallible>(Response::new(TimedBody::new(endless())))
        });
        rest.spawn(
            hyper::server::conn::http2::Builder::new(executor)
                .serve_connection(TokioIo::new(server), service),
        );
        let own = StreamTasks {
            tasks: rest.clone(),
            stall: STALL,
            stop: CancellationToken::new(),
        };
        let (mut requests, connection) =
            hyper::client::conn::http2::handshake(own, TokioIo::new(client))
                .await
                .unwrap();
        rest.spawn(connection);
        let answer = requests
            .send_request(Request::new(Empty::<Bytes>::new()))
            .await
            .unwrap();
        tasks.close();
        (answer.into_body(), tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_reads_is_reset() {
        let (_answer, streams) = endless_answer(CancellationToken::new()).await;
        let began = Instant::now();

        streams.wait().await;

        assert_eq!(began.elapsed().as_secs(), STALL.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_reads_does_not_hold_up_a_stop() {
        let stop = CancellationToken::new();
        let (_answer, streams) = endless_answer(stop.clone()).await;
        sleep(Duration::from_secs(1)).await;
        let began = Instant::now();

        stop.cancel();
        streams.wait().await;

        assert!(began.elapsed() <= STALL_WHILE_STOPPING);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_is_read_slowly_goes_on() {
        let (mut answer, streams) = endless_answer(CancellationToken::new()).await;
        for _ in 0..300 {
            sleep(STALL / 20).await;
            let frame = answer.frame().await.expect("it has no end");
            assert!(frame.is_ok(), "it goes on");
        }
        assert_eq!(streams.len(), 1);
    }
}
