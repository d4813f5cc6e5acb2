//! Answers of Redis, read by their shape.

use bytes::Bytes;
use redis::Value;

use super::LinkError;

/// One answer, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply(pub(super) Value);

impl Reply {
    /// True if there is nothing.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        matches!(self.0, Value::Nil)
    }

    /// A whole number, also one that is spelled out in decimal text.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is no such number.
    pub fn number(&self) -> Result<i64, LinkError> {
        match &self.0 {
            Value::Int(number) => Ok(*number),
            _ => self
                .text()?
                .parse()
                .ok()
                .ok_or_else(|| self.unlike("a number")),
        }
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is no such number.
    pub fn count(&self) -> Result<u64, LinkError> {
        u64::try_from(self.number()?)
            .ok()
            .ok_or_else(|| self.unlike("a count"))
    }

    /// Text.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is none, or no UTF-8.
    pub fn text(&self) -> Result<&str, LinkError> {
        let text = match &self.0 {
            Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
            Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.as_str()),
            Value::Okay => Some("OK"),
            _ => None,
        };
        text.ok_or_else(|| self.unlike("text"))
    }

    /// Bytes, without a copy.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is something else.
    pub fn bytes(self) -> Result<Bytes, LinkError> {
        match self.0 {
            Value::BulkString(bytes) => Ok(bytes.into()),
            Value::SimpleString(text) | Value::VerbatimString { text, .. } => {
                Ok(text.into_bytes().into())
            }
            other => Err(Self(other).unlike("bytes")),
        }
    }

    /// The parts of a list. A map is a list of its keys and values in turn, as servers spoke before they had maps.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is neither.
    pub fn list(self) -> Result<Vec<Self>, LinkError> {
        match self.0 {
            Value::Array(parts) | Value::Set(parts) => Ok(parts.into_iter().map(Self).collect()),
            Value::Map(pairs) => Ok(pairs
                .into_iter()
                .flat_map(|(key, value)| [Self(key), Self(value)])
                .collect()),
            other => Err(Self(other).unlike("a list")),
        }
    }

    /// The parts of a list that has exactly `N`.
    ///
    /// # Errors
    /// [`LinkError::Unexpected`] if it is none, or has more or fewer.
    pub fn parts<const N: usize>(self) -> Result<[Self; N], LinkError> {
        let parts = self.list()?;
        let found = parts.len();
        parts.try_into().map_err(|_parts: Vec<Self>| {
            LinkError::Unexpected(format!("a list of {found} instead of {N}"))
        })
    }

    fn unlike(&self, wanted: &str) -> LinkError {
        let found = match &self.0 {
            Value::Nil => "nothing",
            Value::Int(_) => "a number",
            Value::BulkString(_) => "bytes",
            Value::Array(_) | Value::Set(_) | Value::Map(_) => "a list",
            _ => "something else",
        };
        LinkError::Unexpected(format!("{found} instead of {wanted}"))
    }
}
