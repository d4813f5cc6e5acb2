//! The way of steps out of the crawl, and of URLs that wait back in.
//!
//! It owns the sink of the crawl's steps and the token that stops the crawl, because the two are waited for together. It
//! refuses to know what a step says.

use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::Interrupt;
use super::in_flight::InFlight;
use crate::crawl::{Candidate, CrawlStep, StepSink};

/// The sink of one crawl, until the crawl is told to stop.
pub(super) struct Outlet<'a> {
    sink: &'a mut dyn StepSink,
    stop: CancellationToken,
}

impl<'a> Outlet<'a> {
    /// Pushes into `sink` until `stop` is cancelled.
    pub(super) fn new(sink: &'a mut dyn StepSink, stop: CancellationToken) -> Self {
        Self { sink, stop }
    }

    /// Waits until the crawl is told to stop.
    pub(super) fn stopped(&self) -> WaitForCancellationFuture<'_> {
        self.stop.cancelled()
    }

    /// Fails with [`Interrupt::Stopped`] once the crawl is told to stop.
    pub(super) fn check(&self) -> Result<(), Interrupt> {
        if self.stop.is_cancelled() {
            return Err(Interrupt::Stopped);
        }
        Ok(())
    }

    /// Hands a step over. When the crawl is told to stop meanwhile, the requests in flight end at once and the push that has
    /// begun is waited for: nobody could say otherwise whether the step was taken.
    pub(super) async fn push(
        &mut self,
        step: CrawlStep,
        in_flight: &mut InFlight,
    ) -> Result<(), Interrupt> {
        let mut push = self.sink.push(step);
        let pushed = tokio::select! {
            biased;
            pushed = &mut push => pushed,
            () = self.stop.cancelled() => {
                in_flight.abort();
                push.await
            }
        };
        pushed.map_err(|_closed| Interrupt::SinkClosed)
    }

    /// Waits until every step that was handed over is durable.
    pub(super) async fn flush(&mut self) -> Result<(), Interrupt> {
        let flushed = self.sink.flush().await;
        flushed.map_err(|_closed| Interrupt::SinkClosed)
    }

    /// Reads up to `most` of the URLs that wait from the store: those after the ordinal `after`, in order.
    pub(super) async fn waiting(
        &mut self,
        after: u64,
        most: usize,
    ) -> Result<Vec<Candidate>, Interrupt> {
        let reading = self.sink.waiting(after, most);
        tokio::select! {
            biased;
            // Both arms are cancel-safe: a token, and the read, which says so itself.
            () = self.stop.cancelled() => Err(Interrupt::Stopped),
            batch = reading => batch.map_err(|_closed| Interrupt::SinkClosed),
        }
    }
}
