//! The log that a process writes to stderr.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;

use crate::within;

/// The bytes so far, and a signal for those who wait for more.
pub(crate) struct Log {
    bytes: Mutex<Vec<u8>>,
    grown: watch::Sender<()>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            bytes: Mutex::default(),
            grown: watch::Sender::new(()),
        }
    }
}

impl Log {
    /// Reads to the end of `stderr`.
    pub(crate) async fn read(self: Arc<Self>, mut stderr: impl AsyncRead + Unpin) {
        let mut piece = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = stderr.read(&mut piece).await {
            self.bytes.lock().extend_from_slice(&piece[..read]);
            self.grown.send_replace(());
        }
    }

    /// All of it so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock()).into_owned()
    }

    /// Waits until it says `words`.
    pub(crate) async fn says(&self, words: &str) {
        let mut grown = self.grown.subscribe();
        within(&format!("the log says `{words}`"), async {
            while !self.text().contains(words) {
                grown
                    .changed()
                    .await
                    .expect("the log is here as long as it is read");
            }
        })
        .await;
    }
}
