//! Events and asides: everything that is sent on a stream.
//!
//! An [`Event`] happened in a crawl: it is numbered, durable and in the log. An [`Aside`] is said to one watcher about its
//! own stream and is not in the log. Names never collide with those that a browser keeps for itself (`open`, `error`,
//! `message`).

mod aside;
mod page_metadata;
mod page_result;

pub use aside::{Aside, Bye, ByeReason, Hello, Reset, ResetReason};
pub use page_metadata::{Heading, MAX_LISTED_BYTES, OpenGraphValue, PageMetadata};
pub use page_result::{ErrorCode, FetchFailure, Fetched, PageFormats, PageResult};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Attempt, Counts, CrawlRequest, Terminal, Timestamp};

/// One event of a job's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    /// The first attempt began.
    Started(Box<Started>),
    /// A page was fetched, or could not be.
    Progress(Box<Progress>),
    /// A URL in scope was refused.
    Skipped(Skipped),
    /// Something that a watcher should know about the crawl as a whole.
    Notice(Notice),
    /// Another attempt took the job over; nothing was lost.
    Resumed(Resumed),
    /// The crawl ended by itself. Terminal.
    Done(Ended),
    /// The crawl was cancelled. Terminal.
    Cancelled(Ended),
    /// The crawl could not go on. Terminal.
    Failed(Ended),
}

impl Event {
    /// The same page without its formats, metadata excepted, and marked as [`truncated`](Fetched::truncated); nothing if this is
    /// no page that has any.
    #[must_use]
    pub fn without_formats(&self) -> Option<Self> {
        let Self::Progress(progress) = self else {
            return None;
        };
        let PageResult::Fetched(fetched) = &progress.result else {
            return None;
        };
        if !fetched.formats.has_content() {
            return None;
        }
        let cut = Fetched {
            formats: PageFormats {
                metadata: fetched.formats.metadata.clone(),
                ..PageFormats::default()
            },
            truncated: true,
            ..fetched.without_formats()
        };
        Some(Self::Progress(Box::new(progress.with_page(cut))))
    }

    /// Time of the event, by the worker's clock.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Started(started) => started.at,
            Self::Progress(progress) => progress.at,
            Self::Skipped(skipped) => skipped.at,
            Self::Notice(notice) => notice.at,
            Self::Resumed(resumed) => resumed.at,
            Self::Done(ended) | Self::Cancelled(ended) | Self::Failed(ended) => ended.at,
        }
    }

    /// The event's name on the stream, which is also its `type`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Progress(_) => "progress",
            Self::Skipped(_) => "skipped",
            Self::Notice(_) => "notice",
            Self::Resumed(_) => "resumed",
            Self::Done(_) => "done",
            Self::Cancelled(_) => "cancelled",
            Self::Failed(_) => "failed",
        }
    }

    /// The job's final state, if this is the last event of its job.
    #[must_use]
    pub const fn terminal(&self) -> Option<Terminal> {
        match self {
            Self::Done(_) => Some(Terminal::Done),
            Self::Cancelled(_) => Some(Terminal::Cancelled),
            Self::Failed(_) => Some(Terminal::Failed),
            Self::Started(_)
            | Self::Progress(_)
            | Self::Skipped(_)
            | Self::Notice(_)
            | Self::Resumed(_) => None,
        }
    }

    /// True for the last event of a job.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.terminal().is_some()
    }
}

/// The first attempt began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// The attempt's number; the first is 1.
    pub attempt: Attempt,
    /// Name of the worker that runs it.
    pub worker: String,
    /// The request in its normal form.
    pub request: CrawlRequest,
    /// The caller's own labels.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
}

/// A page was fetched, or could not be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// The page's URL, as it is asked for.
    pub url: String,
    /// Link hops from a start page.
    pub depth: u32,
    /// The page where the URL was found first; none for start pages.
    pub referrer: Option<String>,
    /// The page that was fetched, or the failure.
    pub result: PageResult,
    /// The counters after this event.
    pub counts: Counts,
    /// Finished URLs in per cent of those known so far.
    pub percent: u8,
}

impl Progress {
    /// The same event with `page` as its result.
    pub(crate) fn with_page(&self, page: Fetched) -> Self {
        Self {
            result: PageResult::Fetched(Box::new(page)),
            url: self.url.clone(),
            referrer: self.referrer.clone(),
            ..*self
        }
    }
}

/// A URL in scope was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Skipped {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// The URL, as it is asked for; its beginning, if it is longer than 2048 characters.
    pub url: String,
    /// Rule or limit that refused it.
    pub reason: SkipReason,
    /// The page that it is the same as, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
}

/// Rule or limit that refused a URL in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SkipReason {
    /// robots.txt forbids it, or could not be read.
    Robots,
    /// Every link to it that was seen says `rel=nofollow`.
    Nofollow,
    /// A page's meta robots or `X-Robots-Tag` forbids it.
    MetaRobots,
    /// The request's `limit` was reached.
    Limit,
    /// It is further from the start than `maxDiscoveryDepth`.
    Depth,
    /// The request's `maxDurationSeconds` was reached.
    Duration,
    /// It looks like one of endlessly many.
    Trap,
    /// It is the same page as one that is known: it redirects there, or is another spelling of its URL with the same content.
    Duplicate,
    /// It redirects out of the crawl's scope.
    Scope,
    /// Its address is not one that this worker may dial.
    BlockedAddress,
    /// Its URL is longer than 2048 characters.
    TooLarge,
}

/// Something that a watcher should know about the crawl as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// Stable name of the kind of notice.
    pub code: NoticeCode,
    /// The notice as a sentence for a person.
    pub text: String,
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NoticeCode {
    /// A host's robots.txt could not be read: nothing there is crawled.
    RobotsUnreachable,
    /// A host asks for pauses between requests, and gets them.
    CrawlDelay,
    /// A host is overloaded or asks to be left alone for a while.
    BackOff,
    /// A sitemap could not be read.
    SitemapBroken,
    /// Many URLs of one pattern were refused.
    TrapSuspected,
    /// A page has more links than are followed from one page.
    LinksCut,
    /// Nothing is known here of the crawl that `since` names, or not all of it: the rest is fetched in full.
    SinceUnknown,
    /// The worker lacks something (file descriptors, memory, a network, a name server): the crawl waits and tries again.
    WorkerFault,
    /// A start page was fetched, but its type has no links to follow.
    StartPageUnread,
    /// Patterns of the request matched no URL that was found.
    PatternUnmatched,
    /// A start page redirects to an origin that gets none of the request's headers and cookies, since `headersFor` does not name it.
    HeadersWithheld,
    /// The job's record has used the room that it may have: pages from here on are told without their formats.
    FormatsCut,
    /// A page came without text because scripts build it, and so do others of its pattern: they would have to be rendered.
    RenderingNeeded,
}

/// Another attempt took the job over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resumed {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// The new attempt's number.
    pub attempt: Attempt,
    /// Name of the worker that runs it.
    pub worker: String,
}

/// The job ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ended {
    /// Time of the event, by the worker's clock.
    pub at: Timestamp,
    /// The final counters; nothing is in flight.
    pub counts: Counts,
    /// Milliseconds since the job's first attempt began.
    pub elapsed_ms: u64,
    /// Reason for the end: `complete`, `limit`, `duration`, `requested`, `unwatched`, or what failed.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_in_the_data_is_the_name_of_the_event() {
        let at = Timestamp::from_millis(0);
        let ended = Ended {
            at,
            counts: Counts::default(),
            elapsed_ms: 0,
            reason: "complete".into(),
        };
        let events = [
            Event::Skipped(Skipped {
                at,
                url: "https://example.com/".into(),
                reason: SkipReason::MetaRobots,
                duplicate_of: None,
            }),
            Event::Notice(Notice {
                at,
                code: NoticeCode::CrawlDelay,
                text: String::new(),
            }),
            Event::Resumed(Resumed {
                at,
                attempt: Attempt(2),
                worker: "w".into(),
            }),
            Event::Done(ended.clone()),
            Event::Cancelled(ended.clone()),
            Event::Failed(ended),
        ];
        for event in events {
            let data = serde_json::to_value(&event).unwrap();
            assert_eq!(data["type"], event.name());
            assert_eq!(Terminal::of_event(event.name()), event.terminal());
            assert_eq!(serde_json::from_value::<Event>(data).unwrap(), event);
        }
    }
}
