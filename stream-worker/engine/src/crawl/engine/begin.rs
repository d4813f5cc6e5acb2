//! The beginning of an attempt: URLs that an earlier attempt left, the start pages, and the pages of an earlier crawl.

use std::sync::Arc;

use shared::event::NoticeCode;
use url::Url;

use super::Interrupt;
use super::run::Engine;
use crate::crawl::admission::intake::{Find, Mention, Refusals};

/// URLs that are read back at a time.
const BATCH: usize = 2_000;

impl Engine<'_> {
    /// Takes in the URLs that an earlier attempt left, the start pages, and the pages of an earlier crawl.
    pub(super) async fn begin(&mut self) -> Result<(), Interrupt> {
        let targets = std::mem::take(&mut self.seed_targets);
        let targets = targets.iter().filter_map(|target| Url::parse(target).ok());
        let mut sites: Vec<Url> = targets.collect();
        for url in &sites {
            self.admission.widen_to_seed_target(url);
        }
        self.restore().await?;
        let request = Arc::clone(&self.request);
        let seeds = || request.urls.iter().map(|seed| seed.url());
        for url in seeds() {
            if self.admission.widen_to_seed(url) {
                sites.push(url.clone());
            }
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
            self.sitemaps.search(url, &mut self.frontier);
        }
        self.revisit().await
    }

    /// Takes in the pages of the earlier crawl, as if a sitemap listed them.
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

    /// Marks every URL that waits from an earlier attempt as known, and takes the first ones in. Those up to `known_through`
    /// are known already.
    async fn restore(&mut self) -> Result<(), Interrupt> {
        let mut after = self.known_through;
        self.ledger.number_after(after);
        while self.ledger.counts().queued > 0 {
            let batch = self.outlet.waiting(after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.ordinal;
            self.ledger.number_after(after);
            for candidate in &batch {
                self.admission.restore(candidate);
            }
        }
        self.admission.resume(self.ledger.counts());
        self.read_back().await
    }
}
