//! A job that is waited for: its caller has one answer for the whole of it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use shared::{ChannelId, Event};
use store::journal::{CancelReason, JournalError, Stored};
use tokio::time::{Instant, timeout_at};

use super::events::event;
use crate::channel::{Feed, News};
use crate::firecrawl::Refusal;
use crate::http::HttpState;
use crate::http::answer::journal_problem;

/// Pause before a journal that did not answer is asked again.
const RETRY: Duration = Duration::from_millis(500);

/// Hands each event of a job to `take` until that breaks off, or the last event was taken. The job is cancelled when `deadline` is
/// over, and when the call is dropped, since its caller has left: nobody else could have the answer. Over HTTP/1.1 only a reset
/// tells that: who has closed its side may still read.
///
/// # Errors
/// `None` when `deadline` is over. The journal's, when the log cannot be read; 503 when this worker stops or has too many
/// watchers.
pub(super) async fn follow(
    state: &Arc<HttpState>,
    channel: ChannelId,
    deadline: Instant,
    take: impl FnMut(&Event, &Stored) -> ControlFlow<()>,
) -> Result<(), Option<Refusal>> {
    let awaited = Awaited {
        state: state.clone(),
        channel,
        is_over: false,
    };
    match timeout_at(deadline, read(state, channel, take)).await {
        Ok(followed) => {
            awaited.forget();
            followed
        }
        Err(_elapsed) => Err(None),
    }
}

/// A job whose answer is waited for. Dropped, it is cancelled.
struct Awaited {
    state: Arc<HttpState>,
    channel: ChannelId,
    is_over: bool,
}

impl Awaited {
    fn forget(mut self) {
        self.is_over = true;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (journal, channel) = (self.state.registry.journal().clone(), self.channel);
        self.state.tasks.spawn(async move {
            if let Err(error) = journal.cancel(channel, CancelReason::Requested).await {
                tracing::warn!(%channel, %error, "a job that nobody waits for was not cancelled");
            }
        });
    }
}

async fn read(
    state: &HttpState,
    channel: ChannelId,
    mut take: impl FnMut(&Event, &Stored) -> ControlFlow<()>,
) -> Result<(), Option<Refusal>> {
    let refused = |error: &JournalError| Some(Refusal::from(journal_problem(error)));
    let feed = Feed::open(&state.registry, channel).await;
    let Some(mut feed) = feed.map_err(|error| refused(&error))? else {
        return Err(Some(Refusal::new(
            503,
            "this worker has as many watchers as it may have; try again",
        )));
    };
    loop {
        let events = match feed.next().await {
            Ok(News::Events(events)) => events,
            Ok(News::Dismissed(_)) => {
                return Err(Some(Refusal::new(
                    503,
                    "this worker is stopping; try again",
                )));
            }
            Err(JournalError::Store(_)) => {
                tokio::time::sleep(RETRY).await;
                continue;
            }
            Err(error) => return Err(refused(&error)),
        };
        for stored in events {
            let Some(event) = event(&stored) else {
                continue;
            };
            if take(&event, &stored).is_break() || event.is_terminal() {
                return Ok(());
            }
        }
    }
}
