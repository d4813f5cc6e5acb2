//! Pages that could not be fetched.

use serde::Serialize;
use shared::event::{ErrorCode, FetchFailure, PageResult, SkipReason};
use shared::{Event, EventId, Timestamp};

use super::Refusal;

/// The pages of a job that could not be fetched, and those that robots.txt keeps out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlJobErrors)]
pub struct JobErrors {
    /// Always true. Firecrawl's own answer lacks it, and their asynchronous Python client takes that of a batch for an error.
    pub success: bool,
    /// Pages that could not be fetched.
    pub errors: Vec<JobError>,
    /// URLs that robots.txt keeps out.
    pub robots_blocked: Vec<String>,
}

impl Default for JobErrors {
    fn default() -> Self {
        Self {
            success: true,
            errors: Vec::new(),
            robots_blocked: Vec::new(),
        }
    }
}

/// A page that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FirecrawlJobError)]
pub struct JobError {
    /// Identifier of its event in the job's log.
    id: EventId,
    /// Time of the last try.
    timestamp: Timestamp,
    /// The page.
    url: String,
    /// Kind of failure, by the names that clients know.
    code: &'static str,
    /// The failure as a sentence.
    error: String,
}

impl JobErrors {
    /// Takes in an event of the log. A page whose status is from 400 on is a document, not an error.
    pub fn take(&mut self, event: &Event, id: EventId) {
        match event {
            Event::Progress(progress) => {
                let PageResult::Failed { error } = &progress.result else {
                    return;
                };
                if error.code == ErrorCode::Status && error.status.is_some() {
                    return;
                }
                self.errors.push(JobError {
                    id,
                    timestamp: progress.at,
                    url: progress.url.clone(),
                    code: code(error.code),
                    error: error.message.clone(),
                });
            }
            Event::Skipped(skipped) if skipped.reason == SkipReason::Robots => {
                self.robots_blocked.push(skipped.url.clone());
            }
            _ => {}
        }
    }

    /// Entries so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.errors.len() + self.robots_blocked.len()
    }
}

/// The reason why a single page has no document.
#[derive(Debug)]
pub struct ScrapeFailure;

impl ScrapeFailure {
    /// The answer for a page that could not be fetched.
    #[must_use]
    pub fn failed(failure: &FetchFailure) -> Refusal {
        let status = match failure.code {
            ErrorCode::Timeout | ErrorCode::Stalled => 408,
            _ => 500,
        };
        Refusal::new(status, failure.message.clone()).code(code(failure.code))
    }

    /// The answer for a page that was not asked for.
    #[must_use]
    pub fn skipped(reason: SkipReason) -> Refusal {
        let (code, sentence) = match reason {
            SkipReason::Robots => (
                "SCRAPE_ROBOTS_DISALLOWED",
                "robots.txt of the site forbids this page, or could not be read",
            ),
            SkipReason::BlockedAddress => (
                "SCRAPE_BLOCKED_ADDRESS",
                "the page's address is not one that this server may dial",
            ),
            _ => (
                "SCRAPE_REFUSED",
                "the page leads elsewhere, or its URL is too long",
            ),
        };
        Refusal::new(403, sentence).code(code)
    }

    /// The answer when the time is up.
    #[must_use]
    pub fn timed_out() -> Refusal {
        Refusal::new(
            408,
            "the page did not come in time; set a longer timeout, or start a crawl",
        )
        .code("SCRAPE_TIMEOUT")
    }
}

/// The name of a kind of failure that clients know, or one like it.
const fn code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Timeout | ErrorCode::Stalled => "SCRAPE_TIMEOUT",
        ErrorCode::Dns => "SCRAPE_DNS_RESOLUTION_ERROR",
        ErrorCode::Tls => "SCRAPE_SSL_ERROR",
        ErrorCode::Connect | ErrorCode::Reset | ErrorCode::Status => "SCRAPE_SITE_ERROR",
        ErrorCode::TooLarge => "SCRAPE_TOO_LARGE",
        ErrorCode::Truncated => "SCRAPE_TRUNCATED",
        ErrorCode::Protocol => "SCRAPE_PROTOCOL_ERROR",
        ErrorCode::Headers => "SCRAPE_HEADERS_ERROR",
        ErrorCode::Encoding => "SCRAPE_ENCODING_ERROR",
        ErrorCode::Redirects => "SCRAPE_REDIRECTS_ERROR",
    }
}
