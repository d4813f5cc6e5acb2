//! The memory budget for pages that are kept whole.
//!
//! It owns one budget for all crawls of a process: a page that is made into text, Markdown or HTML is kept until the crawl
//! has taken it in, and many large ones at once would take more than a machine has. It refuses to know what pages hold.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A budget of bytes. Clones share it.
///
/// Each page takes bytes as they arrive, so small pages never wait for what a large one might need. Pages that have used up
/// the budget together would wait for each other for ever; so one of them at a time, the first that had to wait, goes on
/// without taking any, and gives back all it has when it is done. The process keeps the budget and one page more at most.
#[derive(Debug, Clone)]
pub struct PageMemory {
    budget: Arc<Semaphore>,
    /// The right to go on beyond the budget.
    beyond: Arc<Semaphore>,
}

impl PageMemory {
    /// A budget of this many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self {
            budget: Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))),
            beyond: Arc::new(Semaphore::new(1)),
        }
    }

    /// An empty share, for a page of which no byte has arrived.
    pub(crate) fn share(&self) -> PageShare {
        PageShare {
            memory: self.clone(),
            bytes: None,
            beyond: None,
            has_waited: false,
        }
    }
}

/// The bytes that one page takes of the budget. Dropping it gives them back.
#[derive(Debug)]
pub(crate) struct PageShare {
    memory: PageMemory,
    bytes: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
    has_waited: bool,
}

impl PageShare {
    /// Takes so many bytes more, when they are free or it is this page's turn to go on beyond the budget.
    ///
    /// # Cancel safety
    /// Nothing is taken when the future is dropped; the page's place in the queue is lost.
    pub(crate) async fn grow(&mut self, bytes: usize) {
        if self.beyond.is_some() {
            return;
        }
        let count = u32::try_from(bytes).unwrap_or(u32::MAX);
        let budget = Arc::clone(&self.memory.budget);
        if let Ok(taken) = Arc::clone(&budget).try_acquire_many_owned(count) {
            return self.add(taken);
        }
        self.has_waited = true;
        // Both arms are cancel-safe: what the other has queued for goes to the next in its queue.
        tokio::select! {
            biased;
            Ok(taken) = budget.acquire_many_owned(count) => self.add(taken),
            Ok(turn) = Arc::clone(&self.memory.beyond).acquire_owned() => self.beyond = Some(turn),
            else => unreachable!("neither semaphore is ever closed"),
        }
    }

    /// True if the page had to wait: its server may have lost patience for that reason.
    pub(crate) const fn has_waited(&self) -> bool {
        self.has_waited
    }

    fn add(&mut self, taken: OwnedSemaphorePermit) {
        match &mut self.bytes {
            Some(bytes) => bytes.merge(taken),
            None => self.bytes = Some(taken),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn pages_that_fill_the_budget_together_go_on_one_after_the_other() {
        let memory = PageMemory::new(10);
        let (mut first, mut second, mut third) = (memory.share(), memory.share(), memory.share());
        let grows = |share: &mut PageShare, bytes| share.grow(bytes).now_or_never().is_some();
        assert!(grows(&mut first, 6) && grows(&mut second, 4));
        assert!(grows(&mut first, 100), "one goes on beyond the budget");
        assert!(
            !grows(&mut second, 1) && !grows(&mut third, 1),
            "and no other"
        );
        drop(first);
        assert!(grows(&mut third, 6), "what the first had is free");
        assert!(grows(&mut second, 1), "and so is its turn");
        assert!(second.has_waited() && third.has_waited());
    }

    #[tokio::test]
    async fn whoever_waits_goes_on_when_another_is_done() {
        let memory = PageMemory::new(10);
        let (mut full, mut beyond, mut waiting) = (memory.share(), memory.share(), memory.share());
        full.grow(10).await;
        beyond.grow(1).await;
        {
            let mut waits = std::pin::pin!(waiting.grow(5));
            assert!(waits.as_mut().now_or_never().is_none());
            drop(full);
            waits.await;
        }
        assert!(waiting.beyond.is_none(), "within the budget again");
    }
}
