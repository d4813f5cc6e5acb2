//! The `cookies` of a request.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::entries::{MAX_NAME_CHARS, is_printable, is_token, pointer, read_entries};
use crate::request::fields::Fields;
use crate::request::{NamedSecrets, Secret};

/// The cookies of a crawl: those that the caller gives, and whether those that sites set are kept. It serialises as the list of
/// the given cookies' names, or `false`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookies {
    /// Empty if none are kept.
    given: NamedSecrets,
    /// True if cookies that sites set are kept while the job runs.
    kept: bool,
}

impl Cookies {
    /// The cookies that the caller gives; with `false` there are none.
    #[must_use]
    pub const fn given(&self) -> &NamedSecrets {
        &self.given
    }

    pub(in crate::request) const fn given_mut(&mut self) -> &mut NamedSecrets {
        &mut self.given
    }

    /// True if cookies that sites set are kept while the job runs, and not only within a chain of redirects.
    #[must_use]
    pub const fn are_kept(&self) -> bool {
        self.kept
    }

    /// True if the field need not be written.
    pub(in crate::request) fn is_default(&self) -> bool {
        self.are_kept() && self.given().is_empty()
    }

    /// Reads the field `cookies`, and takes in those of a `Cookie` header.
    pub(in crate::request) fn read(fields: &mut Fields, header: Option<NamedSecrets>) -> Self {
        let mut given = header.unwrap_or_default();
        let value = fields.take("cookies");
        let kept = value != Some(Value::Bool(false));
        if kept {
            read_given(fields, value, &mut given);
        } else if !given.is_empty() {
            let detail =
                "must not be false beside a Cookie header: give its cookies here, or neither";
            fields.fault("/cookies", "conflict", detail);
        }
        Self { given, kept }
    }
}

impl Serialize for Cookies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kept {
            true => self.given.serialize(serializer),
            false => serializer.serialize_bool(false),
        }
    }
}

fn read_given(fields: &mut Fields, value: Option<Value>, given: &mut NamedSecrets) {
    let wanted = "an object of names and values, or false";
    read_entries(fields, "cookies", value, wanted, |name, secret, fields| {
        let pointer = pointer("cookies", name);
        let Some(secret) = secret else { return };
        if let Some(detail) = fault_of(name, &secret) {
            fields.fault(pointer, "invalid", detail);
        } else if !given.insert(name.to_owned(), secret) {
            let detail = "is given in the Cookie header as well: give it once";
            fields.fault(pointer, "conflict", detail);
        }
    });
}

fn fault_of(name: &str, secret: &Secret) -> Option<String> {
    let is_value = |text: &str| is_printable(text) && !text.contains(';');
    if !is_token(name) {
        return Some(format!(
            "is not a cookie's name of at most {MAX_NAME_CHARS} characters, such as sid"
        ));
    }
    let is_usable = secret.reveal().is_none_or(is_value);
    (!is_usable).then(|| {
        "must have printable ASCII characters only, no semicolon, and no space at its ends"
            .to_owned()
    })
}
