//! The threads that a worker runs on.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Time after which a thread that waits for blocking work ends. Ten thousand watchers that arrive together leave forty such
/// threads, and each has memory of the allocator's for itself.
const IDLE_THREAD: Duration = Duration::from_secs(1);

/// A runtime with a thread for each core, and more for work that blocks.
///
/// # Errors
/// The system's, if it gives no more threads or descriptors.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(IDLE_THREAD)
        .build()
}
