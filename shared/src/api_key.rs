//! API keys: who may submit.
//!
//! The configuration holds SHA-256 hashes, so that it can be read without being able to submit.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The hashes of the keys in force, read from comma-separated hexadecimal. None means that anyone may submit.
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<[u8; 32]>);

/// The tenant of a submission when no keys are configured.
pub const ANONYMOUS: &str = "anonymous";

impl ApiKeys {
    /// Whether submissions need no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tenant that `authorization` (the header's value) speaks for, if it may submit.
    #[must_use]
    pub fn tenant(&self, authorization: Option<&str>) -> Option<String> {
        if self.is_empty() {
            return Some(ANONYMOUS.to_owned());
        }
        let (scheme, key) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(key.trim().as_bytes()).into();
        // Every key is compared, each in constant time: how long it takes says nothing about the keys.
        let known = self
            .0
            .iter()
            .fold(false, |known, candidate| known | same(candidate, &hash));
        known.then(|| hex(&hash[..8]))
    }
}

fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.iter()
        .zip(right)
        .fold(0, |difference, (l, r)| difference | (l ^ r))
        == 0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl FromStr for ApiKeys {
    type Err = ApiKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        entries
            .enumerate()
            .map(|(index, entry)| parse_hash(entry).ok_or(ApiKeyError(index + 1)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let text = text.strip_prefix("sha256:").unwrap_or(text);
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(hash)
}

/// An entry is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "API key {0} must be the SHA-256 of a key as 64 hexadecimal digits; `printf %s KEY | sha256sum` prints it"
)]
pub struct ApiKeyError(usize);

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 of `open sesame`.
    const HASH: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

    #[test]
    fn a_known_key_speaks_for_its_tenant() {
        let keys: ApiKeys = format!("sha256:{HASH}").parse().unwrap();
        assert_eq!(
            keys.tenant(Some("Bearer open sesame")).as_deref(),
            Some("41ef4bb0b23661e6")
        );
        for wrong in [
            None,
            Some("Bearer open barley"),
            Some("Basic open sesame"),
            Some("open"),
        ] {
            assert_eq!(keys.tenant(wrong), None);
        }
    }

    #[test]
    fn without_keys_anyone_is_anonymous() {
        assert_eq!(ApiKeys::default().tenant(None).as_deref(), Some(ANONYMOUS));
    }

    #[test]
    fn a_key_in_place_of_its_hash_is_refused() {
        assert_eq!(
            "open sesame".parse::<ApiKeys>().unwrap_err(),
            ApiKeyError(1)
        );
    }
}
