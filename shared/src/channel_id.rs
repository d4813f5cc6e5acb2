//! The name of a channel: one job's stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A random (version 4) UUID. It names a channel but grants nothing: a token does that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
pub struct ChannelId(Uuid);

impl ChannelId {
    /// A new, unguessable ID.
    #[must_use]
    pub fn mint() -> Self {
        Self(Uuid::new_v4())
    }

    /// The ID that these 16 bytes of a keyed hash stand for, in the shape of a version 4 UUID.
    #[must_use]
    pub fn from_hash(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The ID with exactly these bytes, as a store keeps them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes of the ID.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelId({self})")
    }
}

impl FromStr for ChannelId {
    type Err = NotAChannelId;

    /// Takes only the hyphenated lower-case form, so that one channel has one URL.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = Uuid::try_parse(text).map_err(|_error| NotAChannelId)?;
        let mut canonical = Uuid::encode_buffer();
        if id.hyphenated().encode_lower(&mut canonical) == text {
            Ok(Self(id))
        } else {
            Err(NotAChannelId)
        }
    }
}

/// The text is not the hyphenated lower-case form of a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a channel ID is a UUID in lower case with hyphens")]
pub struct NotAChannelId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_and_parses_in_one_form_only() {
        let id = ChannelId::mint();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            id.to_string().to_uppercase().parse::<ChannelId>(),
            Err(NotAChannelId)
        );
        assert_eq!(
            id.to_string().replace('-', "").parse::<ChannelId>(),
            Err(NotAChannelId)
        );
    }

    #[test]
    fn an_id_from_a_hash_looks_like_any_other() {
        let id = ChannelId::from_hash([0xff; 16]);
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
