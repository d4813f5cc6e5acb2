//! The bounds of a crawl.
//!
//! It owns the question "is this URL ours?": the start pages' bounds, widened by where start pages redirect to, and the
//! caller's patterns on the path. It refuses to know whether a URL is known, allowed or affordable.

use hashbrown::HashSet;
use shared::CrawlRequest;
use shared::request::Scope as Reach;
use url::{Position, Url};

use super::patterns::{Patterns, Subject};
use crate::crawl::host_name::registrable_domain;
use crate::crawl::identity::identity;

/// The URLs that a crawl may visit.
#[derive(Debug)]
pub(crate) struct Scope {
    reach: Reach,
    bounds: Bounds,
    include: Patterns,
    exclude: Patterns,
    /// The part of a URL that the patterns are matched against.
    subject: Subject,
}

/// The sites and paths that the start pages span. Only the set that the reach needs is filled.
#[derive(Debug, Default)]
struct Bounds {
    pages: HashSet<String>,
    prefixes: Vec<(String, String)>,
    /// Host with its port, or registrable domain.
    names: HashSet<String>,
}

impl Scope {
    /// The scope of `request`, empty until it is [widened](Self::widen) by each start page.
    pub(crate) fn new(request: &CrawlRequest) -> Self {
        let subject = if request.regex_on_full_url {
            Subject::Url
        } else {
            Subject::Path
        };
        Self {
            reach: request.scope,
            bounds: Bounds::default(),
            include: Patterns::new("includePaths", &request.include_paths, subject),
            exclude: Patterns::new("excludePaths", &request.exclude_paths, subject),
            subject,
        }
    }

    /// Widens the scope by a start page, or by the page that one redirects to.
    pub(crate) fn widen(&mut self, url: &Url, requested: &str) {
        match self.reach {
            Reach::Page => {
                self.bounds.pages.insert(identity(requested).into_owned());
            }
            Reach::Prefix => {
                let prefix = (
                    host_and_port(url).to_owned(),
                    directory(url.path()).to_owned(),
                );
                if !self.bounds.prefixes.contains(&prefix) {
                    self.bounds.prefixes.push(prefix);
                }
            }
            Reach::Host => {
                self.bounds.names.insert(host_and_port(url).to_owned());
            }
            Reach::Domain => {
                self.bounds.names.insert(registrable_domain(url).to_owned());
            }
            Reach::Any => {}
        }
    }

    /// True if a URL that was found may be visited.
    pub(crate) fn admits(&mut self, url: &Url, requested: &str) -> bool {
        self.spans(url, requested)
            && !self.excludes(url, requested)
            && (self.include.is_empty() || self.include.match_any(self.subject.of(url, requested)))
    }

    /// True if the caller's `excludePaths` name this URL. These hold for start pages too.
    pub(crate) fn excludes(&mut self, url: &Url, requested: &str) -> bool {
        self.exclude.match_any(self.subject.of(url, requested))
    }

    /// Texts of notices about patterns that have matched nothing.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = String> {
        [&self.include, &self.exclude]
            .into_iter()
            .filter_map(Patterns::complaint)
    }

    fn spans(&self, url: &Url, requested: &str) -> bool {
        match self.reach {
            Reach::Page => self.bounds.pages.contains(&*identity(requested)),
            Reach::Prefix => self.bounds.prefixes.iter().any(|(host, directory)| {
                url.path().starts_with(directory.as_str()) && host_and_port(url) == host
            }),
            Reach::Host => self.bounds.names.contains(host_and_port(url)),
            Reach::Domain => self.bounds.names.contains(registrable_domain(url)),
            Reach::Any => true,
        }
    }
}

/// Host and explicit port: http and https of one host are one site.
fn host_and_port(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// The path up to its last slash.
fn directory(path: &str) -> &str {
    path.rfind('/').map_or("/", |slash| &path[..=slash])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn scope(body: Value) -> Scope {
        let request = CrawlRequest::from_value(body).unwrap();
        let mut scope = Scope::new(&request);
        for seed in &request.urls {
            scope.widen(seed.url(), seed.url().as_str());
        }
        scope
    }

    fn admits(scope: &mut Scope, url: &str) -> bool {
        scope.admits(&Url::parse(url).unwrap(), url)
    }

    #[rstest]
    #[case("page", "https://docs.a.co.uk/v1/start", true)]
    #[case("page", "https://docs.a.co.uk/v1/other", false)]
    #[case("prefix", "https://docs.a.co.uk/v1/other/deep", true)]
    #[case("prefix", "http://docs.a.co.uk/v1/", true)]
    #[case("prefix", "https://docs.a.co.uk/v2/", false)]
    #[case("prefix", "https://www.a.co.uk/v1/", false)]
    #[case("host", "https://docs.a.co.uk/v2/", true)]
    #[case("host", "http://docs.a.co.uk/v2/", true)]
    #[case("host", "https://docs.a.co.uk:8443/", false)]
    #[case("host", "https://www.a.co.uk/", false)]
    #[case("domain", "https://www.a.co.uk/", true)]
    #[case("domain", "https://a.co.uk:8443/", true)]
    #[case("domain", "https://b.co.uk/", false)]
    #[case("any", "https://b.example/", true)]
    fn a_scope_spans_what_its_name_says(
        #[case] reach: &str,
        #[case] url: &str,
        #[case] expected: bool,
    ) {
        let mut scope = scope(json!({"url": "https://docs.a.co.uk/v1/start", "scope": reach}));
        assert_eq!(admits(&mut scope, url), expected);
    }

    #[rstest]
    #[case("http://127.0.0.1:8000/", "http://127.0.0.1:9000/", true)]
    #[case("http://127.0.0.1/", "http://10.0.0.1/", false)]
    #[case("http://localhost/", "http://localhost/x", true)]
    fn a_host_without_a_registrable_domain_is_its_own_domain(
        #[case] seed: &str,
        #[case] url: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(
            admits(&mut scope(json!({"url": seed, "scope": "domain"})), url),
            expected
        );
    }

    #[test]
    fn a_page_is_the_same_in_another_spelling() {
        let mut scope = scope(json!({"url": "https://a.example/%7eu?b=1&a=2", "scope": "page"}));
        assert!(admits(&mut scope, "https://a.example/~u?a=2&b=1"));
        assert!(!admits(&mut scope, "https://a.example/~u?a=2&b=2"));
    }

    #[test]
    fn scopes_of_several_start_pages_add_up() {
        let mut scope = scope(json!({"urls": ["https://a.example/", "https://b.example/"]}));
        assert!(
            admits(&mut scope, "https://a.example/x") && admits(&mut scope, "https://b.example/x")
        );
        assert!(!admits(&mut scope, "https://c.example/x"));
    }

    #[test]
    fn patterns_may_be_held_against_the_whole_url() {
        let mut scope = scope(
            json!({"url": "https://a.example/", "scope": "any", "regexOnFullUrl": true,
            "includePaths": ["^https://[ab]\\.example/"], "excludePaths": ["[?&]print=1"]}),
        );
        assert!(admits(&mut scope, "https://b.example/docs?page=2"));
        assert!(!admits(&mut scope, "https://b.example/docs?page=2&print=1"));
        assert!(!admits(&mut scope, "https://c.example/docs"));
        assert!(!admits(&mut scope, "http://a.example/docs"));
    }

    #[test]
    fn patterns_choose_among_what_the_scope_spans() {
        let mut scope = scope(
            json!({"url": "https://a.example/", "includePaths": ["^/docs/"],
            "excludePaths": ["\\.zip$"]}),
        );
        assert!(admits(&mut scope, "https://a.example/docs/x"));
        assert!(!admits(&mut scope, "https://a.example/docs/x.zip"));
        assert!(!admits(&mut scope, "https://a.example/blog/x"));
        assert!(!admits(&mut scope, "https://b.example/docs/x"));
    }
}
