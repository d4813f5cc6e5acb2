//! Work on whole pages that takes a processor for a while.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Runs as many conversions at once as there are processors, on threads where they keep nobody waiting. Clones share them:
/// one for all crawls of a process, so that many crawls at once wait their turn and the others' requests do not.
#[derive(Debug, Clone)]
pub struct Conversions(Arc<Semaphore>);

impl Default for Conversions {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(processors)))
    }
}

impl Conversions {
    /// Runs `convert` when its turn has come. Returns `None` if the process is ending.
    ///
    /// # Panics
    /// If `convert` does: a page that cannot be converted fails as such, and alone.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        convert: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let conversion = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            convert()
        });
        match conversion.await {
            Ok(converted) => Some(converted),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => None,
            },
        }
    }
}
