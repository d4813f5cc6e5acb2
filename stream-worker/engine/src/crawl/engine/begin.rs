//! The beginning of an attempt: what an earlier one left, and the start pages.

use std::sync::Arc;

use shared::event::{NoticeCode, SkipReason};
use url::Url;

use super::Interrupt;
use super::run::Engine;
use crate::crawl::Candidate;
use crate::crawl::admission::intake::{Find, Mention, Refusals};
use crate::crawl::canonical_url::Canonical;
use crate::crawl::frontier::visit::{Visit, Work};

/// URLs that are read back at a time.
const PAGE: usize = 2_000;

impl Engine<'_> {
    /// Takes in where an earlier attempt stood, and the start pages.
    pub(super) async fn begin(&mut self) -> Result<(), Interrupt> {
        let targets = std::mem::take(&mut self.seed_targets);
        let targets = targets.iter().filter_map(|target| Url::parse(target).ok());
        let mut sites: Vec<Url> = targets.collect();
        for url in &sites {
            self.intake.scope.widen(url, url.as_str());
        }
        self.restore().await?;
        let request = Arc::clone(&self.request);
        let seeds = || request.urls.iter().map(|seed| seed.url());
        for url in seeds() {
            if self.intake.scope.excludes(url) {
                continue;
            }
            if let Canonical::Usable(canonical) = self.intake.canonicalizer.apply(url) {
                self.intake.scope.widen(url, &canonical);
            }
            sites.push(url.clone());
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
        for url in &sites {
            self.want_sitemaps(url);
        }
        self.revisit().await
    }

    /// Takes in what the earlier crawl has fetched, as a sitemap would list it.
    async fn revisit(&mut self) -> Result<(), Interrupt> {
        let Some(earlier) = self.earlier.take() else {
            return Ok(());
        };
        if earlier.is_empty() || earlier.is_cut() {
            let text = if earlier.is_empty() {
                "nothing is known here of the crawl that since names: every page is fetched in full"
            } else {
                "the crawl that since names has more pages than can be compared: the rest is fetched in full"
            };
            self.ledger
                .notice(NoticeCode::SinceUnknown, text.to_owned());
        }
        let mut refusals = Refusals::default();
        for page in earlier.pages() {
            let Ok(url) = Url::parse(&page.url) else {
                continue;
            };
            let find = Find {
                depth: page.depth.max(1),
                referrer: None,
                mention: Mention::Sitemap,
            };
            self.take_in(&url, find, &mut refusals);
            if self.ledger.is_full() {
                self.hand_over().await?;
            }
        }
        refusals.record(&mut self.ledger);
        self.earlier = Some(earlier);
        Ok(())
    }

    /// Takes in every URL that waits from an earlier attempt.
    async fn restore(&mut self) -> Result<(), Interrupt> {
        let mut after = 0;
        while self.ledger.counts().queued > 0 {
            let page = self.waiting(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.ordinal;
            self.ledger.number_after(after);
            for candidate in page {
                let taken = self.intake.restore(candidate);
                if let Some(candidate) = taken
                    && !self.backlog.takes(candidate.ordinal, self.frontier.len())
                {
                    self.enqueue(candidate);
                }
            }
        }
        Ok(())
    }

    /// Reads back what has waited in the store, when memory has room for it.
    pub(super) async fn read_back(&mut self) -> Result<(), Interrupt> {
        while let Some((after, most)) = self.backlog.wants(self.frontier.len()) {
            self.hand_over().await?;
            let page = self.waiting(after, most.min(PAGE)).await?;
            let Some(last) = page.last() else {
                self.backlog.clear();
                break;
            };
            self.backlog.advance(last.ordinal);
            for candidate in page {
                if !self.intake.is_parked(&candidate) {
                    self.backlog.read_back();
                    self.enqueue(candidate);
                }
            }
        }
        Ok(())
    }

    fn enqueue(&mut self, candidate: Candidate) {
        match Url::parse(&candidate.url) {
            Ok(url) => self.frontier.push(&url, Work::Page(Visit::new(candidate))),
            // What a journal of this service holds is a URL; a damaged one still gets its event.
            Err(_) => self.ledger.skip_queued(candidate, SkipReason::Scope),
        }
    }

    /// URLs that wait, from the store.
    pub(super) async fn waiting(
        &mut self,
        after: u64,
        most: usize,
    ) -> Result<Vec<Candidate>, Interrupt> {
        let read = self.sink.waiting(after, most);
        tokio::select! {
            biased;
            // Both arms are cancel-safe: a token, and the read, which says so itself.
            () = self.stop.cancelled() => Err(Interrupt::Stopped),
            page = read => page.map_err(|_closed| Interrupt::SinkClosed),
        }
    }
}
