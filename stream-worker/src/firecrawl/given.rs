//! The object of a request, taken apart field by field.

use serde_json::{Map, Value};

use super::refusal::Detail;

/// Fields that every client adds and that mean nothing here.
const SILENT: [&str; 5] = [
    "origin",
    "integration",
    "auditMetadata",
    "threatProtection",
    "zeroDataRetention",
];

/// The fields that are left to read, and what is to be said of those that were read.
pub(super) struct Given {
    left: Map<String, Value>,
    known: Vec<&'static str>,
    /// Names of the objects around it.
    around: Vec<String>,
    pub(super) faults: Vec<Detail>,
    /// Sentences about fields that do less than they say.
    pub(super) warnings: Vec<String>,
    /// Fields without effect.
    ignored: Vec<String>,
}

impl Given {
    /// The object of a whole body.
    pub(super) fn body(bytes: &[u8]) -> Result<Self, Vec<Detail>> {
        let fault = |message: String| {
            vec![Detail {
                path: Vec::new(),
                message,
            }]
        };
        let bytes = shared::header::without_mark(bytes);
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Ok(Self::new(object, Vec::new())),
            Ok(_) => Err(fault("the body must be a JSON object".to_owned())),
            Err(error) => Err(fault(format!("the body must be a JSON object: {error}"))),
        }
    }

    fn new(left: Map<String, Value>, around: Vec<String>) -> Self {
        Self {
            left,
            known: Vec::new(),
            around,
            faults: Vec::new(),
            warnings: Vec::new(),
            ignored: Vec::new(),
        }
    }

    /// Takes a field out. `null` is the same as absent.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn fault(&mut self, name: &str, message: impl Into<String>) {
        let mut path = self.around.clone();
        path.push(name.to_owned());
        self.faults.push(Detail {
            path,
            message: message.into(),
        });
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(value),
            _ => {
                self.fault(name, "must be true or false");
                None
            }
        }
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.fault(name, "must be a string");
                None
            }
        }
    }

    pub(super) fn list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(items) => Some(items),
            _ => {
                self.fault(name, "must be a list");
                None
            }
        }
    }

    /// An object within this one, whose faults and warnings come back with [`adopt`](Self::adopt).
    pub(super) fn object(&mut self, name: &'static str) -> Self {
        let object = match self.take(name) {
            None => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.fault(name, "must be an object");
                Map::new()
            }
        };
        let mut around = self.around.clone();
        around.push(name.to_owned());
        Self::new(object, around)
    }

    /// Takes over what an inner object has to say.
    pub(super) fn adopt(&mut self, inner: Self) {
        let (faults, warnings, ignored) = inner.end();
        self.faults.extend(faults);
        self.warnings.extend(warnings);
        self.ignored.extend(ignored);
    }

    /// Notes that a field has no effect, if it is there.
    pub(super) fn ignore(&mut self, name: &'static str) {
        if self.take(name).is_some() {
            self.has_no_effect(name);
        }
    }

    /// Notes that a field which was taken has no effect.
    pub(super) fn has_no_effect(&mut self, name: &str) {
        let mut path = self.around.clone();
        path.push(name.to_owned());
        self.ignored.push(path.join("."));
    }

    /// Everything that is wrong, or else the warning that goes with the answer.
    pub(super) fn finish(self) -> Result<Option<String>, Vec<Detail>> {
        let (faults, mut warnings, ignored) = self.end();
        if !faults.is_empty() {
            return Err(faults);
        }
        if !ignored.is_empty() {
            warnings.push(format!("without effect here: {}", ignored.join(", ")));
        }
        Ok((!warnings.is_empty()).then(|| warnings.join("; ")))
    }

    fn end(mut self) -> (Vec<Detail>, Vec<String>, Vec<String>) {
        let unknown: Vec<String> = self
            .left
            .keys()
            .filter(|name| !SILENT.contains(&name.as_str()))
            .map(|name| name.chars().take(100).collect())
            .collect();
        for name in unknown {
            let known = self.known.join(", ");
            self.fault(
                &name,
                format!("is not a field that is known here; known are {known}"),
            );
        }
        (self.faults, self.warnings, self.ignored)
    }
}
