//! Events as finished `text/event-stream` bytes (WHATWG HTML, section 9.2).
//!
//! A frame is made once and shared by every watcher, live and replayed. Its lines stand in the order `event:`, `data:`,
//! `retry:`, `id:`, because a popular client takes the ID the moment its line arrives: a cut after it loses nothing.
//! The data is JSON on one line. JSON escapes every control character, and what some readers take for the end of a line is
//! escaped as well: no payload can forge a line or a frame.

mod bound;
mod cut;
mod text;

use std::time::Duration;

use bytes::Bytes;
use memchr::memchr;

use crate::EventId;
use crate::event::{Aside, Event, PageResult};
use crate::numbers::TERMINAL_RETRY;

use bound::bounded;
use cut::{cut, is_too_large};
use text::json;

/// The media type of a stream, exactly.
pub const MEDIA_TYPE: &str = "text/event-stream";

/// A heartbeat: a comment with one newline. A blank line after it would fire an empty message in a popular client.
pub const HEARTBEAT: &[u8] = b":\n";

/// One event of the log as finished bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The event's ID.
    pub id: EventId,
    /// The bytes, its blank line included.
    pub bytes: Bytes,
}

/// An event made ready for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The frame that watchers receive; at most [`MAX_FRAME_BYTES`](crate::numbers::MAX_FRAME_BYTES).
    pub frame: Bytes,
    /// The event's whole data as JSON, where the frame had to be cut.
    pub whole: Option<Bytes>,
    /// The event's data without the formats of its page, where these are more than half of it.
    pub gist: Option<Bytes>,
}

/// Makes the frame of `event`: every text within its bound, and the formats of a page, or the request in `started`, cut if
/// the frame would be too large all the same. A page's metadata has a bound of its own, so that events stay small.
#[must_use]
pub fn encode(event: &Event, id: EventId) -> Encoded {
    let event = bounded(event);
    let retry = event.is_terminal().then_some(TERMINAL_RETRY);
    let data = json(event.as_ref());
    let gist = gist(&event, data.len());
    let frame = frame(event.name(), &data, retry, id);
    if !is_too_large(&event, frame.len()) {
        return Encoded {
            frame,
            whole: None,
            gist,
        };
    }
    let cut = cut(&event, frame.len());
    Encoded {
        frame: self::frame(event.name(), &json(&cut), retry, id),
        whole: Some(Bytes::from(data)),
        gist,
    }
}

/// The gist of an event whose data has `size` bytes.
fn gist(event: &Event, size: usize) -> Option<Bytes> {
    let Event::Progress(progress) = event else {
        return None;
    };
    let PageResult::Fetched(fetched) = &progress.result else {
        return None;
    };
    if fetched.formats.is_empty() {
        return None;
    }
    let bare = progress.with_page(fetched.without_formats());
    let gist = json(&Event::Progress(Box::new(bare)));
    (gist.len() * 2 < size).then(|| Bytes::from(gist))
}

/// Makes the frame of `aside`, which repeats the watcher's `cursor`.
#[must_use]
pub fn encode_aside(aside: &Aside, retry: Option<Duration>, cursor: EventId) -> Bytes {
    frame(aside.name(), &json(aside), retry, cursor)
}

/// The JSON data of a frame that [`encode`] or [`encode_aside`] made.
#[must_use]
pub fn data(frame: &[u8]) -> Option<&[u8]> {
    let start = memchr(b'\n', frame)? + 1;
    let rest = frame.get(start..)?.strip_prefix(b"data:")?;
    let end = memchr(b'\n', rest)?;
    rest.get(..end)
}

/// The name in a frame that [`encode`] or [`encode_aside`] made.
#[must_use]
pub fn name(frame: &[u8]) -> Option<&str> {
    let rest = frame.strip_prefix(b"event:")?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

fn frame(name: &str, data: &[u8], retry: Option<Duration>, id: EventId) -> Bytes {
    debug_assert!(
        !data.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)),
        "JSON escapes control characters"
    );
    let mut bytes = Vec::with_capacity(data.len() + name.len() + 64);
    bytes.extend_from_slice(b"event:");
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b"\ndata:");
    bytes.extend_from_slice(data);
    if let Some(retry) = retry {
        bytes.extend_from_slice(format!("\nretry:{}", retry.as_millis()).as_bytes());
    }
    bytes.extend_from_slice(format!("\nid:{id}\n\n").as_bytes());
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests;
