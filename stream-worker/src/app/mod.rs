//! The worker, wired: every part gets what it needs here, and nowhere else.
//!
//! ```text
//! config → open the stores → bind → build the parts → spawn the stages → announce → drain
//! ```

mod base;
mod runtime;
mod stores;
mod parts;
mod stages;
mod housekeeping;
mod worker;
mod local;

pub(crate) use local::{LocalConfig, LocalCrawl};
pub use runtime::runtime;
pub use worker::{Addresses, Worker};

use std::io::Write;

use anyhow::Context;

use crate::config::Config;
use crate::drain::{StopSignal, StopSignals};

/// End of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// It was told to stop, and has drained.
    Drained,
    /// A second signal came during the drain: the process is to end at once.
    CutShort(StopSignal),
}

/// Runs a worker until it is told to stop, then drains it. A second signal cuts the drain short.
///
/// # Errors
/// As [`Worker::start`].
pub async fn serve(config: Config) -> anyhow::Result<Served> {
    // Before anything is started, so that a signal in between is not lost.
    let mut signals = StopSignals::listen().context("could not listen for signals")?;
    housekeeping::raise_open_files(parts::max_sockets(&config));
    let worker = Worker::start(config).await?;
    announce(worker.addresses())?;
    let signal = signals.next().await;
    tracing::info!(
        signal = signal.name(),
        "stopping; a second signal ends the process at once"
    );
    tokio::select! {
        () = worker.drain() => {
            tracing::info!("stopped");
            Ok(Served::Drained)
        }
        signal = signals.next() => {
            tracing::warn!(signal = signal.name(), "ended at once; nothing durable is lost");
            Ok(Served::CutShort(signal))
        }
    }
}

/// Tells whoever started the process where it serves.
fn announce(addresses: Addresses) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{}", addresses.worker)?;
    if let Some(demo) = addresses.demo {
        writeln!(out, "demo site on http://{demo}/")?;
    }
    out.flush().context("could not write to stdout")
}
