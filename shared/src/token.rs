//! Tokens: who may watch or control one channel.
//!
//! `v1.<key id>.<expiry>.<scope>.<mac>`, where the MAC is HMAC-SHA-256 over all that stands before it and the channel. The
//! channel itself is in the URL. The first key signs; every key verifies, so that keys can be rotated without a gap.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{ChannelId, Timestamp};

type HmacSha256 = Hmac<Sha256>;

/// Bytes of a channel's ID that prove whose it is. The ten before them are random, or a hash.
///
/// To pass for the owner of a channel, a caller with a key of another's would have to meet 48 bits by chance.
const OWNER_BYTES: usize = 6;

/// Right that a token grants, the lesser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To watch: the stream, the snapshot, the results.
    Watch,
    /// To watch, pause, resume and cancel.
    Control,
}

impl Scope {
    const fn letter(self) -> &'static str {
        match self {
            Self::Watch => "w",
            Self::Control => "c",
        }
    }
}

/// Bytes of a key's secret at least: a shorter one can be guessed.
const MIN_KEY_BYTES: usize = 32;

/// Keys in force at once at most: the new one, and the old ones until their tokens have expired.
const MAX_KEYS: usize = 8;

#[derive(Clone)]
struct Key {
    id: String,
    secret: Vec<u8>,
}

/// The keys that sign and verify, read from `kid:base64,kid:base64`. Prints only key ids.
#[derive(Clone)]
pub struct TokenKeys(Vec<Key>);

/// Fault of a list of token keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// An entry is not `kid:base64`.
    #[error("key {0} must be <key id>:<base64>, the id of letters, digits, - and _")]
    Form(usize),
    /// A secret is too short.
    #[error(
        "key {0} must have at least {MIN_KEY_BYTES} bytes; `openssl rand -base64 32` makes one"
    )]
    Short(usize),
    /// Two keys have one id.
    #[error("key {0} has the id of an earlier key")]
    Twice(usize),
    /// Too many keys, or none.
    #[error("there must be 1 to {MAX_KEYS} keys")]
    Number,
}

impl FromStr for TokenKeys {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, entry) in text.split(',').map(str::trim).enumerate() {
            let number = index + 1;
            let (id, secret) = entry.split_once(':').ok_or(KeyError::Form(number))?;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
                return Err(KeyError::Form(number));
            }
            let secret = BASE64_STANDARD
                .decode(secret)
                .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(secret))
                .map_err(|_error| KeyError::Form(number))?;
            if secret.len() < MIN_KEY_BYTES {
                return Err(KeyError::Short(number));
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(KeyError::Twice(number));
            }
            keys.push(Key {
                id: id.to_owned(),
                secret,
            });
        }
        if keys.is_empty() || keys.len() > MAX_KEYS {
            Err(KeyError::Number)
        } else {
            Ok(Self(keys))
        }
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| &key.id))
            .finish()
    }
}

impl TokenKeys {
    /// One key with a given secret, printed as [`FromStr`] reads it.
    #[must_use]
    pub fn spell(id: &str, secret: &[u8; 32]) -> String {
        format!("{id}:{}", BASE64_STANDARD.encode(secret))
    }

    /// The ID and the secret of the key that signs and seals.
    pub(crate) fn first(&self) -> (&str, &[u8]) {
        let key = &self.0[0];
        (&key.id, &key.secret)
    }

    /// The secret of the key with this ID.
    pub(crate) fn secret(&self, id: &str) -> Option<&[u8]> {
        let key = self.0.iter().find(|key| key.id == id)?;
        Some(&key.secret)
    }

    /// A token for `channel`.
    #[must_use]
    pub fn sign(&self, channel: ChannelId, scope: Scope, expires: Timestamp) -> String {
        let key = &self.0[0];
        let claims = claims(&key.id, expires, scope.letter());
        let mac = token_mac(key, &claims, channel).finalize().into_bytes();
        format!("{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// The scope that `token` grants on `channel` at the time `now`; nothing if it is forged, expired or another channel's.
    #[must_use]
    pub fn verify(&self, token: &str, channel: ChannelId, now: Timestamp) -> Option<Scope> {
        let (claims, mac) = token.rsplit_once('.')?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        let [version, id, expires, scope] =
            <[&str; 4]>::try_from(claims.split('.').collect::<Vec<_>>()).ok()?;
        let key = self.0.iter().find(|key| key.id == id)?;
        token_mac(key, claims, channel).verify_slice(&mac).ok()?;
        if version != "v1" || expires.parse::<i64>().ok()? <= now.millis() / 1000 {
            return None;
        }
        [Scope::Watch, Scope::Control]
            .into_iter()
            .find(|known| known.letter() == scope)
    }

    /// A new channel of `tenant`.
    #[must_use]
    pub fn mint_channel(&self, tenant: &str) -> ChannelId {
        self.0[0].channel(ChannelId::mint(), tenant)
    }

    /// The channel of a submission with an `Idempotency-Key`: the same for the same tenant, key and body on any front
    /// that has the same first key.
    #[must_use]
    pub fn derive_channel(&self, tenant: &str, idempotency_key: &str, body: &[u8]) -> ChannelId {
        let mut mac = keyed(&self.0[0], b"crawlcast channel");
        for part in [tenant.as_bytes(), idempotency_key.as_bytes(), body] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let hash = mac.finalize().into_bytes();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        self.0[0].channel(ChannelId::from_hash(bytes), tenant)
    }

    /// True if one of these keys made `channel` for `tenant`. It holds before any journal knows the channel.
    #[must_use]
    pub fn is_channel_of(&self, channel: ChannelId, tenant: &str) -> bool {
        // Every key is tried, each in constant time.
        self.0.iter().fold(false, |owned, key| {
            let start = &channel.as_bytes()[..16 - OWNER_BYTES];
            let end = &channel.as_bytes()[16 - OWNER_BYTES..];
            owned
                | owner_mac(key, start, tenant)
                    .verify_truncated_left(end)
                    .is_ok()
        })
    }
}

impl Key {
    /// The channel that begins as `id` and ends in the proof that it is `tenant`'s.
    fn channel(&self, id: ChannelId, tenant: &str) -> ChannelId {
        let mut bytes = *id.as_bytes();
        let (start, end) = bytes.split_at_mut(16 - OWNER_BYTES);
        let proof = owner_mac(self, start, tenant).finalize().into_bytes();
        end.copy_from_slice(&proof[..OWNER_BYTES]);
        ChannelId::from_bytes(bytes)
    }
}

fn owner_mac(key: &Key, channel_start: &[u8], tenant: &str) -> HmacSha256 {
    let mut mac = keyed(key, b"crawlcast owner");
    mac.update(channel_start);
    mac.update(tenant.as_bytes());
    mac
}

fn claims(key_id: &str, expires: Timestamp, scope: &str) -> String {
    format!("v1.{key_id}.{}.{scope}", expires.millis() / 1000)
}

fn token_mac(key: &Key, claims: &str, channel: ChannelId) -> HmacSha256 {
    let mut mac = keyed(key, b"crawlcast token");
    mac.update(channel.as_bytes());
    mac.update(claims.as_bytes());
    mac
}

/// A MAC of one purpose: what is signed for one can never be taken for another.
fn keyed(key: &Key, purpose: &[u8]) -> HmacSha256 {
    let mut mac = HmacSha256::new_from_slice(&key.secret).expect("HMAC takes keys of any length");
    mac.update(purpose);
    mac.update(&[0]);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_800_000_060_000);

    fn key(id: &str, byte: u8) -> String {
        TokenKeys::spell(id, &[byte; 32])
    }

    fn keys(text: &str) -> TokenKeys {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_grants_its_scope_on_its_channel_until_it_expires() {
        let keys = keys(&key("a", 1));
        let (mine, other) = (ChannelId::mint(), ChannelId::mint());
        let token = keys.sign(mine, Scope::Control, LATER);
        assert_eq!(keys.verify(&token, mine, NOW), Some(Scope::Control));
        assert_eq!(keys.verify(&token, other, NOW), None);
        assert_eq!(keys.verify(&token, mine, LATER), None);
        assert_eq!(
            keys.verify(&keys.sign(mine, Scope::Watch, LATER), mine, NOW),
            Some(Scope::Watch)
        );
    }

    #[test]
    fn a_token_outlives_the_rotation_of_its_key() {
        let channel = ChannelId::mint();
        let token = keys(&key("old", 1)).sign(channel, Scope::Watch, LATER);
        let rotated = keys(&format!("{},{}", key("new", 2), key("old", 1)));
        assert_eq!(rotated.verify(&token, channel, NOW), Some(Scope::Watch));
        assert!(
            rotated
                .sign(channel, Scope::Watch, LATER)
                .starts_with("v1.new.")
        );
        assert_eq!(keys(&key("new", 2)).verify(&token, channel, NOW), None);
    }

    #[test]
    fn a_submission_sent_twice_has_one_channel() {
        let keys = keys(&key("a", 1));
        let first = keys.derive_channel("t", "k", b"body");
        assert_eq!(keys.derive_channel("t", "k", b"body"), first);
        for other in [
            ("u", "k", b"body"),
            ("t", "l", b"body"),
            ("t", "k", b"bodi"),
            ("tk", "", b"body"),
        ] {
            assert_ne!(keys.derive_channel(other.0, other.1, other.2), first);
        }
    }

    #[test]
    fn a_channel_proves_whose_it_is_also_after_its_key_was_rotated() {
        let old = keys(&key("old", 1));
        let rotated = keys(&format!("{},{}", key("new", 2), key("old", 1)));
        for channel in [
            old.mint_channel("mine"),
            old.derive_channel("mine", "k", b"body"),
        ] {
            assert!(rotated.is_channel_of(channel, "mine"));
            assert!(!rotated.is_channel_of(channel, "yours"));
            assert!(!keys(&key("new", 2)).is_channel_of(channel, "mine"));
            assert_eq!(
                channel.to_string().parse(),
                Ok(channel),
                "it is a UUID as any other"
            );
            assert_eq!(
                ChannelId::from_hash(*channel.as_bytes()),
                channel,
                "of version 4"
            );
        }
    }

    #[rstest]
    #[case("", KeyError::Form(1))]
    #[case("a", KeyError::Form(1))]
    #[case("a b:AAAA", KeyError::Form(1))]
    #[case("a:!", KeyError::Form(1))]
    #[case("a:AAAA", KeyError::Short(1))]
    fn a_bad_key_says_what_is_wrong(#[case] text: &str, #[case] error: KeyError) {
        assert_eq!(text.parse::<TokenKeys>().unwrap_err(), error);
        assert!(
            format!("{},{text}", key("z", 1))
                .parse::<TokenKeys>()
                .is_err()
        );
    }

    #[test]
    fn keys_are_never_printed() {
        assert_eq!(format!("{:?}", keys(&key("a", 1))), r#"["a"]"#);
    }

    proptest! {
        #[test]
        fn no_change_of_a_token_is_accepted(at in 0_usize..60, byte in 33_u8..127) {
            let keys = keys(&key("a", 1));
            let channel = ChannelId::from_hash([9; 16]);
            let token = keys.sign(channel, Scope::Watch, LATER);
            let mut forged = token.clone().into_bytes();
            let at = at % forged.len();
            forged[at] = byte;
            let forged = String::from_utf8(forged).unwrap();
            prop_assert!(forged == token || keys.verify(&forged, channel, NOW).is_none());
        }
    }
}
