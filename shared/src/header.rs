//! Request headers that a front depends on.
//!
//! A header that is there but cannot be read is not the same as one that is not there: taking one for the other loses a
//! caller's `Idempotency-Key` without a word. Both fronts read through here, so both refuse the same by name.

use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderName};

use crate::Problem;

/// The value of a header that may be there once; nothing if it is not there.
///
/// # Errors
/// 400 that names the header, if it has a character that is not visible ASCII, or two different values.
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.any(|other| other != first) {
        let detail = format!("send the header {} once", title(name));
        return Err(Problem::bad_request(detail));
    }
    let unreadable = |_error| {
        Problem::bad_request(format!(
            "the header {} has a character that is not ASCII; write it in ASCII, or encode it",
            title(name)
        ))
    };
    first.to_str().map(Some).map_err(unreadable)
}

/// Holds that a request's body is sent as it is.
///
/// # Errors
/// 415 that names the encoding. Undoing it would take more memory than the body's limit allows for.
pub fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let encoding = text(headers, &CONTENT_ENCODING)?.unwrap_or_default().trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    let shown: String = encoding.chars().take(100).collect();
    Err(Problem::unsupported_media_type(format!(
        "send the body without Content-Encoding; this one says {shown}"
    )))
}

/// The body without the byte order mark that some editors and shells put before it.
#[must_use]
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// A header's name as documents spell it.
fn title(name: &HeaderName) -> String {
    let word = |word: &str| match word {
        "id" => "ID".to_owned(),
        word => word[..1].to_ascii_uppercase() + &word[1..],
    };
    let words = name.as_str().split('-').filter(|word| !word.is_empty());
    words.map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::*;

    const KEY: HeaderName = HeaderName::from_static("idempotency-key");

    fn headers(name: &HeaderName, values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn an_unreadable_header_is_refused_by_name_and_not_taken_for_absent() {
        assert_eq!(text(&HeaderMap::new(), &KEY), Ok(None));
        assert_eq!(text(&headers(&KEY, &[b"a", b"a"]), &KEY), Ok(Some("a")));
        for values in [
            &[b"order-\xe9".as_slice()][..],
            &[b"order-\xc3\xa9"],
            &[b"a", b"b"],
        ] {
            let problem = text(&headers(&KEY, values), &KEY).unwrap_err();
            assert_eq!(problem.status, 400);
            assert!(problem.detail.contains("Idempotency-Key"), "{problem:?}");
        }
    }

    #[rstest]
    #[case(b"gzip", "gzip")]
    #[case(b"br, gzip", "br, gzip")]
    fn an_encoded_body_is_refused_by_its_encoding(#[case] encoding: &[u8], #[case] named: &str) {
        let problem = check_encoding(&headers(&CONTENT_ENCODING, &[encoding])).unwrap_err();
        assert_eq!(problem.status, 415);
        assert!(problem.detail.contains(named), "{problem:?}");
    }

    #[test]
    fn a_body_that_is_sent_as_it_is_passes() {
        assert_eq!(check_encoding(&HeaderMap::new()), Ok(()));
        let identity = headers(&CONTENT_ENCODING, &[b"Identity"]);
        assert_eq!(check_encoding(&identity), Ok(()));
        assert_eq!(without_mark(b"\xef\xbb\xbf{}"), b"{}");
    }
}
