//! The one spelling of a URL under which a crawl knows it.
//!
//! It owns what makes two spellings the same page: beyond what the WHATWG parser does (case, default port, dot segments)
//! the fragment and user name are dropped, percent escapes have one form and query parameters one order. It refuses to
//! know which URLs are wanted. Canonical URLs are text, not [`Url`]: most links of a page are already known, and comparing
//! them must not cost a second parse. Canonicalising twice changes nothing.

use std::borrow::Cow;

use shared::CrawlRequest;
use shared::request::limits::MAX_URL_CHARS;
use url::{Position, Url};

/// Brings URLs into canonical form as one request wants it.
#[derive(Debug)]
pub(crate) struct Canonicalizer {
    ignore_query: bool,
    dropped: Vec<DroppedParameter>,
}

/// A query parameter's name, or the beginning of it.
#[derive(Debug)]
enum DroppedParameter {
    Name(String),
    Prefix(String),
}

/// A URL in canonical form, or the beginning of one that is too long to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Canonical<'a> {
    /// Short enough to be used.
    Usable(Cow<'a, str>),
    /// The first characters of one that is longer than any that is crawled.
    TooLong(String),
}

impl Canonicalizer {
    /// The canonical form that `request` asks for.
    pub(crate) fn new(request: &CrawlRequest) -> Self {
        let dropped = |name: &String| match name.strip_suffix('*') {
            Some(prefix) => DroppedParameter::Prefix(prefix.to_owned()),
            None => DroppedParameter::Name(name.clone()),
        };
        Self {
            ignore_query: request.ignore_query_parameters,
            dropped: request.drop_query_parameters.iter().map(dropped).collect(),
        }
    }

    /// The canonical form of `url`. Borrows it where nothing has to change, as for most links.
    pub(crate) fn apply<'a>(&self, url: &'a Url) -> Canonical<'a> {
        let text = &url[..Position::AfterQuery];
        // Escapes shrink to a third at best, and dropped parameters may be long: far beyond that the work is not worth it.
        if text.len() > 4 * MAX_URL_CHARS {
            return too_long(text);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        let plain = !has_user && url.query().is_none() && !url.path().contains('%');
        let canonical = if plain {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(self.rebuild(url))
        };
        if canonical.len() > MAX_URL_CHARS {
            too_long(&canonical)
        } else {
            Canonical::Usable(canonical)
        }
    }

    fn rebuild(&self, url: &Url) -> String {
        let mut text = String::with_capacity(url.as_str().len());
        text.push_str(&url[..Position::BeforeUsername]);
        text.push_str(&url[Position::BeforeHost..Position::BeforePath]);
        push_unescaped(&mut text, url.path());
        if let Some(query) = url.query().filter(|_| !self.ignore_query) {
            self.push_query(&mut text, query);
        }
        text
    }

    fn push_query(&self, text: &mut String, query: &str) {
        let mut normal = String::with_capacity(query.len());
        push_unescaped(&mut normal, query);
        let mut parameters: Vec<&str> = normal
            .split('&')
            .filter(|parameter| !parameter.is_empty() && !self.is_dropped(name_of(parameter)))
            .collect();
        // Stable: values of one name keep their order, which may mean something.
        parameters.sort_by_key(|parameter| name_of(parameter));
        for (index, parameter) in parameters.into_iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(parameter);
        }
    }

    fn is_dropped(&self, name: &str) -> bool {
        self.dropped.iter().any(|dropped| match dropped {
            DroppedParameter::Name(whole) => name == whole,
            DroppedParameter::Prefix(prefix) => name.starts_with(prefix.as_str()),
        })
    }
}

impl Canonical<'_> {
    /// The canonical text, cut if it is too long.
    #[cfg(test)]
    fn text(&self) -> &str {
        match self {
            Self::Usable(text) => text,
            Self::TooLong(text) => text,
        }
    }
}

/// The URL of a redirect or link as it is asked for: without fragment and user name.
pub(crate) fn without_fragment_and_user(mut url: Url) -> Url {
    url.set_fragment(None);
    // Both fail only for URLs that cannot have a user, and then there is none.
    let _no_user = url.set_username("");
    let _no_password = url.set_password(None);
    url
}

fn too_long(text: &str) -> Canonical<'static> {
    // URLs are ASCII once parsed; the beginning names the URL in its one event.
    Canonical::TooLong(text.chars().take(MAX_URL_CHARS).collect())
}

fn name_of(parameter: &str) -> &str {
    parameter
        .split_once('=')
        .map_or(parameter, |(name, _)| name)
}

/// Appends `part` with each escape in its one form: unreserved characters plain, all others with capital digits.
///
/// Behind a stray `%` an escaped hex digit stays escaped, for decoding it would make a new escape of the two.
fn push_unescaped(text: &mut String, part: &str) {
    let bytes = part.as_bytes();
    let mut open_digits = 0_u8;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| escaped_byte(bytes, at)).flatten();
        let digit_would_join = |byte: u8| open_digits > 0 && byte.is_ascii_hexdigit();
        match escaped {
            Some(value) if is_unreserved(value) && !digit_would_join(value) => {
                text.push(char::from(value));
                open_digits = 0;
                at += 3;
            }
            Some(_) => {
                text.push_str(&part[at..at + 3].to_ascii_uppercase());
                open_digits = 0;
                at += 3;
            }
            None => {
                let width = part[at..].chars().next().map_or(1, char::len_utf8);
                text.push_str(&part[at..at + width]);
                open_digits = match byte {
                    b'%' => 2,
                    digit if digit.is_ascii_hexdigit() => open_digits.saturating_sub(1),
                    _ => 0,
                };
                at += width;
            }
        }
    }
}

fn escaped_byte(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn canonicalizer(more: &Value) -> Canonicalizer {
        let mut body = json!({"url": "https://a.example/"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        Canonicalizer::new(&CrawlRequest::from_value(body).unwrap())
    }

    fn canonical(canonicalizer: &Canonicalizer, url: &str) -> String {
        canonicalizer
            .apply(&Url::parse(url).unwrap())
            .text()
            .to_owned()
    }

    #[rstest]
    #[case("https://a.example/x#part", "https://a.example/x")]
    #[case("HTTPS://A.Example:443/x", "https://a.example/x")]
    #[case("https://a.example", "https://a.example/")]
    #[case("https://a.example/a/./b/../c", "https://a.example/a/c")]
    #[case("https://a.example/%7euser/%c3%a9", "https://a.example/~user/%C3%A9")]
    #[case("https://a.example/a%2fb", "https://a.example/a%2Fb")]
    #[case("https://a.example/%%34%31", "https://a.example/%%341")]
    #[case("https://a.example/é", "https://a.example/%C3%A9")]
    #[case("https://me:pw@a.example/x", "https://a.example/x")]
    #[case("https://a.example/x?", "https://a.example/x")]
    #[case("https://a.example/x?b=2&a=1&&b=1", "https://a.example/x?a=1&b=2&b=1")]
    #[case(
        "https://a.example/x?utm_source=n&q=1&gclid=3",
        "https://a.example/x?q=1"
    )]
    #[case("https://a.example/x?utm_source=n", "https://a.example/x")]
    #[case("https://a.example/x?%75tm_source=n", "https://a.example/x")]
    fn spellings_of_one_page_become_one(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(canonical(&canonicalizer(&json!({})), url), expected);
    }

    #[test]
    fn the_query_is_dropped_when_it_is_to_be_ignored() {
        let canonicalizer = canonicalizer(&json!({"ignoreQueryParameters": true}));
        assert_eq!(
            canonical(&canonicalizer, "https://a.example/x?q=1"),
            "https://a.example/x"
        );
    }

    #[test]
    fn a_url_beyond_2048_characters_is_too_long() {
        let canonicalizer = canonicalizer(&json!({}));
        let url = |length: usize| {
            let start = "https://a.example/";
            Url::parse(&format!("{start}{}", "x".repeat(length - start.len()))).unwrap()
        };
        assert!(matches!(
            canonicalizer.apply(&url(2048)),
            Canonical::Usable(_)
        ));
        for length in [2049, 100_000] {
            assert!(matches!(
                canonicalizer.apply(&url(length)),
                Canonical::TooLong(text) if text.len() == 2048
            ));
        }
    }

    proptest! {
        #[test]
        fn canonicalising_twice_changes_nothing(path in "[a-c%2-4eE/.&=?~é]{0,24}", query in "[abu%27eE&=+]{0,24}") {
            let canonicalizer = canonicalizer(&json!({}));
            let url = Url::parse(&format!("https://a.example/{path}?{query}")).unwrap();
            let once = canonicalizer.apply(&url).text().to_owned();
            let again = Url::parse(&once).unwrap();
            prop_assert_eq!(again.as_str(), &once);
            let twice = canonicalizer.apply(&again).text().to_owned();
            prop_assert_eq!(twice, once);
        }
    }
}
