//! The beginning of an attempt: what an earlier one left, and the start pages.

use std::sync::Arc;

use shared::event::SkipReason;
use url::Url;

use super::run::Engine;
use crate::crawl::Candidate;
use crate::crawl::canonical_url::Canonical;
use crate::crawl::intake::{Find, Mention, Refusals};
use crate::crawl::visit::{Visit, Work};

impl Engine<'_> {
    /// Takes in where an earlier attempt stood, and the start pages.
    pub(super) fn begin(&mut self) {
        for target in std::mem::take(&mut self.seed_targets) {
            if let Ok(url) = Url::parse(&target) {
                self.intake.scope.widen(&url, &target);
                self.sitemaps.add_site(&url);
            }
        }
        for candidate in std::mem::take(&mut self.pending) {
            if let Some(candidate) = self.intake.restore(candidate) {
                self.restore(candidate);
            }
        }
        let request = Arc::clone(&self.request);
        let seeds = || request.urls.iter().map(|seed| seed.url());
        for url in seeds() {
            if self.intake.scope.excludes(url) {
                continue;
            }
            if let Canonical::Usable(canonical) = self.intake.canonicalizer.apply(url) {
                self.intake.scope.widen(url, &canonical);
            }
            self.sitemaps.add_site(url);
        }
        let find = Find {
            depth: 0,
            referrer: None,
            mention: Mention::Seed,
        };
        let mut refusals = Refusals::default();
        for url in seeds() {
            self.take_in(url, find, &mut refusals);
        }
        refusals.record(&mut self.ledger);
        self.plan_sitemaps();
    }

    fn restore(&mut self, candidate: Candidate) {
        match Url::parse(&candidate.url) {
            Ok(url) => self.frontier.push(&url, Work::Page(Visit::new(candidate))),
            // What a journal of this service holds is a URL; a damaged one still gets its event.
            Err(_) => self.ledger.skip_queued(candidate, SkipReason::Scope),
        }
    }
}
