//! API keys: who may submit.
//!
//! The configuration holds SHA-256 hashes, so that it can be read without being able to submit.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::hex::to_hex;

/// The keys in force, read from comma-separated entries `name=hash` or `hash`. None means that anyone may submit.
///
/// A hash is the SHA-256 of a key in hexadecimal. The name is the tenant that the key speaks for; two keys may share one, as
/// they do while a key is replaced. A key without a name is a tenant of its own, called by the first 16 digits of its hash.
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<ApiKey>);

#[derive(Clone)]
struct ApiKey {
    tenant: String,
    hash: [u8; 32],
}

/// The tenant of a submission when no keys are configured.
pub const ANONYMOUS: &str = "anonymous";

/// Characters of a tenant's name at most.
pub const MAX_NAME: usize = 64;

impl ApiKeys {
    /// True if no keys are configured, so that submissions need none.
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
        let known = self.0.iter().fold(None, |known, candidate| {
            let is_it = same(&candidate.hash, &hash);
            if is_it { Some(candidate) } else { known }
        });
        known.map(|key| key.tenant.clone())
    }

    /// Every tenant that may submit, once: the keys' names, or [`ANONYMOUS`] where no key is configured.
    #[must_use]
    pub fn tenants(&self) -> BTreeSet<&str> {
        if self.is_empty() {
            return BTreeSet::from([ANONYMOUS]);
        }
        self.0.iter().map(|key| key.tenant.as_str()).collect()
    }
}

fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.iter()
        .zip(right)
        .fold(0, |difference, (l, r)| difference | (l ^ r))
        == 0
}

impl FromStr for ApiKeys {
    type Err = ApiKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let mut keys: Vec<ApiKey> = Vec::new();
        for (index, entry) in entries.enumerate() {
            let key = parse_entry(entry, index + 1)?;
            if keys.iter().any(|known| known.hash == key.hash) {
                return Err(ApiKeyError::Twice(index + 1));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }
}

fn parse_entry(entry: &str, number: usize) -> Result<ApiKey, ApiKeyError> {
    let (name, hash) = match entry.split_once('=') {
        Some((name, hash)) => (Some(name.trim()), hash.trim()),
        None => (None, entry),
    };
    let hash = parse_hash(hash).ok_or(ApiKeyError::Hash(number))?;
    let tenant = match name {
        None => to_hex(&hash[..8]),
        Some(name) if is_tenant_name(name) => name.to_owned(),
        Some(_) => return Err(ApiKeyError::Name(number)),
    };
    Ok(ApiKey { tenant, hash })
}

/// True if a tenant may have this name: a queue's message group, a header and a log line all take such a name as it is.
#[must_use]
pub fn is_tenant_name(name: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain) && name != ANONYMOUS
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

/// An entry of the configuration that is no key. Entries are counted from 1; none is repeated in the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// An entry whose hash is not 64 hexadecimal digits.
    #[error(
        "API key {0} must be name=hash or hash, the SHA-256 of a key as 64 hexadecimal digits; `printf %s KEY | sha256sum` prints it"
    )]
    Hash(usize),
    /// An entry whose name cannot be a tenant's.
    #[error(
        "the name of API key {0} must have 1 to {MAX_NAME} of a-z, 0-9, `-`, `_` and `.`, and must not be `{ANONYMOUS}`"
    )]
    Name(usize),
    /// An entry whose key is that of an earlier one.
    #[error("API key {0} is there twice: each key speaks for one name")]
    Twice(usize),
}

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
            ApiKeyError::Hash(1)
        );
    }

    #[test]
    fn a_named_key_speaks_for_its_name() {
        let keys: ApiKeys = format!("acme={HASH}").parse().unwrap();
        let tenant = keys.tenant(Some("Bearer open sesame"));
        assert_eq!(tenant.as_deref(), Some("acme"));
        assert_eq!(keys.tenants(), BTreeSet::from(["acme"]));
    }

    #[test]
    fn two_keys_may_share_a_name_and_no_key_has_two() {
        let other = "0".repeat(64);
        let keys: ApiKeys = format!("acme={HASH},acme=sha256:{other}").parse().unwrap();
        assert_eq!(keys.tenants().len(), 1);
        let twice = format!("acme={HASH},other={HASH}").parse::<ApiKeys>();
        assert_eq!(twice.unwrap_err(), ApiKeyError::Twice(2));
    }

    #[test]
    fn a_name_that_no_queue_or_log_takes_is_refused() {
        for name in ["", "Acme", "a b", "anonymous", &"x".repeat(65)] {
            let parsed = format!("{name}={HASH}").parse::<ApiKeys>();
            assert_eq!(parsed.unwrap_err(), ApiKeyError::Name(1), "{name}");
        }
    }
}
