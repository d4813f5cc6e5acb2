//! Where an attempt at a crawl begins.
//!
//! It owns what must survive from one attempt to the next, which is little: the counters and the set of URLs that had their
//! events. Those that wait are read back through the [sink](super::StepSink). It refuses to know where all that was kept. The
//! rest (robots, sitemaps, politeness) is found out again.

use shared::event::PageResult;
use shared::{Counts, Event};

use super::contents::Contents;
use super::seen::Seen;

/// Where an attempt begins.
#[derive(Debug)]
pub struct Checkpoint {
    pub(super) counts: Counts,
    pub(super) seen: Seen,
    pub(super) contents: Contents,
    /// Where start pages that were fetched earlier redirected to: the scope is widened by them again.
    pub(super) seed_targets: Vec<String>,
}

impl Checkpoint {
    /// The beginning of a crawl. `seed` seeds the hash of the known URLs; every attempt at a job gives the same.
    #[must_use]
    pub fn fresh(seed: u64) -> Self {
        Self::resume(seed, Counts::default())
    }

    /// The state after the last durable step, to be completed with every URL that had its event.
    #[must_use]
    pub fn resume(seed: u64, counts: Counts) -> Self {
        Self {
            counts: counts.at_rest(),
            seen: Seen::new(seed),
            contents: Contents::default(),
            seed_targets: Vec::new(),
        }
    }

    /// A URL that had its event, in canonical form.
    pub fn mark_seen(&mut self, url: &str) {
        self.seen.insert(self.seen.hash(url));
    }

    /// Where a page at `depth` was found after redirects: it is known too, and where a start page went widens the scope.
    pub fn mark_redirected(&mut self, target: &str, depth: u32) {
        self.mark_seen(target);
        if depth == 0 {
            self.seed_targets.push(target.to_owned());
        }
    }

    /// A page that was fetched had this content.
    pub fn mark_content(&mut self, url: &str, sha256: &str) {
        self.contents.first(sha256, url);
    }

    /// Takes in a logged event of an earlier attempt: marks what it says to be known. It does all that
    /// [`mark_seen`](Self::mark_seen) does and also remembers where redirects led.
    pub fn replay(&mut self, event: &Event) {
        match event {
            Event::Progress(progress) => {
                self.mark_seen(&progress.url);
                if let PageResult::Fetched(fetched) = &progress.result {
                    if let Some(target) = &fetched.redirected_to {
                        self.mark_redirected(target, progress.depth);
                    }
                    if let Some(sha256) = &fetched.sha256 {
                        self.mark_content(&progress.url, sha256);
                    }
                }
            }
            Event::Skipped(skipped) => self.mark_seen(&skipped.url),
            Event::Started(_)
            | Event::Notice(_)
            | Event::Resumed(_)
            | Event::Done(_)
            | Event::Cancelled(_)
            | Event::Failed(_) => {}
        }
    }
}
