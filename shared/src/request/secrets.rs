//! Values of a request that only its submitter, and the servers that they are meant for, may see.
//!
//! They are in the request from its parsing to its acceptance, and in a worker while an attempt runs. In between they are taken
//! out and [sealed](crate::seal), and the request holds marks in their places. Nothing that serialises or prints a request
//! shows more than the marks: names, and that there is a value.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::seal::SealError;

/// A text that is never printed, or the mark of one that has been taken out. It serialises as `true`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Option<String>);

/// Secrets by their names. It serialises as the list of the names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedSecrets(BTreeMap<String, Secret>);

impl Secret {
    pub(super) const fn new(text: String) -> Self {
        Self(Some(text))
    }

    /// The mark of a secret that is elsewhere.
    pub(super) const fn mark() -> Self {
        Self(None)
    }

    /// Takes the text out and leaves the mark of it.
    pub(super) const fn take(&mut self) -> Option<String> {
        self.0.take()
    }

    /// Puts a text in the place of a mark. A secret that was never taken out, as in messages of before, stays.
    pub(super) fn restore(&mut self, text: Option<&String>) -> Result<(), SealError> {
        if self.0.is_none() {
            let text = text.ok_or(SealError::Incomplete)?;
            self.0 = Some(text.clone());
        }
        Ok(())
    }

    /// The secret itself; nothing if it has been taken out.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl NamedSecrets {
    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Names and values; nothing if one of them has been taken out.
    #[must_use]
    pub fn reveal(&self) -> Option<Vec<(&str, &str)>> {
        let revealed = |(name, secret)| Some((String::as_str(name), Secret::reveal(secret)?));
        self.0.iter().map(revealed).collect()
    }

    /// Adds a secret. Returns false if there is one of that name.
    pub(super) fn insert(&mut self, name: String, secret: Secret) -> bool {
        let is_new = !self.0.contains_key(&name);
        if is_new {
            self.0.insert(name, secret);
        }
        is_new
    }

    /// Takes the texts out and leaves the marks of them.
    pub(super) fn take(&mut self) -> BTreeMap<String, String> {
        let taken = |(name, secret): (&String, &mut Secret)| Some((name.clone(), secret.take()?));
        self.0.iter_mut().filter_map(taken).collect()
    }

    /// Puts a text in the place of each mark.
    pub(super) fn restore(&mut self, texts: &BTreeMap<String, String>) -> Result<(), SealError> {
        for (name, secret) in &mut self.0 {
            secret.restore(texts.get(name))?;
        }
        Ok(())
    }
}

impl Serialize for NamedSecrets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}
