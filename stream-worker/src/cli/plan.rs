//! The request of the crawl in a state directory, kept beside its journal so that the same command goes on with it.
//!
//! Secrets are not in it: the command gives them each time, and may give others under the same names, such as a new session.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use shared::api_key::ANONYMOUS;
use shared::queue_message::VERSION;
use shared::{ChannelId, Clock, CrawlRequest, JobMessage};

use super::exit::Failure;
use super::output::write_whole;

/// The file's name.
const NAME: &str = "crawl.json";

/// Life of the tokens of a local job, which nobody uses: longer than any crawl runs.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// The job of a directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    /// The job, as a front would have submitted it.
    pub(super) job: JobMessage,
    /// True if answers are kept for an archive.
    pub(super) archives: bool,
}

impl Plan {
    /// The plan of `directory`; a new one for `request`, whose secrets have been taken out, if there is none.
    ///
    /// # Errors
    /// The directory's crawl is another one, or cannot be read.
    pub(super) fn of(
        directory: &Path,
        request: CrawlRequest,
        archives: bool,
        clock: &Clock,
    ) -> Result<Self, Failure> {
        let file = directory.join(NAME);
        let Some(plan) = Self::read(&file)? else {
            let plan = Self::new(request, archives, clock);
            let json = serde_json::to_vec(&plan).context("a plan serialises")?;
            write_whole(&file, &json)
                .with_context(|| format!("could not write {}", file.display()))?;
            return Ok(plan);
        };
        if plan.job.request != request {
            return Err(Failure::Usage(format!(
                "{} holds another crawl, of {}: repeat its command to go on with it, or name another --state",
                directory.display(),
                plan.job
                    .request
                    .urls
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default()
            )));
        }
        if archives && !plan.archives {
            return Err(Failure::Usage(format!(
                "the crawl in {} began without a .warc.gz, so that its first answers are not kept: name another --state",
                directory.display()
            )));
        }
        Ok(plan)
    }

    fn read(file: &PathBuf) -> Result<Option<Self>, Failure> {
        let bytes = match std::fs::read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| format!("could not read {}", file.display()))?,
        };
        let plan = serde_json::from_slice(&bytes);
        Ok(Some(plan.with_context(|| {
            format!("{} is not the plan of a crawl", file.display())
        })?))
    }

    fn new(request: CrawlRequest, archives: bool, clock: &Clock) -> Self {
        let now = clock.now();
        let job = JobMessage {
            version: VERSION,
            channel_id: ChannelId::mint(),
            tenant: ANONYMOUS.to_owned(),
            submitted_at: now,
            expires_at: now.plus(YEAR),
            request,
            sealed: None,
        };
        Self { job, archives }
    }
}
