//! Text as JSON on one line, for every reader's idea of a line.

use memchr::memchr2_iter;
use serde::Serialize;

/// A value as JSON in which nothing is a line's end for anyone.
///
/// JSON may hold U+0085, U+2028 and U+2029 as they are, but many programs split lines at them (Python's `splitlines`,
/// JavaScript before 2019). They are escaped here, so that what is read from the JSON is the same.
pub(super) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("events serialise: their maps have string keys");
    escape_separators(json)
}

fn escape_separators(json: Vec<u8>) -> Vec<u8> {
    let mut found = memchr2_iter(0xC2, 0xE2, &json)
        .filter_map(|at| separator(&json[at..]).map(|(length, escape)| (at, length, escape)))
        .peekable();
    if found.peek().is_none() {
        drop(found);
        return json;
    }
    let mut escaped = Vec::with_capacity(json.len() + json.len() / 8);
    let mut copied = 0;
    for (at, length, escape) in found {
        escaped.extend_from_slice(&json[copied..at]);
        escaped.extend_from_slice(escape);
        copied = at + length;
    }
    escaped.extend_from_slice(&json[copied..]);
    escaped
}

/// The length of the separator that `bytes` begin with, and its escape.
fn separator(bytes: &[u8]) -> Option<(usize, &'static [u8])> {
    match bytes {
        [0xC2, 0x85, ..] => Some((2, br"\u0085")),
        [0xE2, 0x80, 0xA8, ..] => Some((3, br"\u2028")),
        [0xE2, 0x80, 0xA9, ..] => Some((3, br"\u2029")),
        _ => None,
    }
}

/// Bytes that `text` takes in JSON, its quotes included.
pub(super) fn json_length(text: &str) -> usize {
    2 + text.chars().map(escaped_length).sum::<usize>()
}

/// As much of `text` as takes `budget` bytes in JSON.
pub(super) fn cut_text(text: &str, budget: usize) -> String {
    let mut used = 2;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += escaped_length(character);
        if used > budget {
            break;
        }
        end = at + character.len_utf8();
    }
    text[..end].to_owned()
}

/// As many of `items` as take `budget` bytes in JSON.
pub(super) fn cut_list<T: Serialize + Clone>(items: &[T], budget: usize) -> Vec<T> {
    let mut used = 2;
    let fitting = items.iter().take_while(|item| {
        used += json(item).len() + 1;
        used <= budget
    });
    fitting.cloned().collect()
}

fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\u{0}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => 6,
        other => other.len_utf8(),
    }
}
