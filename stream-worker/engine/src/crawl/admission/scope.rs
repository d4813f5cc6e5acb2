//! The bounds of a crawl.
//!
//! It owns the question "is this URL ours?": the start pages' bounds, widened by where start pages redirect to, and the
//! caller's patterns on the path. It refuses to know whether a URL is known, allowed or affordable.

use hashbrown::HashSet;
use shared::CrawlRequest;
use shared::request::{PathPattern, Scope as Reach};
use url::{Host, Position, Url};

/// The URLs that a crawl may visit.
#[derive(Debug)]
pub(crate) struct Scope {
    reach: Reach,
    bounds: Bounds,
    include: Vec<PathPattern>,
    exclude: Vec<PathPattern>,
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
        Self {
            reach: request.scope,
            bounds: Bounds::default(),
            include: request.include_paths.clone(),
            exclude: request.exclude_paths.clone(),
        }
    }

    /// Widens the scope by a start page, or by the page that one redirects to.
    pub(crate) fn widen(&mut self, url: &Url, canonical: &str) {
        match self.reach {
            Reach::Page => {
                self.bounds.pages.insert(canonical.to_owned());
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
                self.bounds.names.insert(domain(url).to_owned());
            }
            Reach::Any => {}
        }
    }

    /// True if a URL that was found may be visited.
    pub(crate) fn admits(&self, url: &Url, canonical: &str) -> bool {
        let path = url.path();
        self.spans(url, canonical)
            && !self.excludes(url)
            && (self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(path)))
    }

    /// True if the caller's `excludePaths` name this URL. These hold for start pages too.
    pub(crate) fn excludes(&self, url: &Url) -> bool {
        let path = url.path();
        self.exclude.iter().any(|pattern| pattern.matches(path))
    }

    fn spans(&self, url: &Url, canonical: &str) -> bool {
        match self.reach {
            Reach::Page => self.bounds.pages.contains(canonical),
            Reach::Prefix => self.bounds.prefixes.iter().any(|(host, directory)| {
                url.path().starts_with(directory.as_str()) && host_and_port(url) == host
            }),
            Reach::Host => self.bounds.names.contains(host_and_port(url)),
            Reach::Domain => self.bounds.names.contains(domain(url)),
            Reach::Any => true,
        }
    }
}

/// Host and explicit port: http and https of one host are one site.
fn host_and_port(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

/// The registrable domain; the host itself if it has none (an IP address, `localhost`).
fn domain(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    match url.host() {
        Some(Host::Domain(name)) => psl::domain_str(name).unwrap_or(host),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => host,
    }
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

    fn admits(scope: &Scope, url: &str) -> bool {
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
        let scope = scope(json!({"url": "https://docs.a.co.uk/v1/start", "scope": reach}));
        assert_eq!(admits(&scope, url), expected);
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
            admits(&scope(json!({"url": seed, "scope": "domain"})), url),
            expected
        );
    }

    #[test]
    fn scopes_of_several_start_pages_add_up() {
        let scope = scope(json!({"urls": ["https://a.example/", "https://b.example/"]}));
        assert!(admits(&scope, "https://a.example/x") && admits(&scope, "https://b.example/x"));
        assert!(!admits(&scope, "https://c.example/x"));
    }

    #[test]
    fn patterns_choose_among_what_the_scope_spans() {
        let scope = scope(
            json!({"url": "https://a.example/", "includePaths": ["^/docs/"],
            "excludePaths": ["\\.zip$"]}),
        );
        assert!(admits(&scope, "https://a.example/docs/x"));
        assert!(!admits(&scope, "https://a.example/docs/x.zip"));
        assert!(!admits(&scope, "https://a.example/blog/x"));
        assert!(!admits(&scope, "https://b.example/docs/x"));
    }
}
