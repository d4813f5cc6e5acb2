//! `serve`: the worker.

use std::process::ExitCode;

use crate::app::{self, Served};
use crate::config::{Config, ServeOptions};
use crate::telemetry;

/// `EX_USAGE` of sysexits: the settings are wrong.
pub(super) const USAGE: u8 = 64;

/// Runs a worker until it is told to stop.
pub(super) fn run(options: ServeOptions) -> ExitCode {
    let config = match Config::try_from(options) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("crawlcast: {faults}\n\n`crawlcast serve --help` describes every setting.");
            return ExitCode::from(USAGE);
        }
    };
    match serve(config) {
        Ok(Served::Drained) => ExitCode::SUCCESS,
        Ok(Served::CutShort(signal)) => ExitCode::from(signal.exit_status()),
        Err(error) => {
            eprintln!("crawlcast: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(config: Config) -> anyhow::Result<Served> {
    telemetry::start(&config.log, config.log_format)?;
    let runtime = app::runtime()?;
    let served = runtime.block_on(app::serve(config));
    // What a stop has cut short is not waited for again.
    runtime.shutdown_background();
    served
}
