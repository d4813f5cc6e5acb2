//! A robots.txt from the network.
//!
//! It owns what answers mean (RFC 9309, section 2.3.1): which statuses allow all, how far redirects are followed, how much is
//! read. It refuses to know what the file says.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use shared::event::ErrorCode;
use url::Url;

use super::verdict::RobotsVerdict;
use crate::crawl::host_name::HostName;
use crate::crawl::politeness::retry_pause;
use crate::crawl::request_url::without_fragment_and_user;
use crate::fetch::{Answer, FetchError, FetchRequest, Fetcher, LocalFault};

/// Bytes of a file that are read: as many as section 2.5 asks for at least.
const MAX_BYTES: usize = 500 * 1024;
/// Redirects that are followed, also to other hosts: as many as section 2.3.1.2 asks for at least.
const MAX_REDIRECTS: u32 = 5;

/// Asks for robots.txt files, as one crawl wants it.
#[derive(Clone)]
pub(crate) struct RobotsReader {
    pub(crate) fetcher: Arc<dyn Fetcher>,
    /// The product token that groups are matched with.
    pub(crate) agent: Arc<str>,
    /// Time that one try may take, body included.
    pub(crate) timeout: Duration,
    /// Further tries after a failure that may pass.
    pub(crate) retries: u32,
}

impl RobotsReader {
    /// Reads the robots.txt of `host`, with pauses between tries.
    ///
    /// # Errors
    /// If this machine could not ask, which says nothing about the host. Ask again later.
    pub(crate) async fn read(self, host: HostName) -> Result<RobotsVerdict, LocalFault> {
        let Ok(url) = Url::parse(&format!("{host}/robots.txt")) else {
            let reason = "the host has no valid name".to_owned();
            return Ok(RobotsVerdict::Unreachable(reason));
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_once(url.clone()).await {
                Ok(verdict) => return Ok(verdict),
                Err(Trouble::Local(fault)) => return Err(fault),
                Err(Trouble::Remote { transient, .. }) if transient && tries <= self.retries => {
                    tokio::time::sleep(retry_pause(tries)).await;
                }
                Err(Trouble::Remote { message, .. }) => {
                    return Ok(RobotsVerdict::Unreachable(message));
                }
            }
        }
    }

    async fn try_once(&self, mut url: Url) -> Result<RobotsVerdict, Trouble> {
        for _ in 0..=MAX_REDIRECTS {
            let request = FetchRequest {
                url: url.clone(),
                timeout: self.timeout,
                // Read a little further than we use, so that a long file is cut by us and is no error.
                max_body_bytes: 2 * MAX_BYTES as u64,
                unless: None,
                // It is asked for in the service's own name, whoever the crawl is for.
                cookies: None,
                headers: None,
            };
            let answer = match self.fetcher.fetch(request).await {
                Ok(answer) => answer,
                Err(FetchError::BlockedAddress) => return Ok(RobotsVerdict::Blocked),
                Err(error) => return Err(error.into()),
            };
            match answer.status {
                200..=299 => return self.parse(answer, &url).await,
                500.. => return Err(Trouble::of_status(answer.status)),
                _ => match answer.redirect_target(&url) {
                    Some(target) => url = without_fragment_and_user(target),
                    None => return Ok(RobotsVerdict::no_rules()),
                },
            }
        }
        // Section 2.3.1.2: beyond five redirects the file may be taken for unavailable, which allows all.
        Ok(RobotsVerdict::no_rules())
    }

    async fn parse(&self, mut answer: Answer, url: &Url) -> Result<RobotsVerdict, Trouble> {
        let mut text = Vec::new();
        while text.len() <= MAX_BYTES {
            match answer.body.next().await {
                None => break,
                Some(Ok(chunk)) => text.extend_from_slice(&chunk),
                Some(Err(FetchError::Failed {
                    code: ErrorCode::TooLarge,
                    ..
                })) => break,
                Some(Err(error)) => return Err(error.into()),
            }
        }
        Ok(RobotsVerdict::parse(beginning(&text), url, &self.agent))
    }
}

/// As much of a file as is read: whole lines, since half a path forbids more than the path.
fn beginning(text: &[u8]) -> &[u8] {
    if text.len() <= MAX_BYTES {
        return text;
    }
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = text[..=MAX_BYTES].iter().rposition(ends);
    &text[..end.unwrap_or(0)]
}

/// The reason why a file could not be read.
enum Trouble {
    /// This machine could not ask.
    Local(LocalFault),
    /// The host's answer is of no use, or there is none.
    Remote { message: String, transient: bool },
}

impl Trouble {
    fn of_status(status: u16) -> Self {
        Self::Remote {
            message: format!("it answers with status {status}"),
            transient: true,
        }
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Local(fault) => Self::Local(fault),
            FetchError::BlockedAddress => Self::Remote {
                message: error.to_string(),
                transient: false,
            },
            FetchError::Failed {
                message, transient, ..
            } => Self::Remote { message, transient },
        }
    }
}
