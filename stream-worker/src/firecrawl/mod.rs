//! The language of Firecrawl's API: its requests in ours, our events in its answers.
//!
//! Clients of Firecrawl are served unchanged: a request becomes a [`CrawlRequest`](shared::CrawlRequest)'s JSON, and a
//! page of the log becomes a document. Nothing here knows a socket, a journal or an endpoint. Fields that mean nothing here
//! are told with a `warning`, and what would need a language model or a browser is refused by name.

mod document;
mod given;
mod head;
mod job_error;
mod job_status;
mod logged_page;
mod map_request;
mod options;
mod refusal;
mod requests;
mod url_list;

pub use document::{Document, DocumentMetadata, PageRecord};
pub use job_error::{JobErrors, ScrapeFailure};
pub use job_status::{JobStatus, StatusWord};
pub use map_request::MapRequest;
pub use refusal::{Detail, Refusal};
pub use requests::Submission;
pub use url_list::{MapLink, MapLinks};

/// The version of the API that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The version of clients up to 1.x, such as the npm package that Node 20 installs.
    V1,
    /// The version of clients from 4.x on.
    V2,
}

impl Version {
    /// The first segment of its paths.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// The kinds of jobs that a client starts and asks for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// A crawl from one start page.
    Crawl,
    /// The pages of a list.
    Batch,
}

impl JobKind {
    /// Its path below the version.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Batch => "batch/scrape",
        }
    }
}

#[cfg(test)]
mod tests;
