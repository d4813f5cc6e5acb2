//! Pages that were fetched by jobs of this worker and are not in the totals of their tenants yet.

use std::collections::HashMap;

use parking_lot::Mutex;

/// Pages that were fetched and not counted yet, by tenant.
#[derive(Default)]
pub(super) struct PagesToCount(Mutex<HashMap<String, u64>>);

impl PagesToCount {
    pub(super) fn add(&self, tenant: String, pages: u64) {
        *self.0.lock().entry(tenant).or_default() += pages;
    }

    pub(super) fn take(&self) -> HashMap<String, u64> {
        std::mem::take(&mut *self.0.lock())
    }
}
