//! A URL's query.

use std::borrow::Cow;

/// The first value of one of these parameters, decoded.
pub(super) fn parameter<'a>(query: Option<&'a str>, names: &[&str]) -> Option<Cow<'a, str>> {
    let pairs = || url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    names
        .iter()
        .find_map(|name| pairs().find(|(key, _)| key == name).map(|(_, value)| value))
}
