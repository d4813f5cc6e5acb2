//! A script's answer, value by value.

use std::str::FromStr;

use bytes::Bytes;

use crate::journal::JournalError;
use crate::redis::{LinkError, Reply};

/// A list that a script has answered, read value by value from the front.
#[derive(Debug)]
pub(super) struct Answer(std::vec::IntoIter<Reply>);

impl Answer {
    pub(super) fn of(reply: Reply) -> Result<Self, JournalError> {
        Ok(Self(reply.list()?.into_iter()))
    }

    /// The next value as it is.
    pub(super) fn value(&mut self) -> Result<Reply, JournalError> {
        let missing = || JournalError::Damaged("an answer is shorter than it should be".into());
        self.0.next().ok_or_else(missing)
    }

    /// The next value as bytes.
    pub(super) fn bytes(&mut self) -> Result<Bytes, JournalError> {
        Ok(self.value()?.bytes()?)
    }

    /// The next value as text; nothing if there is no value.
    pub(super) fn text(&mut self) -> Result<Option<String>, JournalError> {
        let value = self.value()?;
        if value.is_nothing() {
            return Ok(None);
        }
        Ok(Some(value.text()?.to_owned()))
    }

    /// The next value, which is written as text: a number, an event's ID.
    pub(super) fn parsed<T: FromStr>(&mut self) -> Result<Option<T>, JournalError> {
        let parse = |text: String| {
            let parsed = text.parse();
            parsed.map_err(|_error| JournalError::Damaged(format!("a record holds {text:?}")))
        };
        self.text()?.map(parse).transpose()
    }

    /// As [`parsed`](Self::parsed), of a value that is never absent.
    pub(super) fn needed<T: FromStr>(&mut self) -> Result<T, JournalError> {
        let lacking = || JournalError::Damaged("a record lacks a field".into());
        self.parsed()?.ok_or_else(lacking)
    }
}

impl Iterator for Answer {
    type Item = Reply;

    fn next(&mut self) -> Option<Reply> {
        self.0.next()
    }
}

impl From<LinkError> for JournalError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Unexpected(what) => Self::Damaged(what),
            LinkError::Closed
            | LinkError::Full
            | LinkError::Refused(_)
            | LinkError::Failed(_)
            | LinkError::Unconfirmed { .. } => Self::Store(error.to_string()),
        }
    }
}
