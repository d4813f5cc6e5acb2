//! Secrets of a job's request: opened when an attempt begins, kept while it runs.

use shared::request::RequestSecrets;
use shared::seal::SealError;
use shared::token::TokenKeys;
use shared::{CrawlRequest, JobMessage};

/// Place where an attempt finds the secrets of its job.
#[derive(Debug)]
pub(crate) enum SecretSource {
    /// In the message's seal, to be opened with these keys.
    Seal(TokenKeys),
    /// With whoever started this process for its only job. They are written nowhere.
    Given(RequestSecrets),
}

impl SecretSource {
    /// Seals secrets that a message has in the clear, as a front of before has sent it.
    pub(super) fn seal(&self, job: &mut JobMessage) {
        match self {
            Self::Seal(keys) => job.seal(keys),
            Self::Given(_) => {}
        }
    }

    /// The job's request with its secrets in their places.
    ///
    /// # Errors
    /// [`SealError`]; a retry here is of no use.
    pub(super) fn open(&self, job: &JobMessage) -> Result<CrawlRequest, SealError> {
        match self {
            Self::Seal(keys) => job.open(keys),
            Self::Given(secrets) => job.request.clone().with_secrets(secrets),
        }
    }
}
