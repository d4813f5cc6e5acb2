//! The hashes by which a crawl knows the links of a page.
//!
//! They depend on nothing but the request and the crawl's seed, so they are made where the page is read: the crawl's one loop only
//! looks them up, and asks more questions of the few links that are new.

use std::sync::Arc;

use super::seen::UrlHash;
use crate::crawl::request_url::RequestForm;
use crate::extract::PageLinks;

/// Hashes links as one crawl does. Clones share the form of its requests.
#[derive(Debug, Clone)]
pub(crate) struct LinkHasher {
    form: Arc<RequestForm>,
    seed: u64,
}

impl LinkHasher {
    /// Hashes what is asked for in this form, with the seed of the crawl.
    pub(crate) const fn new(form: Arc<RequestForm>, seed: u64) -> Self {
        Self { form, seed }
    }

    /// The hash of each link, in their order. Of a link that is too long, that of its beginning, under which its refusal is known.
    pub(crate) fn hashes(&self, links: &PageLinks) -> Vec<UrlHash> {
        let hash = |url: &str| UrlHash::of(self.form.apply_to_link(url).text(), self.seed);
        links.iter().map(|link| hash(link.url)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::CrawlRequest;
    use url::Url;

    use super::*;
    use crate::crawl::admission::seen::Seen;

    #[test]
    fn a_link_is_known_by_the_url_that_would_be_asked_for() {
        let body = json!({"url": "https://a.example/", "dropQueryParameters": ["utm_*"]});
        let form = Arc::new(RequestForm::new(&CrawlRequest::from_value(body).unwrap()));
        let hasher = LinkHasher::new(form.clone(), 7);
        let long = format!("https://a.example/{}", "x".repeat(3000));
        let urls = [
            "https://a.example/x",
            "https://a.example/x?b=1&utm_x=2&a=%7e",
            &long,
        ];
        let links = PageLinks::of(&urls);
        let seen = Seen::new(7);
        let expected = urls.map(|url| seen.hash(form.apply(&Url::parse(url).unwrap()).text()));
        assert_eq!(hasher.hashes(&links), expected);
    }
}
