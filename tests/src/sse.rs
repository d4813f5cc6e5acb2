//! `text/event-stream` as the WHATWG specification reads it, section 9.2.6, and nothing more lenient.

use serde_json::Value;

/// One dispatched event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseFrame {
    /// The event's name; `message` if it has none.
    pub name: String,
    /// Its data.
    pub data: String,
    /// The ID in its own block, if it has one.
    pub id: Option<String>,
    /// The `retry` in its own block, in milliseconds.
    pub retry: Option<u64>,
    /// The names of its fields in the order in which they came.
    pub fields: Vec<String>,
}

impl SseFrame {
    /// The data as JSON.
    ///
    /// # Panics
    /// If it is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data)
            .unwrap_or_else(|error| panic!("{error} in the data of {self:?}"))
    }

    /// The place in the log, from the ID.
    ///
    /// # Panics
    /// If the ID is not `<attempt>-<position>`.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.parsed_id().1
    }

    /// The attempt, from the ID.
    ///
    /// # Panics
    /// As [`position`](Self::position).
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.parsed_id().0
    }

    fn parsed_id(&self) -> (u64, u64) {
        let id = self
            .id
            .as_deref()
            .unwrap_or_else(|| panic!("every frame has an ID: {self:?}"));
        let (attempt, position) = id
            .split_once('-')
            .unwrap_or_else(|| panic!("`{id}` is <attempt>-<position>"));
        (
            attempt.parse().expect("attempts are numbers"),
            position.parse().expect("positions are numbers"),
        )
    }
}

/// A part of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Frame(SseFrame),
    /// A comment's text.
    Comment(String),
    /// A block without data: a browser drops it, some clients fire an empty message for it.
    Empty(SseFrame),
}

/// Reads a stream piece by piece.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    /// True if the last byte was a CR: an LF after it belongs to the same line end.
    after_cr: bool,
    block: SseFrame,
    has_data: bool,
}

impl Parser {
    /// Takes bytes in; answers what they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Item> {
        let mut items = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => items.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        items
    }

    fn end_line(&mut self) -> Option<Item> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8(line).expect("a stream is UTF-8");
        if line.is_empty() {
            return self.end_block();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        if field.is_empty() {
            return Some(Item::Comment(value.to_owned()));
        }
        self.block.fields.push(field.to_owned());
        match field {
            "event" => value.clone_into(&mut self.block.name),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.block.data.push('\n');
                }
                self.block.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.block.id = Some(value.to_owned()),
            "retry" => self.block.retry = value.parse().ok(),
            // The specification has every other field ignored.
            _ => {}
        }
        None
    }

    fn end_block(&mut self) -> Option<Item> {
        let mut block = std::mem::take(&mut self.block);
        if block.name.is_empty() {
            block.name.push_str("message");
        }
        if std::mem::take(&mut self.has_data) {
            Some(Item::Frame(block))
        } else {
            Some(Item::Empty(block))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_reads_the_same_however_it_is_cut() {
        let stream =
            b":\nevent: hello\ndata: {}\nretry: 5\nid: 0-0\n\nid: 1-1\r\n\r\ndata:a\rdata: b\r\r";
        let whole = Parser::default().feed(stream);
        let mut parser = Parser::default();
        let bytewise: Vec<Item> = stream
            .iter()
            .flat_map(|byte| parser.feed(&[*byte]))
            .collect();
        assert_eq!(whole, bytewise);
        let [
            Item::Comment(_),
            Item::Frame(hello),
            Item::Empty(empty),
            Item::Frame(last),
        ] = whole.as_slice()
        else {
            panic!("{whole:?}");
        };
        assert_eq!(
            (hello.name.as_str(), hello.retry, hello.id.as_deref()),
            ("hello", Some(5), Some("0-0"))
        );
        assert_eq!(empty.id.as_deref(), Some("1-1"));
        assert_eq!(
            (last.name.as_str(), last.data.as_str()),
            ("message", "a\nb")
        );
    }
}
