//! Signatures of posts, as the Standard Webhooks specification has them, so that receivers find libraries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::hex::to_hex;

/// The value of `webhook-signature`: a version and the HMAC-SHA-256 of ID, time and body, in base64.
pub(super) fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)).expect("a key of any length is one");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The value of `X-Firecrawl-Signature`: the HMAC-SHA-256 of the body, in hexadecimal.
pub(super) fn sign_as_firecrawl(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)).expect("a key of any length is one");
    mac.update(body);
    format!("sha256={}", to_hex(&mac.finalize().into_bytes()))
}

/// The key that a secret stands for. One that begins with `whsec_` is base64 behind that; any other is the key itself.
fn key(text: &str) -> Vec<u8> {
    let encoded = text.strip_prefix("whsec_");
    let decoded = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
    decoded.unwrap_or_else(|| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // From Python: base64(hmac.digest(key, b"msg_1.1700000000.{\"a\":1}", "sha256")).
    #[rstest]
    #[case::as_it_is(
        "a-secret-of-ours-1",
        "v1,ic4kpqBXK5nvl+9MogICMEB9UcBbRAHZfsOfBtRPH8Y="
    )]
    #[case::base64(
        "whsec_YS1zZWNyZXQtb2Ytb3Vycy0x",
        "v1,ic4kpqBXK5nvl+9MogICMEB9UcBbRAHZfsOfBtRPH8Y="
    )]
    fn a_signature_is_the_one_that_everyone_else_computes(
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        let signature = sign(text, "msg_1", 1_700_000_000, b"{\"a\":1}");
        assert_eq!(signature, expected);
    }
}
