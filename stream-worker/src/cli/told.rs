//! One event of a log, on its way to screen and files.

use bytes::Bytes;
use shared::{Event, Position};

/// One event with its data as it came.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Place in the log.
    pub(super) position: Position,
    /// Its data as JSON.
    pub(super) data: Bytes,
    /// The event; nothing if a newer program wrote it.
    pub(super) event: Option<Event>,
}

impl Told {
    pub(super) fn new(position: Position, data: Bytes) -> Self {
        let event = serde_json::from_slice(&data).ok();
        Self {
            position,
            data,
            event,
        }
    }
}
