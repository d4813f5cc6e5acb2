//! Waiting, in the one place where it is done by the clock.

use std::future::Future;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

/// Time after which a wait counts as one that never ends. Far longer than anything takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Interval between two looks at a condition that has no event.
const LOOK: Duration = Duration::from_millis(20);

/// Looks at something that changes without telling, until it answers with a value.
///
/// # Panics
/// If there is none within [`PATIENCE`]; `what` says what was waited for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    within(what, looking).await
}

/// Lets something last, such as an outage: its length is part of what a test does, not a time that anything is given to happen in.
pub async fn lasting(span: Duration) {
    let never = std::future::pending::<()>();
    // The end of the span is what is waited for.
    let _ = timeout(span, never).await;
}

/// Waits for `future`.
///
/// # Panics
/// If it is not ready within [`PATIENCE`]; `what` says what was waited for.
pub async fn within<F: Future>(what: &str, future: F) -> F::Output {
    match timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited {PATIENCE:?} in vain for: {what}"),
    }
}
