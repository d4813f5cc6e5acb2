//! Objects of names and secret values, entry by entry.

use serde_json::{Map, Value};

use crate::request::Secret;
use crate::request::fields::{Fields, describe, escape_pointer};

/// Headers in one request at most, and as many cookies.
pub const MAX_ENTRIES: usize = 50;
/// Characters of the name of a header or a cookie at most.
pub const MAX_NAME_CHARS: usize = 128;
/// Bytes of one value at most, as browsers have it for cookies.
pub const MAX_VALUE_BYTES: usize = 4096;
/// Bytes of all names and values of a field at most: servers refuse longer heads.
pub const MAX_ENTRIES_BYTES: usize = 8 * 1024;

/// Reads an object of names and values, entry by entry; of a stored request, also the list of the names. `read` gets the value
/// unless it is faulty; of a name in a list, the mark of one.
pub(super) fn read_entries(
    fields: &mut Fields,
    field: &'static str,
    value: Option<Value>,
    wanted: &str,
    mut read: impl FnMut(&str, Option<Secret>, &mut Fields),
) {
    match value {
        None => {}
        Some(Value::Object(entries)) if entries.len() > MAX_ENTRIES => {
            let detail = format!(
                "must have at most {MAX_ENTRIES} entries, not {}",
                entries.len()
            );
            fields.fault(format!("/{field}"), "tooMany", detail);
        }
        Some(Value::Object(entries)) => {
            check_size(fields, field, &entries);
            for (name, value) in entries {
                let text = text_of(fields, &pointer(field, &name), value);
                read(&name, text.map(Secret::new), fields);
            }
        }
        Some(Value::Array(names)) if fields.are_stored() => {
            for name in names.iter().filter_map(Value::as_str) {
                read(name, Some(Secret::mark()), fields);
            }
        }
        Some(other) => {
            let detail = format!("must be {wanted}, not {}", describe(&other));
            fields.fault(format!("/{field}"), "wrongType", detail);
        }
    }
}

fn check_size(fields: &mut Fields, field: &'static str, entries: &Map<String, Value>) {
    let of_entry =
        |(name, value): (&String, &Value)| name.len() + value.as_str().map_or(0, str::len);
    let size: usize = entries.iter().map(of_entry).sum();
    if size > MAX_ENTRIES_BYTES {
        let detail = format!("must have at most {MAX_ENTRIES_BYTES} bytes in all, not {size}");
        fields.fault(format!("/{field}"), "tooLarge", detail);
    }
}

/// A value's text, if it is one of a bearable length.
fn text_of(fields: &mut Fields, pointer: &str, value: Value) -> Option<String> {
    let Value::String(text) = value else {
        let detail = format!("must be a string, not {}", describe(&value));
        fields.fault(pointer, "wrongType", detail);
        return None;
    };
    if text.len() > MAX_VALUE_BYTES {
        let detail = format!(
            "must be at most {MAX_VALUE_BYTES} bytes long, not {}",
            text.len()
        );
        fields.fault(pointer, "tooLarge", detail);
        return None;
    }
    Some(text)
}

/// True for a token of at most [`MAX_NAME_CHARS`] characters (RFC 9110, section 5.6.2). The names of cookies keep to it as well
/// (RFC 6265, section 4.1.1).
pub(super) fn is_token(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=MAX_NAME_CHARS).contains(&name.len()) && name.bytes().all(is_letter)
}

/// True for visible ASCII with spaces in between, if at all.
pub(super) fn is_printable(text: &str) -> bool {
    let is_inside = |byte: u8| matches!(byte, b' '..=b'~');
    text.bytes().all(is_inside) && text.trim_matches(' ').len() == text.len()
}

pub(super) fn pointer(field: &str, name: &str) -> String {
    format!("/{field}/{}", escape_pointer(name))
}
