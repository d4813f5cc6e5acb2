//! The place of an event in a log, and the attempt that wrote it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Number of an attempt at a job. Each lease taken on a job has the next number, so that a writer that lost its lease is
/// recognised. Zero before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = u32))]
pub struct Attempt(pub u32);

/// Position of an event in its log: 1, 2, 3 … without a gap, across attempts. Zero is before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = u64))]
pub struct Position(pub u64);

impl Attempt {
    /// The attempt after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Position {
    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event's ID on the wire, and a watcher's cursor: `<attempt>-<position>`. `0-0` is the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The attempt that wrote the event.
    pub attempt: Attempt,
    /// The event's place in the log.
    pub position: Position,
}

impl EventId {
    /// The place before the first event.
    pub const START: Self = Self {
        attempt: Attempt(0),
        position: Position(0),
    };

    /// The ID of the event that `attempt` wrote at `position`.
    #[must_use]
    pub const fn new(attempt: Attempt, position: Position) -> Self {
        Self { attempt, position }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.attempt, self.position)
    }
}

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (attempt, position) = text.split_once('-').ok_or(NotAnEventId)?;
        let id = Self::new(Attempt(number(attempt)?), Position(number(position)?));
        // Only the start has a zero, and it has two.
        if (id.attempt.0 == 0) == (id.position.0 == 0) {
            Ok(id)
        } else {
            Err(NotAnEventId)
        }
    }
}

/// Digits without sign or leading zero: one place has one spelling.
fn number<N: FromStr>(digits: &str) -> Result<N, NotAnEventId> {
    let canonical = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if !canonical {
        return Err(NotAnEventId);
    }
    digits.parse().map_err(|_error| NotAnEventId)
}

/// The text is not `<attempt>-<position>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event ID is <attempt>-<position>, such as 1-42")]
pub struct NotAnEventId;

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for EventId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9]+-[0-9]+$"))
            .examples(["1-42"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for EventId {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn an_id_reads_back_as_printed() {
        let id = EventId::new(Attempt(2), Position(1042));
        assert_eq!(id.to_string(), "2-1042");
        assert_eq!("2-1042".parse(), Ok(id));
        assert_eq!("0-0".parse(), Ok(EventId::START));
    }

    #[rstest]
    #[case("")]
    #[case("7")]
    #[case("1-")]
    #[case("-1")]
    #[case("1--2")]
    #[case("+1-2")]
    #[case("01-2")]
    #[case("0-2")]
    #[case("2-0")]
    #[case("1-2 ")]
    #[case("1-99999999999999999999")]
    #[case("4294967296-1")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<EventId>(), Err(NotAnEventId));
    }
}
