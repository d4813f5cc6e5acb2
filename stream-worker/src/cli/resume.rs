//! `resume`.

use std::io::{self, Write};

use clap::Args;
use reqwest::Method;

use super::channel_options::ChannelOptions;
use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::server::send_for_json;

/// Options of `resume`.
#[derive(Debug, Clone, Args)]
pub(super) struct ResumeOptions {
    #[command(flatten)]
    job: ChannelOptions,

    /// Print the server's answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(options: &ResumeOptions) -> Result<Exit, Failure> {
    let request = options.job.channel()?.request(Method::POST, "resume")?;
    let answer = block_on(send_for_json(request))?;
    let line = if options.json {
        answer.to_string()
    } else {
        "the stream goes on".to_owned()
    };
    writeln!(io::stdout(), "{line}").map_err(Failure::stdout)?;
    Ok(Exit::Done)
}
