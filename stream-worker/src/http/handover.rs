//! A watcher's socket on its way out of the HTTP server.
//!
//! The endpoint puts the subscription here and never answers; the task that drives the connection sees it, takes the
//! connection apart and gives the socket to the stream.

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::firecrawl::watch::Watch;
use crate::connection::{Delimiter, Welcome};

/// A use of a socket that leaves the HTTP server.
pub(super) enum Grant {
    /// The stream of a channel.
    Stream {
        /// The head of the answer.
        head: Bytes,
        /// The end of the body, as the head promises it.
        delimiter: Delimiter,
        content: Content,
    },
    /// A WebSocket.
    WebSocket(Box<Watch>),
}

/// Content of a stream.
pub(super) enum Content {
    /// A job's events.
    Events(Box<Welcome>),
    /// One frame, after which the watcher must come back.
    Bye(Bytes),
}

#[derive(Default)]
pub(super) struct Handover {
    granted: Mutex<Option<Grant>>,
    wake: Notify,
}

impl Handover {
    pub(super) fn grant(&self, grant: Grant) {
        *self.granted.lock() = Some(grant);
        self.wake.notify_one();
    }

    /// Waits for a grant.
    ///
    /// # Cancel safety
    /// Cancel-safe: the grant stays until it is taken.
    pub(super) async fn taken(&self) -> Grant {
        loop {
            if let Some(grant) = self.granted.lock().take() {
                return grant;
            }
            self.wake.notified().await;
        }
    }
}
