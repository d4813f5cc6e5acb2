//! Shares of tenants in a resource that all webhooks use.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One semaphore for each tenant, all of one size. A tenant that has taken its permits takes none of another's.
///
/// Entries stay: there are as many tenants as named API keys, and those whose key is gone.
pub(super) struct Shares {
    size: usize,
    by_tenant: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Shares {
    /// Splits `total` permits among `tenants`; each gets `least` at the least, so that many idle tenants do not slow down a
    /// busy one.
    pub(super) fn new(total: usize, tenants: usize, least: usize) -> Self {
        Self {
            size: (total / tenants.max(1)).max(least),
            by_tenant: Mutex::default(),
        }
    }

    /// The permits of `tenant`.
    pub(super) fn of(&self, tenant: &str) -> Arc<Semaphore> {
        let mut by_tenant = self.by_tenant.lock();
        if let Some(share) = by_tenant.get(tenant) {
            return share.clone();
        }
        let share = Arc::new(Semaphore::new(self.size));
        by_tenant.insert(tenant.to_owned(), share.clone());
        share
    }

    /// Up to `most` permits of `tenant`: those that are free now.
    pub(super) fn take_free(&self, tenant: &str, most: usize) -> Vec<OwnedSemaphorePermit> {
        let share = self.of(tenant);
        let free = || share.clone().try_acquire_owned().ok();
        std::iter::from_fn(free).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_takes_nothing_of_anothers_share() {
        let shares = Shares::new(8, 2, 1);
        let all = shares.take_free("a", 9);
        assert_eq!(all.len(), 4);
        assert!(shares.take_free("a", 1).is_empty());
        assert_eq!(shares.of("b").available_permits(), 4);
    }

    #[test]
    fn a_share_is_never_too_small_to_work_with() {
        assert_eq!(Shares::new(8, 100, 2).of("a").available_permits(), 2);
        assert_eq!(Shares::new(8, 0, 2).of("a").available_permits(), 8);
    }
}
