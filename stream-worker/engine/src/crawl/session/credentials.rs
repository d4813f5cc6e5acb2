//! Headers and cookies of the caller, and the origins that they are sent to.

use std::sync::Arc;

use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use shared::CrawlRequest;
use shared::request::{NamedSecrets, SiteOrigin};
use url::Url;

/// The path that is asked for under the service's own name only.
const ROBOTS: &str = "/robots.txt";

/// Headers of a request's user. There are none for most crawls, which then do not ask.
#[derive(Debug)]
pub(crate) struct Credentials {
    origins: Vec<SiteOrigin>,
    /// Headers for pages of these origins.
    pages: Option<Arc<HeaderMap>>,
    /// Headers for other documents of these origins: with the given cookies, which pages have from the jar.
    documents: Option<Arc<HeaderMap>>,
    /// Headers for all other origins.
    elsewhere: Option<Arc<HeaderMap>>,
}

impl Credentials {
    /// The credentials of a request; nothing if it gives none.
    ///
    /// # Panics
    /// If a secret of the request is still sealed: without it the wrong pages would be fetched.
    pub(crate) fn of(request: &CrawlRequest) -> Option<Arc<Self>> {
        let mut elsewhere = HeaderMap::new();
        if let Some(user_agent) = &request.user_agent {
            let text = user_agent.reveal().expect(OPENED);
            elsewhere.insert(USER_AGENT, value(text));
        }
        let mut pages = elsewhere.clone();
        for (name, text) in revealed(&request.headers) {
            let name =
                HeaderName::from_bytes(name.as_bytes()).expect("a request's header has a name");
            pages.insert(name, value(text));
        }
        let mut documents = pages.clone();
        let cookies = cookie_header(revealed(request.cookies.given()));
        documents.extend(cookies.map(|cookies| (COOKIE, cookies)));
        if documents.is_empty() {
            return None;
        }
        let some = |headers: HeaderMap| (!headers.is_empty()).then(|| Arc::new(headers));
        Some(Arc::new(Self {
            origins: named_origins(request),
            pages: some(pages),
            documents: some(documents),
            elsewhere: some(elsewhere),
        }))
    }

    /// The headers of a request for the page at `url`, but for its cookies.
    pub(crate) fn for_page(&self, url: &Url) -> Option<Arc<HeaderMap>> {
        self.choose(url, self.pages.as_ref())
    }

    /// The headers of a request for a sitemap at `url`, the given cookies among them.
    pub(crate) fn for_document(&self, url: &Url) -> Option<Arc<HeaderMap>> {
        self.choose(url, self.documents.as_ref())
    }

    /// The origin of `target`, if a redirect from `url` leaves headers or cookies behind.
    pub(crate) fn lost_at(&self, url: &Url, target: &Url) -> Option<SiteOrigin> {
        let has_any = self.documents.as_ref().map(|all| all.len())
            != self.elsewhere.as_ref().map(|all| all.len());
        let is_lost = has_any && may_see(&self.origins, url) && !may_see(&self.origins, target);
        is_lost.then(|| SiteOrigin::of(target))
    }

    fn choose(&self, url: &Url, named: Option<&Arc<HeaderMap>>) -> Option<Arc<HeaderMap>> {
        let headers = match may_see(&self.origins, url) {
            true => named,
            false => self.elsewhere.as_ref().filter(|_| url.path() != ROBOTS),
        };
        headers.cloned()
    }
}

/// True if a request for `url` may show what the caller gives for these origins.
pub(super) fn may_see(origins: &[SiteOrigin], url: &Url) -> bool {
    url.path() != ROBOTS && origins.contains(&SiteOrigin::of(url))
}

/// The origins that may see what the caller gives.
pub(super) fn named_origins(request: &CrawlRequest) -> Vec<SiteOrigin> {
    let mut origins = request.headers_for.clone();
    for seed in &request.urls {
        let origin = SiteOrigin::of(seed.url());
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

/// Names and values of secrets.
pub(super) fn revealed(secrets: &NamedSecrets) -> Vec<(&str, &str)> {
    secrets.reveal().expect(OPENED)
}

/// The invariant of every secret here: its text is there, not the mark of one.
const OPENED: &str = "whoever starts a crawl has opened its request's seal";

/// A `Cookie` header; nothing without cookies.
pub(super) fn cookie_header<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<HeaderValue> {
    let mut text = String::new();
    for (name, cookie) in pairs {
        if text.len() + name.len() + cookie.len() + 3 > MAX_HEADER {
            break;
        }
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(name);
        text.push('=');
        text.push_str(cookie);
    }
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    (!header.is_empty()).then_some(header)
}

/// Bytes of the `Cookie` header at most: servers refuse longer heads.
const MAX_HEADER: usize = 16 * 1024;

fn value(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("a request's secrets are printable");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn credentials() -> Arc<Credentials> {
        let request = json!({"urls": ["https://a.example/start", "http://127.0.0.1:8000/"], "headers": {"X-Key": "k"},
            "cookies": {"sid": "1"}, "userAgent": "mine/1", "headersFor": ["https://b.example:8443"]});
        Credentials::of(&CrawlRequest::from_value(request).unwrap()).unwrap()
    }

    #[rstest]
    #[case::a_page_of_a_start_pages_origin("https://a.example/other?x", true)]
    #[case::its_own_port("https://a.example:443/", true)]
    #[case::a_named_origin("https://b.example:8443/", true)]
    #[case::an_address("http://127.0.0.1:8000/x", true)]
    #[case::another_scheme("http://a.example/", false)]
    #[case::another_port("https://a.example:8443/", false)]
    #[case::the_own_port_of_a_named_host("https://b.example/", false)]
    #[case::a_subdomain("https://www.a.example/", false)]
    #[case::a_dot_at_the_end("https://a.example./", false)]
    #[case::another_spelling_of_an_address("http://127.0.0.2:8000/", false)]
    #[case::a_stranger("https://a.example.b.test/", false)]
    fn headers_go_to_named_origins_and_the_user_agent_everywhere(
        #[case] url: &str,
        #[case] named: bool,
    ) {
        let (credentials, url) = (credentials(), url.parse().unwrap());
        let (page, document) = (
            credentials.for_page(&url).unwrap(),
            credentials.for_document(&url).unwrap(),
        );
        assert_eq!(page.contains_key("x-key"), named);
        assert_eq!(
            (
                document.contains_key("x-key"),
                document.contains_key(COOKIE)
            ),
            (named, named)
        );
        assert_eq!(page[USER_AGENT], "mine/1");
        assert!(!page.contains_key(COOKIE));
        assert!(document.values().all(HeaderValue::is_sensitive));
        assert!(!format!("{document:?}").contains("mine"));
    }

    #[test]
    fn robots_txt_is_asked_for_by_the_service_itself_and_plain_crawls_have_none() {
        let robots = "https://a.example/robots.txt".parse().unwrap();
        assert!(credentials().for_page(&robots).is_none());
        let plain = CrawlRequest::from_value(json!({"url": "https://a.example/"})).unwrap();
        assert!(Credentials::of(&plain).is_none());
    }

    #[test]
    #[should_panic = "has opened"]
    fn a_request_whose_secrets_are_sealed_starts_no_crawl() {
        let request = json!({"url": "https://a.example/", "headers": {"X-Key": "k"}});
        let mut request = CrawlRequest::from_value(request).unwrap();
        drop(request.take_secrets());
        Credentials::of(&request);
    }
}
