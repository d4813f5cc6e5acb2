//! The `userAgent` of a request.

use serde_json::Value;

use super::entries::is_printable;
use crate::request::Secret;
use crate::request::fields::{Fields, describe};

/// Characters of `userAgent` at most.
pub const MAX_USER_AGENT_CHARS: usize = 512;

/// Reads the field `userAgent`.
pub(in crate::request) fn read_user_agent(fields: &mut Fields) -> Option<Secret> {
    match fields.take("userAgent")? {
        Value::Bool(true) if fields.are_stored() => Some(Secret::mark()),
        Value::String(text) => {
            let is_usable = (1..=MAX_USER_AGENT_CHARS).contains(&text.len()) && is_printable(&text);
            if !is_usable {
                let detail = format!(
                    "must have 1 to {MAX_USER_AGENT_CHARS} printable ASCII characters, and no space at its ends"
                );
                fields.fault("/userAgent", "invalid", detail);
            }
            is_usable.then(|| Secret::new(text))
        }
        other => {
            let detail = format!("must be a string, not {}", describe(&other));
            fields.fault("/userAgent", "wrongType", detail);
            None
        }
    }
}
