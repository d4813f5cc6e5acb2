//! The event of a page as the log has it, read as far as a document tells of it.
//!
//! Fields that a document passes on unchanged stay the JSON that they are in the log: texts are most of a log's bytes, and reading
//! and writing them again would be most of the work.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::event::{FetchFailure, OpenGraphValue};

/// A page that was fetched, or could not be: the fields of [`Progress`](shared::event::Progress).
#[derive(Deserialize)]
pub(super) struct LoggedPage {
    /// Fails for any other event.
    #[serde(rename = "type")]
    _kind: Kind,
    pub(super) url: String,
    pub(super) depth: u32,
    pub(super) referrer: Option<String>,
    pub(super) result: LoggedResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Progress,
}

/// The fields of [`PageResult`](shared::event::PageResult): of a failure `error`, of a page those that it has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedResult {
    pub(super) error: Option<FetchFailure>,
    #[serde(default)]
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) elapsed_ms: Option<u64>,
    pub(super) title: Option<String>,
    pub(super) redirected_to: Option<String>,
    pub(super) duplicate_of: Option<String>,
    pub(super) sha256: Option<String>,
    #[serde(default)]
    pub(super) truncated: bool,
    pub(super) metadata: Option<LoggedMetadata>,
    pub(super) outlinks: Option<Box<RawValue>>,
    pub(super) images: Option<Box<RawValue>>,
    pub(super) markdown: Option<Box<RawValue>>,
    pub(super) text: Option<Box<RawValue>>,
    pub(super) raw_html: Option<Box<RawValue>>,
    pub(super) clean_html: Option<Box<RawValue>>,
}

/// The fields of [`PageMetadata`](shared::event::PageMetadata), but for the title.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LoggedMetadata {
    pub(super) description: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) canonical: Option<String>,
    pub(super) charset: Option<String>,
    pub(super) favicon: Option<String>,
    pub(super) robots: Option<String>,
    pub(super) published_time: Option<String>,
    pub(super) modified_time: Option<String>,
    pub(super) open_graph: BTreeMap<String, OpenGraphValue>,
    pub(super) headings: Option<Box<RawValue>>,
    pub(super) json_ld: Option<Box<RawValue>>,
}
