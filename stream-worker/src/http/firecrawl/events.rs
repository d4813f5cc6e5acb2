//! Events as the log has them.

use shared::Event;
use store::journal::Stored;

use crate::firecrawl::Document;

/// The document of an event, if it is one.
pub(super) fn document(stored: &Stored) -> Option<Document> {
    Document::of(&stored.data, stored.id)
}

/// An event of the log. One that a newer version wrote is passed over.
pub(super) fn event(stored: &Stored) -> Option<Event> {
    serde_json::from_slice(&stored.data).ok()
}
