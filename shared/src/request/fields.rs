//! Takes a JSON object apart, field by field, and remembers every fault.

use serde_json::{Map, Value};

use super::choice::Choice;
use super::limits::{Bounds, MAX_METADATA_BYTES};
use crate::problem::Fault;

/// The fields that are left to read, and the faults found so far.
pub(super) struct Fields {
    left: Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
    /// True for a request that was stored, in which marks stand for secrets.
    stored: bool,
}

impl Fields {
    /// The fields of a request that a caller has written, or of one that was stored.
    pub(super) fn new(object: Map<String, Value>, stored: bool) -> Self {
        Self {
            left: object,
            known: Vec::new(),
            faults: Vec::new(),
            stored,
        }
    }

    /// The fields of an object within.
    pub(super) fn within(&self, object: Map<String, Value>) -> Self {
        Self::new(object, self.stored)
    }

    /// True for a request that was stored.
    pub(super) const fn are_stored(&self) -> bool {
        self.stored
    }

    /// Takes a field out. `null` is the same as absent.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn fault(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        self.faults.push(Fault::new(pointer, code, detail));
    }

    /// True if a fault of the field or of a part of it was noted.
    pub(super) fn has_faults_at(&self, pointer: &str) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.pointer.starts_with(pointer))
    }

    fn wrong_type(&mut self, name: &str, wanted: &str, got: &Value) {
        self.fault(
            format!("/{name}"),
            "wrongType",
            format!("must be {wanted}, not {}", describe(got)),
        );
    }

    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        match self.take(name) {
            None => default,
            Some(Value::Bool(value)) => value,
            Some(other) => {
                self.wrong_type(name, "true or false", &other);
                default
            }
        }
    }

    pub(super) fn number(&mut self, name: &'static str, bounds: &Bounds) -> u64 {
        self.optional_number(name, &bounds.range)
            .unwrap_or(bounds.default)
    }

    /// A number that fits `u32` because its bounds do.
    pub(super) fn small_number(&mut self, name: &'static str, bounds: &Bounds) -> u32 {
        u32::try_from(self.number(name, bounds)).expect("the bounds of this field fit u32")
    }

    pub(super) fn optional_number(
        &mut self,
        name: &'static str,
        range: &std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = self.take(name)?;
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        match whole_number(&value) {
            Some(number) if range.contains(&number) => return Some(number),
            Some(_) => {
                self.fault(
                    format!("/{name}"),
                    "outOfRange",
                    format!("must be {wanted}, not {value}"),
                );
            }
            None => self.wrong_type(name, &wanted, &value),
        }
        None
    }

    pub(super) fn choice<C: Choice>(&mut self, name: &'static str, default: C) -> C {
        match self.take(name) {
            None => default,
            Some(value) => self.word(&format!("/{name}"), &value).unwrap_or(default),
        }
    }

    pub(super) fn choices<C: Choice + PartialEq>(
        &mut self,
        name: &'static str,
        default: Vec<C>,
    ) -> Vec<C> {
        let Some(items) = self.list(name, C::WORDS.len()) else {
            return default;
        };
        let mut chosen = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let Some(word) = self.word::<C>(&format!("/{name}/{index}"), item)
                && !chosen.contains(&word)
            {
                chosen.push(word);
            }
        }
        chosen
    }

    fn word<C: Choice>(&mut self, pointer: &str, value: &Value) -> Option<C> {
        let found = value
            .as_str()
            .and_then(|text| C::WORDS.iter().find(|(word, _)| *word == text));
        if let Some((_, choice)) = found {
            return Some(*choice);
        }
        let words: Vec<String> = C::WORDS
            .iter()
            .map(|(word, _)| format!("\"{word}\""))
            .collect();
        let got = value.as_str().map_or_else(
            || describe(value).to_owned(),
            |text| format!("\"{}\"", clip(text)),
        );
        self.fault(
            pointer,
            "unknownValue",
            format!("must be one of {}, not {got}", words.join(", ")),
        );
        None
    }

    /// A list of strings, each read by `read`.
    pub(super) fn strings<T>(
        &mut self,
        name: &'static str,
        most: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let items = self.list(name, most)?;
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            values.extend(self.string(format!("/{name}/{index}"), item, &read));
        }
        Some(values)
    }

    pub(super) fn string<T>(
        &mut self,
        pointer: String,
        value: &Value,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(text) = value.as_str() else {
            self.fault(
                pointer,
                "wrongType",
                format!("must be a string, not {}", describe(value)),
            );
            return None;
        };
        match read(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fault(pointer, "invalid", format!("\"{}\" {reason}", clip(text)));
                None
            }
        }
    }

    fn list(&mut self, name: &'static str, most: usize) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(items) if items.len() <= most => return Some(items),
            Value::Array(items) => {
                let detail = format!("must have at most {most} items, not {}", items.len());
                self.fault(format!("/{name}"), "tooMany", detail);
            }
            other => self.wrong_type(name, "a list", &other),
        }
        None
    }

    pub(super) fn object(&mut self, name: &'static str) -> Map<String, Value> {
        match self.take(name) {
            None => Map::new(),
            Some(Value::Object(object)) => object,
            Some(other) => {
                self.wrong_type(name, "an object", &other);
                Map::new()
            }
        }
    }

    /// Takes over the faults of an object under `pointer`.
    pub(super) fn adopt(&mut self, pointer: &str, faults: Vec<Fault>) {
        self.faults.extend(faults.into_iter().map(|fault| Fault {
            pointer: format!("{pointer}{}", fault.pointer),
            ..fault
        }));
    }

    /// Every fault of `what`, those of fields that nobody asked for last.
    pub(super) fn finish(mut self, what: &str) -> Vec<Fault> {
        for name in std::mem::take(&mut self.left).keys() {
            let near = self
                .known
                .iter()
                .find(|known| known.eq_ignore_ascii_case(&name.replace(['_', '-'], "")));
            let hint = near.map_or_else(
                || format!("the fields are {}", self.known.join(", ")),
                |known| format!("did you mean {known}?"),
            );
            let pointer = format!("/{}", escape_pointer(&clip(name)));
            self.faults.push(Fault::new(
                pointer,
                "unknownField",
                format!("is not a field of {what}; {hint}"),
            ));
        }
        self.faults
    }
}

/// The field `metadata`: a caller's own labels, which are echoed, and so bounded.
pub(super) fn labels(fields: &mut Fields) -> Map<String, Value> {
    let metadata = fields.object("metadata");
    let size = serde_json::to_vec(&metadata).map_or(usize::MAX, |json| json.len());
    if size > MAX_METADATA_BYTES {
        let detail = format!("must be at most {MAX_METADATA_BYTES} bytes as JSON, not {size}");
        fields.fault("/metadata", "tooLarge", detail);
    }
    metadata
}

/// Escapes a token of a JSON pointer (RFC 6901, section 3).
pub(super) fn escape_pointer(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A caller's text, cut short enough to be repeated in an answer.
fn clip(text: &str) -> String {
    const MOST: usize = 100;
    let mut clipped: String = text.chars().take(MOST).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}

/// A number that is whole, however it is spelled: `1e3` and `10.0` are, as in JSON Schema's `integer`. One that is too
/// large for any range is the largest of all.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float that is whole and not negative; the cast saturates at the largest number"
)]
#[must_use]
pub fn whole_number(value: &Value) -> Option<u64> {
    let float = || {
        value
            .as_f64()
            .filter(|float| is_whole(*float) && *float >= 0.0)
    };
    value.as_u64().or_else(|| float().map(|float| float as u64))
}

fn is_whole(float: f64) -> bool {
    float.fract() == 0.0
}

pub(super) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if !number.as_f64().is_some_and(is_whole) => "a fraction",
        Value::Number(number) if number.as_f64().is_some_and(|float| float < 0.0) => {
            "a negative number"
        }
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
