//! URLs that were ignored lately: other sites' mostly, which a site links to from each of its pages.
//!
//! It owns a table of fixed size that forgets whom it has no place for: such a URL is judged once more, and ignored again.

use super::seen::UrlHash;

/// Places of the table, of 32 bytes each.
const PLACES: usize = 4_096;

/// Hashes of URLs that were ignored.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Empty until there is one.
    places: Vec<Option<UrlHash>>,
}

impl Strangers {
    /// Remembers a URL, in the place of another one perhaps.
    pub(super) fn add(&mut self, hash: UrlHash) {
        self.places.resize(PLACES, None);
        self.places[hash.place(PLACES)] = Some(hash);
    }

    /// True if the URL was ignored lately.
    pub(super) fn hold(&self, hash: UrlHash) -> bool {
        self.places.get(hash.place(PLACES)) == Some(&Some(hash))
    }

    /// Forgets all: the crawl's bounds have changed.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{Clock, Counts, CrawlRequest, Timestamp};
    use url::Url;

    use super::*;
    use crate::crawl::admission::intake::{Find, Intake, Mention, Refusals};
    use crate::crawl::admission::parked::Parked;
    use crate::crawl::admission::seen::Seen;
    use crate::crawl::admission::trap::Traps;
    use crate::crawl::ledger::Ledger;

    #[test]
    fn a_stranger_is_held_until_all_are_forgotten() {
        let mut strangers = Strangers::default();
        let hash = |url| UrlHash::of(url, 7);
        assert!(!strangers.hold(hash("https://a.example/")));
        strangers.add(hash("https://a.example/"));
        assert!(strangers.hold(hash("https://a.example/")));
        assert!(!strangers.hold(hash("https://b.example/")));
        strangers.clear();
        assert!(!strangers.hold(hash("https://a.example/")));
    }

    #[test]
    fn a_stranger_in_the_place_of_another_is_not_taken_for_it() {
        let mut strangers = Strangers::default();
        let hash =
            |last| UrlHash::from_bytes(std::array::from_fn(|at| if at == 15 { last } else { 7 }));
        strangers.add(hash(1));
        assert_eq!(hash(1).place(PLACES), hash(2).place(PLACES));
        assert!(!strangers.hold(hash(2)));
        strangers.add(hash(2));
        assert!(strangers.hold(hash(2)) && !strangers.hold(hash(1)));
    }

    #[test]
    fn a_url_that_was_ignored_is_judged_anew_when_the_scope_has_grown() {
        let (now, other) = (Timestamp::from_millis(0), "https://b.example/x");
        let body = json!({"url": "https://a.example/", "scope": "host"});
        let request = CrawlRequest::from_value(body).unwrap();
        let mut intake = Intake::new(&request, Seen::new(7), Parked::default(), Traps::new(now));
        let mut ledger = Ledger::new(Clock::new(move || now), Counts::default());
        let find = Find {
            depth: 1,
            referrer: None,
            mention: Mention::Link,
        };
        let url = Url::parse(other).unwrap();
        let mut offer =
            |intake: &mut Intake| intake.offer(&url, find, &mut ledger, &mut Refusals::default());
        let hash = UrlHash::of(other, 7);
        assert!(offer(&mut intake).is_none() && intake.is_settled(hash));
        intake.widen_to_seed_target(&Url::parse("https://b.example/").unwrap());
        assert!(!intake.is_settled(hash) && offer(&mut intake).is_some());
        assert!(intake.is_settled(hash));
    }
}
