//! `pause`, `resume` and `cancel`: an order to a server about one job.

use std::io::{self, Write};

use clap::Args;
use reqwest::Method;

use super::channel_options::ChannelOptions;
use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::server::send_for_json;

/// Options of an order.
#[derive(Debug, Clone, Args)]
pub(super) struct OrderOptions {
    #[command(flatten)]
    job: ChannelOptions,

    /// Print the server's answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// An order, by its path below the channel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Pause,
    Resume,
    Cancel,
}

impl Order {
    const fn path(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }

    /// The effect of an order that was taken, for people.
    const fn effect(self) -> &'static str {
        match self {
            Self::Pause => "the stream is paused; the job runs on",
            Self::Resume => "the stream goes on",
            Self::Cancel => "the job is stopping",
        }
    }

    /// Gives the order, and prints the answer.
    pub(super) fn give(self, options: &OrderOptions) -> Result<Exit, Failure> {
        let request = options.job.channel()?.request(Method::POST, self.path())?;
        let answer = block_on(send_for_json(request))?;
        let line = if options.json {
            answer.to_string()
        } else {
            self.effect().to_owned()
        };
        writeln!(io::stdout(), "{line}").map_err(Failure::stdout)?;
        Ok(Exit::Done)
    }
}
