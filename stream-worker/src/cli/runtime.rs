//! The runtime of a command.

use anyhow::Context;

use super::exit::Failure;
use crate::app;

/// Runs `work` to its end. What is still under way then is dropped.
///
/// # Errors
/// The work's own, or that threads cannot be started.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = app::runtime().context("could not start")?;
    let ended = runtime.block_on(work);
    runtime.shutdown_background();
    ended
}
