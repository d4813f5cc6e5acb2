//! `crawlcast`: submit a crawl, watch it live.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use stream_worker::app::{self, Served};
use stream_worker::config::{Command, CommandLine, Config, ServeOptions};
use stream_worker::telemetry;

/// Packs the small, long-lived tasks of watchers closely, and gives back what they leave.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// `EX_USAGE` of sysexits: the command line or the environment is wrong.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let options = match command_line() {
        Ok(options) => options,
        Err(error) => {
            // Help and version are answers, not errors.
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            let _closed = error.print();
            return if asked {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(USAGE)
            };
        }
    };
    let config = match Config::try_from(options) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("crawlcast: {faults}\n\n`crawlcast serve --help` describes every setting.");
            return ExitCode::from(USAGE);
        }
    };
    match run(config) {
        Ok(Served::Drained) => ExitCode::SUCCESS,
        Ok(Served::CutShort(signal)) => ExitCode::from(signal.exit_status()),
        Err(error) => {
            eprintln!("crawlcast: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The settings as text. Without a command, `serve` is meant.
fn command_line() -> Result<ServeOptions, clap::Error> {
    let command = match CommandLine::try_parse()?.command {
        Some(command) => command,
        None => CommandLine::try_parse_from(["crawlcast", "serve"])?
            .command
            .expect("serve is a command"),
    };
    match command {
        Command::Serve(options) => Ok(*options),
    }
}

fn run(config: Config) -> anyhow::Result<Served> {
    telemetry::start(&config.log, config.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(app::serve(config));
    // What a stop has cut short is not waited for again.
    runtime.shutdown_background();
    served
}
