//! The pages that an earlier crawl of the same site has fetched.
//!
//! Its pages are crawled again, each asked for only if it has changed since: the server's own validators say so (RFC 9110,
//! section 8.8). It refuses to know where that crawl was kept.

use hashbrown::HashMap;
use shared::Event;
use shared::event::{Fetched, PageFormats, PageResult};

use crate::crawl::identity::identity;
use crate::fetch::Validators;

/// Pages that are remembered: some 400 bytes each. Further ones are found by links, and fetched in full.
const MAX_PAGES: usize = 100_000;

/// The pages of an earlier crawl.
#[derive(Debug, Default)]
pub struct Earlier {
    pages: Vec<EarlierPage>,
    /// Indexes into `pages` by the identity of the URL after redirects, which is the one that was answered.
    places: HashMap<Box<str>, usize>,
    is_cut: bool,
}

/// A page that the earlier crawl has fetched.
#[derive(Debug)]
pub(crate) struct EarlierPage {
    pub(crate) url: String,
    pub(crate) depth: u32,
    /// The result without its formats, which are large.
    pub(crate) fetched: Fetched,
}

impl Earlier {
    /// Takes in a logged event of the earlier crawl, in order. Returns false once further ones are of no use.
    pub fn replay(&mut self, event: Event) -> bool {
        if let Event::Progress(progress) = event
            && let PageResult::Fetched(mut fetched) = progress.result
        {
            if self.pages.len() >= MAX_PAGES {
                self.is_cut = true;
                return false;
            }
            fetched.formats = PageFormats::default();
            let final_url = fetched.redirected_to.as_deref().unwrap_or(&progress.url);
            self.places
                .insert(identity(final_url).into(), self.pages.len());
            self.pages.push(EarlierPage {
                url: progress.url,
                depth: progress.depth,
                fetched: *fetched,
            });
        }
        true
    }

    /// Its pages, in the order in which they were fetched.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &EarlierPage> {
        self.pages.iter()
    }

    /// True if there is nothing to compare with.
    pub(crate) const fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// True if the earlier crawl had more pages than are remembered.
    pub(crate) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The earlier result of the page with this URL, or with another spelling of it.
    pub(crate) fn page(&self, url: &str) -> Option<&Fetched> {
        let place = self.places.get(&*identity(url))?;
        self.pages.get(*place).map(|page| &page.fetched)
    }

    /// The validators of the page with this URL, to ask whether it has changed.
    pub(crate) fn validators(&self, url: &str) -> Option<Validators> {
        let page = self.page(url)?;
        let validators = Validators {
            etag: page.etag.clone(),
            last_modified: page.last_modified.clone(),
        };
        (!validators.is_empty()).then_some(validators)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::Counts;

    use super::*;

    fn fetched(url: &str, more: &Value) -> Event {
        let mut result = json!({"outcome": "fetched", "status": 200, "bytes": 1, "elapsedMs": 1, "links": 0, "text": "words"});
        for (name, value) in more.as_object().unwrap() {
            result[name] = value.clone();
        }
        let event = json!({"type": "progress", "at": "2026-01-01T00:00:00.000Z", "url": url, "depth": 1,
            "referrer": null, "result": result, "counts": Counts::default(), "percent": 0});
        serde_json::from_value(event).unwrap()
    }

    fn of(events: impl IntoIterator<Item = Event>) -> Earlier {
        let mut earlier = Earlier::default();
        for event in events {
            assert!(earlier.replay(event));
        }
        earlier
    }

    #[test]
    fn a_page_is_known_by_any_spelling_of_where_it_was_answered() {
        let moved = json!({"redirectedTo": "https://a.example/t?b=1&a=2"});
        let earlier = of([
            fetched("https://a.example/f", &moved),
            fetched("https://a.example/%7eu", &json!({})),
        ]);
        assert!(earlier.page("https://a.example/t?a=2&b=1").is_some());
        assert!(earlier.page("https://a.example/f").is_none());
        assert!(earlier.page("https://a.example/~u").is_some());
        assert!(earlier.page("https://a.example/%7Eu").is_some());
    }

    #[test]
    fn formats_of_an_earlier_page_are_not_kept() {
        let event = fetched("https://a.example/", &json!({}));
        let Event::Progress(progress) = &event else {
            panic!("a page was fetched");
        };
        assert!(
            matches!(&progress.result, PageResult::Fetched(page) if page.formats.has_content())
        );
        let earlier = of([event]);
        let page = earlier.page("https://a.example/").unwrap();
        assert!(!page.formats.has_content());
    }

    #[test]
    fn a_page_without_validators_is_asked_for_in_full() {
        let earlier = of([
            fetched("https://a.example/e", &json!({"etag": "1"})),
            fetched("https://a.example/n", &json!({})),
        ]);
        assert!(earlier.validators("https://a.example/e").is_some());
        assert!(earlier.validators("https://a.example/n").is_none());
    }

    #[test]
    fn further_pages_than_are_remembered_are_told_of() {
        let page = |number: usize| fetched(&format!("https://a.example/{number}"), &json!({}));
        let mut earlier = Earlier::default();
        let event = page(0);
        for _ in 0..MAX_PAGES {
            assert!(earlier.replay(event.clone()));
        }
        assert!(!earlier.is_cut());
        assert!(!earlier.replay(page(1)));
        assert!(earlier.is_cut() && earlier.page("https://a.example/1").is_none());
    }
}
