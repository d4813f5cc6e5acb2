//! The pages that an earlier crawl of the same site has fetched.
//!
//! Its pages are crawled again, each asked for only if it has changed since: the server's own validators say so (RFC 9110,
//! section 8.8). It refuses to know where that crawl was kept.

use hashbrown::HashMap;
use shared::Event;
use shared::event::{Fetched, PageFormats, PageResult};

use crate::fetch::Validators;

/// Pages that are remembered: some 400 bytes each. Further ones are found by links, and fetched in full.
const MAX_PAGES: usize = 100_000;

/// The pages of an earlier crawl.
#[derive(Debug, Default)]
pub struct Earlier {
    pages: Vec<EarlierPage>,
    /// Indexes into `pages` by the canonical URL after redirects, which is the one that was answered.
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
            self.places.insert(final_url.into(), self.pages.len());
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

    /// The earlier result of the page with this canonical URL.
    pub(crate) fn page(&self, url: &str) -> Option<&Fetched> {
        let place = self.places.get(url)?;
        self.pages.get(*place).map(|page| &page.fetched)
    }

    /// The validators of the page with this canonical URL, to ask whether it has changed.
    pub(crate) fn validators(&self, url: &str) -> Option<Validators> {
        let page = self.page(url)?;
        let validators = Validators {
            etag: page.etag.clone(),
            last_modified: page.last_modified.clone(),
        };
        (!validators.is_empty()).then_some(validators)
    }
}
