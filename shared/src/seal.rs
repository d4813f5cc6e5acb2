//! The seal: secrets of a request while they lie in queues and journals.
//!
//! `v1.<key id>.<nonce, ciphertext and tag>`, the last part in base64: AES-256-GCM, with a key that is derived (HKDF, RFC 5869)
//! from a token key for one channel, and the channel as associated data. So what was sealed for one job cannot be read in
//! another, a front seals what only workers with the same keys can open, and keys are rotated as those of tokens are: the first
//! one seals, every one opens.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::ChannelId;
use crate::token::TokenKeys;

/// The version in front of a seal.
const VERSION: &str = "v1";
/// Purpose of the derived keys: none of another purpose equals one.
const PURPOSE: &[u8] = b"crawlcast seal";

/// Secrets that only holders of the token keys can read. It may be stored and sent anywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// Reasons for which a seal stays closed. None of these passes by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key has been taken out of the token keys.
    #[error(
        "its headers, cookies or secrets are sealed with the token key {0}, which this worker does not have (any more); \
         submit it again"
    )]
    UnknownKey(String),
    /// It was damaged, or sealed for another channel.
    #[error("the seal of its headers, cookies or secrets is damaged; submit it again")]
    Damaged,
    /// It does not hold the value of every name in the request.
    #[error("not all of its headers, cookies and secrets were sealed; submit it again")]
    Incomplete,
}

impl TokenKeys {
    /// Seals `secrets` for `channel`, with the first key.
    #[must_use]
    pub fn seal(&self, channel: ChannelId, secrets: &[u8]) -> Sealed {
        let (id, secret) = self.first();
        let mut bytes = secrets.to_vec();
        let nonce = key(secret, channel)
            .seal_in_place_append_tag(Aad::from(channel.as_bytes()), &mut bytes)
            .expect("a request is far smaller than what one nonce may encrypt");
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        let text = BASE64_URL_SAFE_NO_PAD.encode(whole);
        Sealed(format!("{VERSION}.{id}.{text}"))
    }

    /// Opens what was sealed for `channel` with one of these keys.
    ///
    /// # Errors
    /// [`SealError`]; do not retry with the same keys.
    pub fn open(&self, channel: ChannelId, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let mut parts = sealed.0.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Damaged);
        };
        let secret = self
            .secret(id)
            .ok_or_else(|| SealError::UnknownKey(id.chars().take(32).collect()))?;
        let whole = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let mut whole = whole
            .filter(|whole| whole.len() > NONCE_LEN)
            .ok_or(SealError::Damaged)?;
        let mut bytes = whole.split_off(NONCE_LEN);
        let nonce =
            Nonce::try_assume_unique_for_key(&whole).map_err(|_error| SealError::Damaged)?;
        let opened = key(secret, channel)
            .open_in_place(nonce, Aad::from(channel.as_bytes()), &mut bytes)
            .map_err(|_error| SealError::Damaged)?;
        Ok(opened.to_vec())
    }
}

/// The key of one channel.
fn key(secret: &[u8], channel: ChannelId) -> RandomizedNonceKey {
    let mut bytes = [0; 32];
    Salt::new(HKDF_SHA256, PURPOSE)
        .extract(secret)
        .expand(&[channel.as_bytes()], HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut bytes))
        .expect("a hash long is as long as a key may be");
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).expect("a key of AES-256 has 32 bytes")
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: &[u8] = b"Bearer not-to-be-seen-again";

    fn keys(text: &str) -> TokenKeys {
        text.parse().unwrap()
    }

    fn key(id: &str, byte: u8) -> String {
        TokenKeys::spell(id, &[byte; 32])
    }

    #[test]
    fn what_was_sealed_is_opened_for_its_channel_only() {
        let (keys, channel) = (keys(&key("a", 1)), ChannelId::mint());
        let sealed = keys.seal(channel, SECRETS);
        assert_eq!(keys.open(channel, &sealed).unwrap(), SECRETS);
        let other = keys.open(ChannelId::mint(), &sealed);
        assert_eq!(other, Err(SealError::Damaged));
        let text = serde_json::to_string(&sealed).unwrap();
        for shown in [&text, &format!("{sealed:?}")] {
            assert!(!shown.contains("Bearer"), "{shown}");
        }
        assert_ne!(
            keys.seal(channel, SECRETS),
            sealed,
            "a nonce of its own each time"
        );
    }

    #[test]
    fn a_seal_outlives_the_rotation_of_its_key_until_the_key_is_gone() {
        let channel = ChannelId::mint();
        let sealed = keys(&key("old", 1)).seal(channel, SECRETS);
        let rotated = keys(&format!("{},{}", key("new", 2), key("old", 1)));
        assert_eq!(rotated.open(channel, &sealed).unwrap(), SECRETS);
        let gone = keys(&key("new", 2)).open(channel, &sealed);
        assert_eq!(gone, Err(SealError::UnknownKey("old".to_owned())));
        let another = keys(&key("old", 3)).open(channel, &sealed);
        assert_eq!(
            another,
            Err(SealError::Damaged),
            "another key under its name"
        );
    }

    #[test]
    fn no_change_of_a_seal_is_accepted() {
        let (keys, channel) = (keys(&key("a", 1)), ChannelId::mint());
        let Sealed(text) = keys.seal(channel, SECRETS);
        for at in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'x' { b'y' } else { b'x' };
            let forged = Sealed(String::from_utf8(forged).unwrap());
            assert!(keys.open(channel, &forged).is_err(), "{at}");
        }
        for cut in [
            "",
            "v1",
            "v1.a",
            "v1.a.",
            "v1.a.AAAA",
            "v2.a.AAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(
                keys.open(channel, &Sealed(cut.to_owned())).is_err(),
                "{cut}"
            );
        }
    }
}
