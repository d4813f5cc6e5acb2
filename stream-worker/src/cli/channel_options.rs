//! Options of the commands that are about one job on a server.

use anyhow::Context;
use clap::Args;

use super::channel_ref::ChannelRef;
use super::exit::Failure;
use crate::config::KeyOptions;

/// Options for the job that a command is about.
#[derive(Debug, Clone, Args)]
pub(super) struct ChannelOptions {
    /// A file with what `submit` printed, `-` for stdin, or the job's eventsUrl or statusUrl.
    #[arg(value_name = "JOB")]
    channel: String,

    #[command(flatten)]
    key: KeyOptions,
}

impl ChannelOptions {
    /// The job's channel.
    ///
    /// # Errors
    /// It is not named rightly, or a file cannot be read.
    pub(super) fn channel(&self) -> Result<ChannelRef, Failure> {
        let key = self.key.api_key().context("could not read the API key")?;
        ChannelRef::read(&self.channel, key)
    }
}
