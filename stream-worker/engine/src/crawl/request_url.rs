//! The URL that is asked for.
//!
//! It is the one that the site has linked, as the WHATWG's parser writes it: nothing is sorted, decoded or put into another case,
//! since signed and order-sensitive URLs are real. Only the fragment, a user name and what the caller wants to have dropped are
//! left out. Robots, scope, patterns and traps judge this URL, and events show it. It is text, not [`Url`]: most links of a page
//! are already known.

use std::borrow::Cow;

use shared::CrawlRequest;
use shared::request::limits::MAX_URL_CHARS;
use url::{Position, Url};

use super::identity::{name_of, push_unescaped};

/// Drops from URLs what one request wants to have dropped.
#[derive(Debug)]
pub(crate) struct RequestForm {
    ignore_query: bool,
    dropped: Vec<DroppedParameter>,
}

/// A query parameter's name, or the beginning of it.
#[derive(Debug)]
enum DroppedParameter {
    Name(String),
    Prefix(String),
}

/// A URL to ask for, or the beginning of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestUrl<'a> {
    /// Short enough to be asked for.
    Usable(Cow<'a, str>),
    /// The first characters of one that is longer than any that is crawled.
    TooLong(String),
}

impl RequestForm {
    /// The form that `request` asks for.
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

    /// The URL to ask for when `url` was linked. Borrows it where nothing is dropped, as for most links.
    pub(crate) fn apply<'a>(&self, url: &'a Url) -> RequestUrl<'a> {
        if url.username().is_empty() && url.password().is_none() {
            return self.apply_to_link(&url[..Position::AfterQuery]);
        }
        let mut bare = url[..Position::BeforeUsername].to_owned();
        bare.push_str(&url[Position::BeforeHost..Position::AfterQuery]);
        match self.apply_to_link(&bare) {
            RequestUrl::Usable(text) => RequestUrl::Usable(Cow::Owned(text.into_owned())),
            RequestUrl::TooLong(beginning) => RequestUrl::TooLong(beginning),
        }
    }

    /// The same for the text of a URL that has neither user nor fragment, as links have none.
    pub(crate) fn apply_to_link<'a>(&self, text: &'a str) -> RequestUrl<'a> {
        // Dropped parameters may be long: far beyond that the work is not worth it.
        if text.len() > 4 * MAX_URL_CHARS {
            return too_long(text);
        }
        let wanted = match text.split_once('?') {
            Some((place, query)) if self.drops_from(query) => {
                Cow::Owned(self.rebuild(place, query))
            }
            Some(_) | None => Cow::Borrowed(text),
        };
        if wanted.len() > MAX_URL_CHARS {
            too_long(&wanted)
        } else {
            RequestUrl::Usable(wanted)
        }
    }

    fn drops_from(&self, query: &str) -> bool {
        self.ignore_query || query.split('&').any(|parameter| self.is_dropped(parameter))
    }

    fn rebuild(&self, place: &str, query: &str) -> String {
        let mut text = place.to_owned();
        if self.ignore_query {
            return text;
        }
        let kept = query
            .split('&')
            .filter(|parameter| !self.is_dropped(parameter));
        for (index, parameter) in kept.enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(parameter);
        }
        text
    }

    /// True for a parameter whose name, however it is escaped, the caller wants to have dropped.
    fn is_dropped(&self, parameter: &str) -> bool {
        if self.dropped.is_empty() {
            return false;
        }
        let written = name_of(parameter);
        let mut name = Cow::Borrowed(written);
        if written.contains('%') {
            let mut plain = String::with_capacity(written.len());
            push_unescaped(&mut plain, written);
            name = Cow::Owned(plain);
        }
        self.dropped.iter().any(|dropped| match dropped {
            DroppedParameter::Name(whole) => name == whole.as_str(),
            DroppedParameter::Prefix(prefix) => name.starts_with(prefix.as_str()),
        })
    }
}

impl RequestUrl<'_> {
    /// The text, cut if it is too long.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Usable(text) => text,
            Self::TooLong(text) => text,
        }
    }
}

/// The URL as it goes over the wire: without fragment and user name.
pub(crate) fn without_fragment_and_user(mut url: Url) -> Url {
    url.set_fragment(None);
    // Both fail only for URLs that cannot have a user, and then there is none.
    let _no_user = url.set_username("");
    let _no_password = url.set_password(None);
    url
}

fn too_long(text: &str) -> RequestUrl<'static> {
    // URLs are ASCII once parsed; the beginning names the URL in its one event.
    RequestUrl::TooLong(text.chars().take(MAX_URL_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn form(more: &Value) -> RequestForm {
        let mut body = json!({"url": "https://a.example/"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        RequestForm::new(&CrawlRequest::from_value(body).unwrap())
    }

    fn requested(form: &RequestForm, url: &str) -> String {
        form.apply(&Url::parse(url).unwrap()).text().to_owned()
    }

    #[rstest]
    #[case("https://a.example/x#part", "https://a.example/x")]
    #[case("HTTPS://A.Example:443/x", "https://a.example/x")]
    #[case("https://a.example/a/./b/../c", "https://a.example/a/c")]
    #[case("https://a.example/%7euser/%e9", "https://a.example/%7euser/%e9")]
    #[case("https://a.example/é", "https://a.example/%C3%A9")]
    #[case("https://me:pw@a.example/x?b&a", "https://a.example/x?b&a")]
    #[case("https://a.example/x?", "https://a.example/x?")]
    #[case(
        "https://a.example/x?b=2&a=1&&b=1&",
        "https://a.example/x?b=2&a=1&&b=1&"
    )]
    #[case(
        "https://a.example/x?z=1&utm_source=n&q=%41&gclid=3",
        "https://a.example/x?z=1&q=%41"
    )]
    #[case("https://a.example/x?utm_source=n", "https://a.example/x")]
    #[case("https://a.example/x?%75tm_source=n", "https://a.example/x")]
    fn a_url_is_asked_for_as_it_was_linked(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(requested(&form(&json!({})), url), expected);
    }

    #[test]
    fn the_query_is_dropped_when_it_is_to_be_ignored() {
        let form = form(&json!({"ignoreQueryParameters": true}));
        assert_eq!(
            requested(&form, "https://a.example/x?q=1"),
            "https://a.example/x"
        );
    }

    #[test]
    fn a_url_beyond_2048_characters_is_too_long() {
        let form = form(&json!({}));
        let url = |length: usize| {
            let start = "https://a.example/";
            Url::parse(&format!("{start}{}", "x".repeat(length - start.len()))).unwrap()
        };
        assert!(matches!(form.apply(&url(2048)), RequestUrl::Usable(_)));
        for length in [2049, 100_000] {
            assert!(matches!(
                form.apply(&url(length)),
                RequestUrl::TooLong(text) if text.len() == 2048
            ));
        }
    }
}
