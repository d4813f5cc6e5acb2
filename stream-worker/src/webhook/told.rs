//! An event of the log on its way into a post.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use shared::{EventId, Frame, sse};
use store::journal::Stored;

/// An event with its name and its data.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) id: EventId,
    /// Empty for one that cannot be read; nobody asks for it.
    pub(super) name: String,
    /// As JSON.
    pub(super) data: Bytes,
}

impl From<Frame> for Told {
    /// As the stream has it.
    fn from(frame: Frame) -> Self {
        let name = sse::name(&frame.bytes).unwrap_or_default().to_owned();
        let data = sse::data(&frame.bytes).map(|data| frame.bytes.slice_ref(data));
        Self {
            id: frame.id,
            name,
            data: data.unwrap_or_default(),
        }
    }
}

impl From<Stored> for Told {
    /// Whole.
    fn from(stored: Stored) -> Self {
        #[derive(Deserialize)]
        struct Named<'a> {
            #[serde(rename = "type", borrow)]
            name: Cow<'a, str>,
        }
        let named = serde_json::from_slice::<Named>(&stored.data);
        Self {
            id: stored.id,
            name: named.map_or_else(|_error| String::new(), |named| named.name.into_owned()),
            data: stored.data,
        }
    }
}
