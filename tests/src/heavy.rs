//! Tests that need the machine for themselves.

use tokio::sync::{Semaphore, SemaphorePermit};

/// nextest keeps heavy tests apart by its own configuration; this does it where they share a process.
static ALONE: Semaphore = Semaphore::const_new(1);

/// A place among the heavy tests, of which one runs at a time.
///
/// # Panics
/// Never: the semaphore is not closed.
pub async fn heavy() -> SemaphorePermit<'static> {
    ALONE
        .acquire()
        .await
        .expect("the semaphore is never closed")
}
