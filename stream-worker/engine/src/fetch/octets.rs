//! URLs that arrive as bytes: in headers, sitemaps and robots.txt.

use std::borrow::Cow;
use std::fmt::Write;

/// The text of a URL reference that is UTF-8 for the most part. Bytes that are not are percent-encoded, so that the server gets
/// back the bytes that it has sent.
pub(crate) fn escape_non_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _infallible = write!(text, "%{byte:02X}");
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"/caf\xc3\xa9", "/caf\u{e9}")]
    #[case(b"/caf\xe9?x=\xe9", "/caf%E9?x=%E9")]
    #[case(b"/\xe2\x82", "/%E2%82")]
    #[case(b"/a%e9", "/a%e9")]
    fn bytes_that_are_no_utf8_are_percent_encoded(#[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(escape_non_utf8(bytes), text);
    }
}
