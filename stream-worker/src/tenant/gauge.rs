//! A number of things that a tenant has at the same time, within its limit.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;

/// Counts places that are taken. Cheap to clone; clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge(Arc<Places>);

#[derive(Debug, Default)]
struct Places {
    taken: AtomicU32,
    /// Told when a place has been given back, if somebody waits for that.
    freed: Arc<Notify>,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Places>);

impl Gauge {
    /// A gauge that tells `freed` of each place that is given back.
    pub(super) fn telling(freed: Arc<Notify>) -> Self {
        Self(Arc::new(Places {
            taken: AtomicU32::new(0),
            freed,
        }))
    }

    /// Takes a place, unless `limit` are taken.
    pub(super) fn take(&self, limit: Option<NonZeroU32>) -> Option<Place> {
        let most = limit.map_or(u32::MAX, NonZeroU32::get);
        let taken = self
            .0
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < most).then(|| taken + 1)
            });
        taken.ok().map(|_before| Place(self.0.clone()))
    }

    pub(super) fn taken(&self) -> u32 {
        self.0.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
        self.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_given_back_can_be_taken_again() {
        let (gauge, limit) = (Gauge::default(), NonZeroU32::new(2));
        let first = gauge.take(limit);
        let second = gauge.take(limit);
        assert!(first.is_some() && second.is_some() && gauge.take(limit).is_none());
        drop(first);
        assert_eq!(gauge.taken(), 1);
        assert!(gauge.take(limit).is_some());
    }
}
