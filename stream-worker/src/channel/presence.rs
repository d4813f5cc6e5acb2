//! Channels whose first watcher came or whose last one left, until the journal knows.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::time::Duration;

use parking_lot::Mutex;
use shared::ChannelId;
use shared::back_off::Doubling;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Pauses between writes of one channel's presence. Never long: a job whose grace runs is not to be cancelled because one
/// write failed.
const RETRY: Doubling = Doubling {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(5),
};

/// Channels whose presence is still to be written. A set, so that a crowd that comes and goes is one note per channel.
/// The value written is the state at the time of the write, so that notes cannot overtake each other.
#[derive(Default)]
pub(super) struct Presence {
    noted: Mutex<HashSet<ChannelId>>,
    news: Notify,
}

/// A write that failed.
struct Retry {
    at: Instant,
    /// Writes that failed in a row.
    failures: u32,
}

impl Presence {
    pub(super) fn note(&self, id: ChannelId) {
        self.noted.lock().insert(id);
        self.news.notify_one();
    }

    /// Writes each noted channel with `write`, for ever. One that fails is written again after a wait of its own, and
    /// holds up no other.
    ///
    /// # Cancel safety
    /// To be dropped at the end of the worker only: what is not written by then is lost.
    pub(super) async fn write_all<E: Display, W: Future<Output = Result<(), E>>>(
        &self,
        write: impl Fn(ChannelId) -> W,
    ) {
        let mut retries = HashMap::new();
        loop {
            for id in self.due(&mut retries).await {
                let Err(error) = write(id).await else {
                    retries.remove(&id);
                    continue;
                };
                let failures = retries.get(&id).map_or(0, |retry: &Retry| retry.failures) + 1;
                let wait = RETRY.after(failures);
                tracing::warn!(channel = %id, %error, ?wait, "could not note who watches; trying again");
                let retry = Retry {
                    at: Instant::now() + wait,
                    failures,
                };
                retries.insert(id, retry);
            }
        }
    }

    /// Waits until something is to be written: channels that were noted, and failed ones whose wait is over.
    async fn due(&self, retries: &mut HashMap<ChannelId, Retry>) -> HashSet<ChannelId> {
        loop {
            let mut due = std::mem::take(&mut *self.noted.lock());
            let now = Instant::now();
            due.extend(
                retries
                    .iter()
                    .filter(|(_, retry)| retry.at <= now)
                    .map(|(id, _)| *id),
            );
            if !due.is_empty() {
                return due;
            }
            let next = retries.values().map(|retry| retry.at).min();
            // Both arms are cancel-safe: a notification that is missed is found in the set, and a time stays.
            tokio::select! {
                () = self.news.notified() => {}
                () = sleep_until(next.unwrap_or(now)), if next.is_some() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_channel_that_cannot_be_written_holds_up_no_other() {
        let (presence, broken) = (Presence::default(), ChannelId::mint());
        let others: HashSet<ChannelId> = (0..20).map(|_| ChannelId::mint()).collect();
        let began = Instant::now();
        let (tell, mut written) = mpsc::channel(100);
        let writing = presence.write_all(|id| {
            let fails = id == broken && began.elapsed() < Duration::from_secs(60);
            let tell = tell.clone();
            async move {
                if fails {
                    return Err("on purpose");
                }
                tell.send((id, began.elapsed())).await.unwrap();
                Ok(())
            }
        });

        let seen = async {
            presence.note(broken);
            tokio::task::yield_now().await;
            for id in &others {
                presence.note(*id);
            }
            let mut seen = HashSet::new();
            while seen.len() < others.len() {
                let (id, after) = written.recv().await.unwrap();
                assert_eq!(after, Duration::ZERO, "{id} waits for nobody");
                seen.insert(id);
            }
            assert_eq!(seen, others);
            written.recv().await.unwrap()
        };
        let (id, after) = tokio::select! {
            () = writing => unreachable!("it writes for ever"),
            last = seen => last,
        };

        assert_eq!(id, broken);
        assert!(
            after <= Duration::from_secs(60) + RETRY.longest,
            "{after:?}"
        );
    }
}
