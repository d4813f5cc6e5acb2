//! Digests: the steps of a crawl without all that a later attempt has no use for.
//!
//! A log names every known URL, and reading millions of them again takes minutes. So the steps are digested as they are
//! handed over, and every few thousand URLs the digest is kept beside the log: sixteen bytes a URL instead of its text. A digest is made of
//! steps only, so that it says what reading them again would say. It refuses to know where it is kept.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use shared::event::{NoticeCode, PageResult, SkipReason};
use shared::{CrawlRequest, Event};

use crate::crawl::admission::seen::UrlHash;
use crate::crawl::page::contents::SHORT_HEX;
use crate::crawl::{Candidate, CrawlStep};

/// URLs or events of one digest, from which on it is due.
const DUE: usize = 4_096;

/// URLs and events that are gathered at most: of a longer log without digests, which an older version has written, none is made.
const MOST: usize = 1_000_000;

/// First byte of a digest; another one is of another version.
const VERSION: u8 = 1;

/// Gathers the digest of a crawl's steps.
#[derive(Debug)]
pub struct Digester {
    seed: u64,
    max_depth: u32,
    digest: Digest,
    /// URLs and events since the last digest was taken.
    gathered: usize,
}

/// The digest of a piece of a crawl.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// The largest ordinal that was given.
    pub(crate) through: u64,
    /// URLs that became known, or are not parked any more.
    pub(crate) known: Vec<UrlHash>,
    /// URLs that pages redirected to. Some of them may be parked, and stay so.
    pub(crate) targets: Vec<UrlHash>,
    /// URLs that were parked and still are, with their ordinals.
    pub(crate) parked: HashMap<UrlHash, u64>,
    pub(crate) rest: Rest,
}

/// The few things that are no hashes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rest {
    /// Patterns of URLs, and how many URLs have each.
    pub(crate) patterns: Vec<(String, u32)>,
    /// Notices that are told once.
    pub(crate) notices: Vec<(NoticeCode, String)>,
    /// The beginnings of pages' checksums, and the URLs that had them.
    pub(crate) contents: Vec<(String, String)>,
    pub(crate) seed_targets: Vec<String>,
    pub(crate) cut_for: Option<SkipReason>,
}

impl Digester {
    /// Gathers from the begin of a crawl. `seed` is that of its [checkpoints](super::Checkpoint).
    #[must_use]
    pub fn new(seed: u64, request: &CrawlRequest) -> Self {
        Self {
            seed,
            max_depth: request.max_discovery_depth,
            digest: Digest::default(),
            gathered: 0,
        }
    }

    /// True once there is too much for a digest, so that there will be none.
    #[must_use]
    pub const fn has_too_much(&self) -> bool {
        self.gathered > MOST
    }

    /// Takes in a step, or what was read back of one.
    pub fn add(&mut self, step: &CrawlStep) {
        if self.has_too_much() {
            return;
        }
        self.gathered += step.discovered.len() + step.events.len();
        for candidate in &step.discovered {
            self.add_candidate(candidate);
        }
        for event in &step.events {
            self.add_event(event);
        }
        self.digest.rest.patterns.extend_from_slice(&step.patterns);
        if self.has_too_much() {
            self.digest = Digest::default();
        }
    }

    /// The digest of everything since the last one, if there is enough for one.
    pub fn take_due(&mut self) -> Option<Vec<u8>> {
        (self.gathered >= DUE).then(|| self.take()).flatten()
    }

    /// The digest of everything since the last one. None if that was too much.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.has_too_much() {
            return None;
        }
        self.gathered = 0;
        Some(std::mem::take(&mut self.digest).encode())
    }

    fn add_candidate(&mut self, candidate: &Candidate) {
        let hash = UrlHash::of(&candidate.url, self.seed);
        self.digest.through = self.digest.through.max(candidate.ordinal);
        if candidate.depth > self.max_depth {
            self.digest.parked.insert(hash, candidate.ordinal);
        } else {
            self.digest.know(hash);
        }
    }

    fn add_event(&mut self, event: &Event) {
        match event {
            Event::Progress(progress) => {
                // Known already, unless this event is read back and the step that discovered the URL is not.
                self.digest.know(UrlHash::of(&progress.url, self.seed));
                let PageResult::Fetched(fetched) = &progress.result else {
                    return;
                };
                let rest = &mut self.digest.rest;
                if let Some(hex) = fetched.sha256.as_ref().and_then(|hex| hex.get(..SHORT_HEX)) {
                    rest.contents.push((hex.to_owned(), progress.url.clone()));
                }
                if let Some(target) = &fetched.redirected_to {
                    if progress.depth == 0 {
                        rest.seed_targets.push(target.clone());
                    }
                    // A parked URL that is a target stays parked.
                    self.digest.targets.push(UrlHash::of(target, self.seed));
                }
            }
            Event::Skipped(skipped) => {
                self.digest.know(UrlHash::of(&skipped.url, self.seed));
                if matches!(skipped.reason, SkipReason::Limit | SkipReason::Duration) {
                    self.digest.rest.cut_for = Some(skipped.reason);
                }
            }
            Event::Notice(notice) => match notice.code {
                NoticeCode::TrapSuspected | NoticeCode::RenderingNeeded => {
                    let told = (notice.code, notice.text.clone());
                    self.digest.rest.notices.push(told);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

impl Digest {
    /// Adds a URL that is not parked.
    fn know(&mut self, hash: UrlHash) {
        self.parked.remove(&hash);
        self.known.push(hash);
    }

    /// The version, the largest ordinal, three lists, each behind its length, and the rest as JSON; numbers with the lowest byte
    /// first.
    pub(super) fn encode(&self) -> Vec<u8> {
        let hashes = self.known.len() + self.targets.len();
        let mut bytes = Vec::with_capacity(hashes * 16 + self.parked.len() * 24 + 1024);
        bytes.push(VERSION);
        bytes.extend(self.through.to_le_bytes());
        for list in [&self.known, &self.targets] {
            bytes.extend((list.len() as u64).to_le_bytes());
            list.iter().for_each(|hash| bytes.extend(hash.to_bytes()));
        }
        bytes.extend((self.parked.len() as u64).to_le_bytes());
        for (hash, ordinal) in &self.parked {
            bytes.extend(hash.to_bytes());
            bytes.extend(ordinal.to_le_bytes());
        }
        serde_json::to_writer(&mut bytes, &self.rest).expect("a list of texts is JSON");
        bytes
    }

    /// Reads what [`encode`](Self::encode) has written. None if it is something else.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = bytes.strip_prefix(&[VERSION])?;
        let through = u64::from_le_bytes(first(&mut bytes)?);
        let known = list(&mut bytes, |hash| Some(UrlHash::from_bytes(first(hash)?)))?;
        let targets = list(&mut bytes, |hash| Some(UrlHash::from_bytes(first(hash)?)))?;
        let parked: Vec<_> = list(&mut bytes, |place| {
            let hash = UrlHash::from_bytes(first(place)?);
            Some((hash, u64::from_le_bytes(first(place)?)))
        })?;
        Some(Self {
            through,
            known,
            targets,
            parked: parked.into_iter().collect(),
            rest: serde_json::from_slice(bytes).ok()?,
        })
    }
}

/// Takes so many bytes from the front.
fn first<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Takes a list behind its length, each entry with `entry`.
fn list<T>(bytes: &mut &[u8], entry: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let length = u64::from_le_bytes(first(bytes)?);
    (0..length).map(|_| entry(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};
    use shared::Counts;

    use super::*;

    fn hash(number: u64) -> UrlHash {
        UrlHash::of(&format!("https://a.example/{number}"), 7)
    }

    proptest! {
        #[test]
        fn a_digest_is_read_as_it_was_written(
            known: Vec<u64>, targets: Vec<u64>, parked: Vec<(u64, u64)>, through: u64, pattern: String, urls: u32,
        ) {
            let digest = Digest {
                through,
                known: known.into_iter().map(hash).collect(),
                targets: targets.into_iter().map(hash).collect(),
                parked: parked.into_iter().map(|(url, ordinal)| (hash(url), ordinal)).collect(),
                rest: Rest { patterns: vec![(pattern, urls)], ..Rest::default() },
            };
            let bytes = digest.encode();
            prop_assert_eq!(Digest::decode(&bytes), Some(digest));
        }

        #[test]
        fn what_is_no_digest_is_refused(bytes: Vec<u8>, cut in 0_usize..60) {
            prop_assert_eq!(Digest::decode(&bytes), None);
            let digest = Digest { known: vec![hash(1)], ..Digest::default() }.encode();
            prop_assert_eq!(Digest::decode(&digest[..cut.min(digest.len() - 1)]), None);
        }
    }

    /// Of a crawl that goes two links deep.
    fn digester() -> Digester {
        let request = json!({"url": "https://a.example/", "maxDiscoveryDepth": 2});
        Digester::new(7, &CrawlRequest::from_value(request).unwrap())
    }

    fn digest_of(steps: &[CrawlStep]) -> Digest {
        let mut digester = digester();
        steps.iter().for_each(|step| digester.add(step));
        Digest::decode(&digester.take().unwrap()).unwrap()
    }

    /// A step that discovers URLs, by their numbers, ordinals and depths.
    fn discovering(urls: &[(u64, u64, u32)]) -> CrawlStep {
        let candidate = |&(number, ordinal, depth): &(u64, u64, u32)| Candidate {
            ordinal,
            url: format!("https://a.example/{number}"),
            depth,
            referrer: None,
        };
        CrawlStep {
            discovered: urls.iter().map(candidate).collect(),
            ..CrawlStep::default()
        }
    }

    /// A step with an event.
    fn telling(mut event: Value) -> CrawlStep {
        event["at"] = json!("2026-01-01T00:00:00.000Z");
        CrawlStep {
            events: vec![serde_json::from_value(event).unwrap()],
            ..CrawlStep::default()
        }
    }

    /// A step with a page that redirected.
    fn redirected(depth: u32) -> CrawlStep {
        let result = json!({"outcome": "fetched", "status": 200, "bytes": 1, "elapsedMs": 1, "links": 0, "sha256": "ab".repeat(32),
            "redirectedTo": "https://a.example/9"});
        telling(
            json!({"type": "progress", "url": "https://a.example/1", "depth": depth, "referrer": null,
            "result": result, "counts": Counts::default(), "percent": 0}),
        )
    }

    fn skipped(number: u64, reason: &str) -> CrawlStep {
        let url = format!("https://a.example/{number}");
        telling(json!({"type": "skipped", "url": url, "reason": reason}))
    }

    #[test]
    fn the_largest_ordinal_is_told_wherever_it_stands() {
        let digest = digest_of(&[discovering(&[(1, 5, 0), (2, 3, 0)])]);
        assert_eq!(digest.through, 5);
        assert_eq!(digest.known, [hash(1), hash(2)]);
    }

    #[rstest]
    #[case::fetched(redirected(3))]
    #[case::refused(skipped(1, "depth"))]
    #[case::found_nearer(discovering(&[(1, 8, 2)]))]
    fn a_url_that_is_too_deep_is_parked_until_it_has_its_event(#[case] step: CrawlStep) {
        let too_deep = discovering(&[(1, 7, 3), (2, 8, 2)]);
        let digest = digest_of(std::slice::from_ref(&too_deep));
        assert_eq!(digest.parked, HashMap::from_iter([(hash(1), 7)]));
        assert_eq!(digest.known, [hash(2)]);
        let digest = digest_of(&[too_deep, step]);
        assert!(digest.parked.is_empty());
        assert_eq!(digest.known, [hash(2), hash(1)]);
    }

    #[rstest]
    #[case::of_a_start_page(0, true)]
    #[case::of_another(1, false)]
    fn the_target_of_a_redirect_is_told_apart(#[case] depth: u32, #[case] is_seed: bool) {
        let digest = digest_of(&[redirected(depth)]);
        let target = "https://a.example/9".to_owned();
        assert_eq!(digest.known, [hash(1)]);
        assert_eq!(digest.targets, [hash(9)]);
        assert_eq!(digest.rest.seed_targets.contains(&target), is_seed);
        let content = ("ab".repeat(16), "https://a.example/1".to_owned());
        assert_eq!(digest.rest.contents, [content]);
    }

    #[rstest]
    #[case("limit", Some(SkipReason::Limit))]
    #[case("duration", Some(SkipReason::Duration))]
    #[case("robots", None)]
    fn the_end_of_a_crawl_is_told_by_what_it_refused(
        #[case] reason: &str,
        #[case] cut_for: Option<SkipReason>,
    ) {
        let digest = digest_of(&[skipped(1, reason)]);
        assert_eq!(digest.known, [hash(1)]);
        assert_eq!(digest.rest.cut_for, cut_for);
    }

    #[rstest]
    #[case("trapSuspected", true)]
    #[case("renderingNeeded", true)]
    #[case("formatsCut", false)]
    fn notices_that_are_told_once_are_kept(#[case] code: &str, #[case] is_kept: bool) {
        let digest = digest_of(&[telling(
            json!({"type": "notice", "code": code, "text": "words"}),
        )]);
        assert_eq!(!digest.rest.notices.is_empty(), is_kept);
    }

    #[test]
    fn a_digest_is_due_by_what_its_steps_hold() {
        let mut digester = digester();
        digester.add(&discovering(&vec![(1, 1, 0); DUE - 1]));
        assert_eq!(digester.take_due(), None);
        digester.add(&skipped(1, "robots"));
        assert!(digester.take_due().is_some());
    }

    #[test]
    fn a_log_that_is_too_long_for_a_digest_has_none() {
        let mut digester = digester();
        let step = CrawlStep {
            discovered: discovering(&vec![(1, 1, 0); DUE]).discovered,
            ..CrawlStep::default()
        };
        digester.add(&step);
        assert_eq!(
            Digest::decode(&digester.take_due().unwrap())
                .unwrap()
                .known
                .len(),
            DUE
        );
        assert_eq!(digester.take_due(), None, "nothing has come since");
        (0..=MOST / DUE).for_each(|_| digester.add(&step));
        assert!(digester.has_too_much());
        assert_eq!(digester.take_due(), None);
        assert!(digester.digest == Digest::default(), "nothing is kept");
    }
}
