//! Headers that a request may not set, and what would be right.

use http::HeaderName;

/// The reason why a request may not set a header, and what would be right.
pub(super) fn objection(name: &HeaderName) -> Option<&'static str> {
    match name.as_str() {
        "host" => Some("must be left out: the host is that of the page's URL"),
        "user-agent" => Some("must be given as userAgent, which goes to every page"),
        "accept-encoding" => {
            Some("must be left out: the crawler asks for the encodings that it can undo")
        }
        "if-match" | "if-none-match" | "if-modified-since" | "if-unmodified-since" | "if-range" => {
            Some("must be left out: `since` asks for what has changed only")
        }
        "range" => Some("must be left out: pages are read whole, up to maxBodyBytes"),
        "set-cookie" => Some("is a header of answers: give cookies as `cookies`"),
        "content-length" | "content-encoding" | "transfer-encoding" => {
            Some("must be left out: the request has no body")
        }
        _ => connection_objection(name),
    }
}

/// The reason why a webhook may not set a header, and what would be right.
pub(super) fn webhook_objection(name: &HeaderName) -> Option<&'static str> {
    match name.as_str() {
        "host" => Some("must be left out: the host is that of the webhook's URL"),
        "user-agent" | "content-type" | "content-length" | "content-encoding"
        | "transfer-encoding" | "accept-encoding" => {
            Some("must be left out: it says what is posted, and by whom")
        }
        "webhook-id" | "webhook-timestamp" | "webhook-signature" => {
            Some("must be left out: it is set with each post")
        }
        _ => connection_objection(name),
    }
}

/// The reason why a header may not be set that is the connection's own (RFC 9110, section 7.6.1), or speaks to a proxy.
fn connection_objection(name: &HeaderName) -> Option<&'static str> {
    match name.as_str() {
        "connection" | "keep-alive" | "proxy-connection" | "te" | "trailer" | "upgrade"
        | "expect" | "http2-settings" => Some("must be left out: the connection sets it by itself"),
        "proxy-authorization" | "proxy-authenticate" => {
            Some("must be left out: it speaks to a proxy, and none is asked")
        }
        _ => None,
    }
}
