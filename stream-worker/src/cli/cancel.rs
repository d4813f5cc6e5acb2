//! `cancel`.

use std::io::{self, Write};

use clap::Args;
use reqwest::Method;

use super::channel_options::ChannelOptions;
use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::server::send_for_json;

/// Options of `cancel`.
#[derive(Debug, Clone, Args)]
pub(super) struct CancelOptions {
    #[command(flatten)]
    job: ChannelOptions,

    /// Print the server's answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(options: &CancelOptions) -> Result<Exit, Failure> {
    let request = options.job.channel()?.request(Method::POST, "cancel")?;
    let answer = block_on(send_for_json(request))?;
    let line = if options.json {
        answer.to_string()
    } else {
        "the job is stopping".to_owned()
    };
    writeln!(io::stdout(), "{line}").map_err(Failure::stdout)?;
    Ok(Exit::Done)
}
