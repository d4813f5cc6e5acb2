//! The handshake of a WebSocket (RFC 6455, section 4.2).

use bytes::Bytes;
use http::header::{HeaderName, UPGRADE};
use http::{HeaderValue, Request, Version as HttpVersion};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::firecrawl::Refusal;

/// True if the client asks for a WebSocket. Over HTTP/2 it would ask in another way, which is not taken.
pub(super) fn is_asked_for<B>(request: &Request<B>) -> bool {
    let upgrade = request.headers().get(UPGRADE);
    request.version() == HttpVersion::HTTP_11
        && upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The first protocol that the client offers. Browsers can set no other header, so it carries the key.
pub(super) fn protocol<B>(request: &Request<B>) -> Option<&str> {
    let protocol = HeaderName::from_static("sec-websocket-protocol");
    let offered = request.headers().get(protocol)?.to_str().ok()?;
    let first = offered.split(',').next()?.trim();
    (!first.is_empty()).then_some(first)
}

/// The head of the answer that switches protocols.
///
/// # Errors
/// 400 that names the header which is wrong or missing.
pub(super) fn head<B>(request: &Request<B>) -> Result<Bytes, Refusal> {
    let header = |name: &'static str| request.headers().get(HeaderName::from_static(name));
    let version = header("sec-websocket-version").map(HeaderValue::as_bytes);
    if version != Some(b"13") {
        return Err(Refusal::new(
            400,
            "the WebSocket's version must be 13: send Sec-WebSocket-Version: 13",
        ));
    }
    let key = header("sec-websocket-key")
        .ok_or_else(|| Refusal::new(400, "a WebSocket's handshake needs Sec-WebSocket-Key"))?;
    let mut head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {}\r\n",
        derive_accept_key(key.as_bytes())
    );
    // A client that offers protocols fails unless it gets one back.
    if let Some(protocol) = protocol(request) {
        head.push_str("sec-websocket-protocol: ");
        head.push_str(protocol);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    Ok(head.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let request = Request::builder();
        let with = |request: http::request::Builder, (name, value): &(&str, &str)| {
            request.header(*name, *value)
        };
        headers.iter().fold(request, with).body(()).unwrap()
    }

    #[test]
    fn a_key_is_answered_as_the_standard_says_and_the_first_protocol_comes_back() {
        let request = request(&[
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "fc-key, other"),
        ]);
        assert!(is_asked_for(&request));
        let head = head(&request).unwrap();
        let head = std::str::from_utf8(&head).unwrap();
        assert!(
            head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{head}"
        );
        assert!(
            head.contains("sec-websocket-protocol: fc-key\r\n"),
            "{head}"
        );
    }

    #[test]
    fn a_handshake_that_lacks_something_is_told_what() {
        let refusal = head(&request(&[("upgrade", "websocket")])).unwrap_err();
        assert!(
            refusal.error.contains("Sec-WebSocket-Version"),
            "{refusal:?}"
        );
        let refusal = head(&request(&[("sec-websocket-version", "13")])).unwrap_err();
        assert!(refusal.error.contains("Sec-WebSocket-Key"), "{refusal:?}");
    }
}
