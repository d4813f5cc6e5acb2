//! Acts that run to their end although their client has left.
//!
//! The HTTP server drops an endpoint's future as soon as its client is gone. What follows a durable act (a count, the
//! signal to an attempt that runs) would then not happen although the act has. Such acts run as tasks of their own.

use std::future::Future;

use shared::Problem;
use tokio_util::task::TaskTracker;

/// Runs `act` to its end, whether or not this future lives to see it.
///
/// # Errors
/// Those of `act`; 500 if it panicked.
///
/// # Cancel safety
/// Cancel-safe: `act` goes on when this is dropped. `tasks` owns it, so a stop waits for it.
pub(super) async fn to_the_end<T: Send + 'static>(
    tasks: &TaskTracker,
    act: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tasks.spawn(act).await.unwrap_or_else(|error| {
        tracing::error!(%error, "what a request asked for was not done");
        Err(Problem::internal(
            "what this request asked for was not done; the log says why",
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_goes_on_after_the_client_has_left() {
        let (tasks, gate, done) = (
            TaskTracker::new(),
            Arc::new(Semaphore::new(0)),
            Arc::new(Semaphore::new(0)),
        );
        let act = {
            let (gate, done) = (gate.clone(), done.clone());
            async move {
                let _durable = gate.acquire().await;
                done.add_permits(1);
                Ok(())
            }
        };
        let mut asked = Box::pin(to_the_end(&tasks, act));
        assert!(
            futures_util::poll!(asked.as_mut()).is_pending(),
            "it waits for the gate"
        );
        drop(asked);
        gate.add_permits(1);
        let _seen = done.acquire().await.unwrap();
        tasks.close();
        tasks.wait().await;
    }

    #[tokio::test]
    async fn a_panic_is_answered() {
        let problem = to_the_end::<()>(&TaskTracker::new(), async { panic!("on purpose") })
            .await
            .unwrap_err();
        assert_eq!(problem.status, 500);
    }
}
