//! The state of a crawl at the beginning of an attempt.
//!
//! It owns what must survive from one attempt to the next, and how it is read from the log of the earlier ones: the counters,
//! the set of URLs that had their events, what they looked like, and whether the end had begun. Those that wait are read back
//! through the [sink](crate::crawl::StepSink). It refuses to know where all that was kept. The rest (robots, sitemaps,
//! politeness) is found out again.

use std::borrow::Cow;

use serde::Deserialize;
use shared::event::{NoticeCode, SkipReason};
use shared::{Counts, Timestamp};
use url::Url;

use super::digest::Digest;
use crate::crawl::admission::parked::Parked;
use crate::crawl::admission::seen::Seen;
use crate::crawl::admission::trap::Traps;
use crate::crawl::page::contents::Contents;
use crate::crawl::page::shells::Shells;

/// The state that an attempt goes on from.
#[derive(Debug)]
pub struct Checkpoint {
    pub(crate) counts: Counts,
    pub(crate) seen: Seen,
    pub(crate) contents: Contents,
    /// Of the URLs up to `through` only: those beyond are read back.
    pub(crate) parked: Parked,
    pub(crate) traps: Traps,
    pub(crate) shells: Shells,
    /// Canonical URLs that start pages redirected to when they were fetched: the scope is widened by them again.
    pub(crate) seed_targets: Vec<String>,
    /// The reason for which an earlier attempt began to refuse what was left. The crawl was ending then, and ends so.
    pub(crate) cut_for: Option<SkipReason>,
    /// The ordinal up to which every URL that waits is known already; zero without digests.
    pub(crate) through: u64,
}

/// The error of bytes that are no digest, or one of a newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is of no version that is known here")]
pub struct UnknownDigest;

/// The fields of a logged event that matter here. The rest of its data, most of it links, is passed over unread.
#[derive(Deserialize)]
struct Logged<'a> {
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(default)]
    depth: u32,
    #[serde(borrow)]
    referrer: Option<Cow<'a, str>>,
    #[serde(borrow)]
    result: Option<LoggedResult<'a>>,
    reason: Option<SkipReason>,
    code: Option<NoticeCode>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedResult<'a> {
    #[serde(borrow)]
    redirected_to: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sha256: Option<Cow<'a, str>>,
}

impl Checkpoint {
    /// The beginning of a crawl. `seed` seeds the hash of the known URLs, and `started_at` is when its first attempt began;
    /// every attempt at a job gives the same.
    #[must_use]
    pub fn fresh(seed: u64, started_at: Timestamp) -> Self {
        Self::resume(seed, started_at, Counts::default())
    }

    /// The state after the last durable step, to be completed with every digest, and with every event after the last one.
    #[must_use]
    pub fn resume(seed: u64, started_at: Timestamp, counts: Counts) -> Self {
        let mut seen = Seen::new(seed);
        seen.reserve(counts.discovered);
        Self {
            counts: counts.at_rest(),
            seen,
            contents: Contents::default(),
            parked: Parked::default(),
            traps: Traps::new(started_at),
            shells: Shells::default(),
            seed_targets: Vec::new(),
            cut_for: None,
            through: 0,
        }
    }

    /// Takes in the next digest of what earlier attempts have done.
    ///
    /// # Errors
    /// [`UnknownDigest`]: nobody has made it, or a later version.
    pub fn replay_digest(&mut self, digest: &[u8]) -> Result<(), UnknownDigest> {
        let digest = Digest::decode(digest).ok_or(UnknownDigest)?;
        self.through = self.through.max(digest.through);
        for hash in digest.known {
            self.seen.insert(hash);
            self.parked.release(hash);
        }
        for hash in digest.targets {
            self.seen.insert(hash);
        }
        for (hash, ordinal) in digest.parked {
            self.seen.insert(hash);
            self.parked.park(hash, ordinal);
        }
        let rest = digest.rest;
        for (pattern, urls) in rest.patterns {
            self.traps.recall_count(pattern, urls);
        }
        for (code, text) in &rest.notices {
            self.replay_notice(*code, text);
        }
        for (sha256, url) in &rest.contents {
            self.contents.first(sha256, url);
        }
        self.seed_targets.extend(rest.seed_targets);
        self.cut_for = rest.cut_for.or(self.cut_for);
        Ok(())
    }

    /// The ordinal up to which the URLs that wait need not be read back.
    #[must_use]
    pub const fn through(&self) -> u64 {
        self.through
    }

    /// Takes in an event that an earlier attempt has logged, from its data.
    ///
    /// # Errors
    /// If the data is not an event's.
    pub fn replay(&mut self, data: &[u8]) -> serde_json::Result<()> {
        let logged: Logged<'_> = serde_json::from_slice(data)?;
        if let Some(url) = &logged.url {
            self.replay_url(url, &logged);
        }
        if let (Some(code), Some(text)) = (logged.code, &logged.text) {
            self.replay_notice(code, text);
        }
        Ok(())
    }

    fn replay_notice(&mut self, code: NoticeCode, text: &str) {
        match code {
            NoticeCode::TrapSuspected => self.traps.recall_notice(text),
            NoticeCode::RenderingNeeded => self.shells.recall_notice(text),
            _ => {}
        }
    }

    fn replay_url(&mut self, url: &str, logged: &Logged<'_>) {
        let hash = self.seen.hash(url);
        let is_new = self.seen.insert(hash);
        self.parked.release(hash);
        // Only what pages link to was counted, and no sitemap is known as a page.
        let mut referrer = logged.referrer.iter();
        let is_linked = referrer.any(|page| self.seen.contains(self.seen.hash(page)));
        let is_counted = is_linked || logged.reason == Some(SkipReason::Trap);
        // A digest has counted what it knows.
        if is_new
            && is_counted
            && let Ok(url) = Url::parse(url)
        {
            self.traps.recall(&url);
        }
        if let Some(cut @ (SkipReason::Limit | SkipReason::Duration)) = logged.reason {
            self.cut_for = Some(cut);
        }
        let Some(result) = &logged.result else { return };
        if let Some(target) = &result.redirected_to {
            self.seen.insert(self.seen.hash(target));
            if logged.depth == 0 {
                self.seed_targets.push(target.to_string());
            }
        }
        if let Some(sha256) = &result.sha256 {
            self.contents.first(sha256, url);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::crawl::admission::seen::UrlHash;
    use crate::crawl::history::digest::Rest;

    fn fresh() -> Checkpoint {
        Checkpoint::fresh(7, Timestamp::from_millis(1_800_000_000_000))
    }

    fn hash(url: &str) -> UrlHash {
        UrlHash::of(url, 7)
    }

    fn of_digests(digests: impl IntoIterator<Item = Digest>) -> Checkpoint {
        let mut checkpoint = fresh();
        for digest in digests {
            checkpoint.replay_digest(&digest.encode()).unwrap();
        }
        checkpoint
    }

    fn of_events(events: impl IntoIterator<Item = Value>) -> Checkpoint {
        let mut checkpoint = fresh();
        for event in events {
            checkpoint.replay(event.to_string().as_bytes()).unwrap();
        }
        checkpoint
    }

    #[test]
    fn a_later_digest_takes_back_nothing_that_an_earlier_one_has_told() {
        let told = Digest {
            through: 5,
            rest: Rest {
                seed_targets: vec!["/a".to_owned()],
                cut_for: Some(SkipReason::Limit),
                ..Rest::default()
            },
            ..Digest::default()
        };
        let later = Digest {
            through: 3,
            rest: Rest {
                seed_targets: vec!["/b".to_owned()],
                ..Rest::default()
            },
            ..Digest::default()
        };
        let checkpoint = of_digests([told, later]);
        assert_eq!(checkpoint.through(), 5);
        assert_eq!(checkpoint.seed_targets, ["/a", "/b"]);
        assert_eq!(checkpoint.cut_for, Some(SkipReason::Limit));
    }

    #[test]
    fn digests_tell_what_is_known_and_what_is_parked() {
        let (parked, known, target) = (hash("/p"), hash("/k"), hash("/t"));
        let first = || Digest {
            targets: vec![target],
            parked: [(parked, 4), (known, 5)].into_iter().collect(),
            ..Digest::default()
        };
        let later = Digest {
            known: vec![known],
            ..Digest::default()
        };
        let checkpoint = of_digests([first()]);
        assert!(checkpoint.parked.holds(parked) && checkpoint.parked.holds(known));
        let checkpoint = of_digests([first(), later]);
        assert!(checkpoint.parked.holds(parked) && !checkpoint.parked.holds(known));
        assert!(
            [parked, known, target]
                .iter()
                .all(|url| checkpoint.seen.contains(*url))
        );
    }

    #[test]
    fn a_url_that_has_its_event_is_not_parked() {
        let mut checkpoint = fresh();
        checkpoint.parked.park(hash("https://a.example/p"), 4);
        let event = json!({"url": "https://a.example/p", "reason": "depth"});
        checkpoint.replay(event.to_string().as_bytes()).unwrap();
        assert_eq!(checkpoint.parked.len(), 0);
    }

    #[rstest]
    #[case("limit", Some(SkipReason::Limit))]
    #[case("duration", Some(SkipReason::Duration))]
    #[case("robots", None)]
    fn a_crawl_that_was_ending_ends(#[case] reason: &str, #[case] cut_for: Option<SkipReason>) {
        let event = json!({"url": "https://a.example/p", "reason": reason});
        assert_eq!(of_events([event]).cut_for, cut_for);
    }

    #[rstest]
    #[case::a_start_page(0, true)]
    #[case::another_page(1, false)]
    fn where_a_start_page_has_moved_is_known(#[case] depth: u32, #[case] is_known: bool) {
        let result = json!({"redirectedTo": "https://a.example/t"});
        let event = json!({"url": "https://a.example/p", "depth": depth, "result": result});
        let checkpoint = of_events([event]);
        assert_eq!(!checkpoint.seed_targets.is_empty(), is_known);
        assert!(checkpoint.seen.contains(hash("https://a.example/t")));
    }

    #[rstest]
    #[case::a_page_that_is_linked(json!({"referrer": "https://a.example/"}), true)]
    #[case::a_trap(json!({"reason": "trap"}), true)]
    #[case::a_page_of_a_sitemap(json!({"referrer": "https://a.example/sitemap.xml"}), false)]
    #[case::a_start_page(json!({}), false)]
    fn a_url_that_a_page_has_linked_is_counted_by_its_pattern(
        #[case] mut event: Value,
        #[case] is_counted: bool,
    ) {
        event["url"] = json!("https://a.example/x?a=1");
        let home = json!({"url": "https://a.example/"});
        let mut checkpoint = of_events([home, event.clone(), event]);
        let changed = checkpoint.traps.changed();
        assert_eq!(!changed.is_empty(), is_counted);
        assert!(
            changed.iter().all(|(_, urls)| *urls == 1),
            "once: {changed:?}"
        );
    }
}
