//! The cookies that a page's answer sets, whatever kind of answer it is.

use http::HeaderValue;
use http::header::SET_COOKIE;

use super::reader::PageAnswer;

/// The `Set-Cookie` headers of an answer.
pub(crate) fn set_cookies(answer: &PageAnswer) -> impl Iterator<Item = &HeaderValue> {
    let (lines, headers) = match answer {
        PageAnswer::Page(page) => (page.set_cookies.as_slice(), None),
        PageAnswer::NotModified(unmodified) => (unmodified.set_cookies.as_slice(), None),
        PageAnswer::Redirect(redirect) => (&[][..], Some(&redirect.headers)),
        PageAnswer::Status(_, headers) => (&[][..], Some(headers)),
        PageAnswer::Lost(_) => (&[][..], None),
    };
    let of_headers = headers
        .into_iter()
        .flat_map(|headers| headers.get_all(SET_COOKIE));
    lines.iter().chain(of_headers)
}
