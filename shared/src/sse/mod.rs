//! Events as finished `text/event-stream` bytes (WHATWG HTML, section 9.2).
//!
//! A frame is made once and shared by every watcher, live and replayed. Its lines stand in the order `event:`, `data:`,
//! `retry:`, `id:`, because a popular client takes the ID the moment its line arrives: a cut after it loses nothing.
//! The data is JSON on one line. JSON escapes every control character, so no payload can forge a line or a frame.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::EventId;
use crate::event::{Aside, Event, Fetched, PageFormats, PageResult, Progress};
use crate::numbers::{MAX_FRAME_BYTES, TERMINAL_RETRY};

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
    /// What watchers receive; at most [`MAX_FRAME_BYTES`].
    pub frame: Bytes,
    /// The event's whole data as JSON, where the frame had to be cut.
    pub whole: Option<Bytes>,
}

/// Makes the frame of `event`, cutting the formats of a page that is too large for one.
#[must_use]
pub fn encode(event: &Event, id: EventId) -> Encoded {
    let retry = event.is_terminal().then_some(TERMINAL_RETRY);
    let data = json(event);
    let frame = frame(event.name(), &data, retry, id);
    if frame.len() <= MAX_FRAME_BYTES {
        return Encoded { frame, whole: None };
    }
    let cut = cut(event, frame.len());
    Encoded {
        frame: self::frame(event.name(), &json(&cut), retry, id),
        whole: Some(Bytes::from(data)),
    }
}

/// Makes the frame of `aside`, which repeats the watcher's `cursor`.
#[must_use]
pub fn encode_aside(aside: &Aside, retry: Option<Duration>, cursor: EventId) -> Bytes {
    frame(aside.name(), &json(aside), retry, cursor)
}

/// The JSON data of a frame that [`encode`] or [`encode_aside`] made.
#[must_use]
pub fn data(frame: &[u8]) -> Option<&[u8]> {
    let start = frame.iter().position(|byte| *byte == b'\n')? + 1;
    let rest = frame.get(start..)?.strip_prefix(b"data:")?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
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

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("events serialise: their maps have string keys")
}

/// The event with its formats cut so far that its frame, `size` bytes now, fits.
fn cut(event: &Event, size: usize) -> Event {
    let Event::Progress(progress) = event else {
        unreachable!(
            "only a page's formats are large; every other field is bounded where it is made"
        )
    };
    let PageResult::Fetched(fetched) = &progress.result else {
        unreachable!("a failure has no formats")
    };
    let formats = &fetched.formats;
    let all = encoded_size(&formats.html)
        + encoded_size(&formats.text)
        + encoded_size(&formats.markdown)
        + encoded_size(&formats.outlinks);
    let budget = MAX_FRAME_BYTES
        .saturating_sub(size - all)
        .saturating_sub(SLACK);
    let share = |part: usize| budget * part / all.max(1);
    let formats = PageFormats {
        metadata: formats.metadata.clone(),
        outlinks: formats
            .outlinks
            .as_ref()
            .map(|links| cut_list(links, share(encoded_size(&formats.outlinks)))),
        markdown: formats
            .markdown
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.markdown)))),
        text: formats
            .text
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.text)))),
        html: formats
            .html
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.html)))),
    };
    let result = PageResult::Fetched(Box::new(Fetched {
        formats,
        truncated: true,
        ..fetched.as_ref().clone()
    }));
    Event::Progress(Box::new(Progress {
        result,
        ..progress.as_ref().clone()
    }))
}

/// Room for `"truncated":true` and the empty forms of what was cut.
const SLACK: usize = 256;

fn encoded_size<T: Serialize>(part: &Option<T>) -> usize {
    part.as_ref().map_or(0, |part| json(part).len())
}

/// As much of `text` as takes `budget` bytes in JSON.
fn cut_text(text: &str, budget: usize) -> String {
    let mut used = 2;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\u{0}'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        if used > budget {
            break;
        }
        end = at + character.len_utf8();
    }
    text[..end].to_owned()
}

fn cut_list(items: &[String], budget: usize) -> Vec<String> {
    let mut used = 2;
    let fitting = items.iter().take_while(|item| {
        used += json(item).len() + 1;
        used <= budget
    });
    fitting.cloned().collect()
}

#[cfg(test)]
mod tests;
