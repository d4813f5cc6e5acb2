//! Deferred refusals: URLs that are too deep or only linked with `nofollow`, kept until a better link turns up or the crawl
//! ends.
//!
//! That no shorter way and no plain link leads to such a URL is certain only when the crawl ends. Until then it is parked: it
//! counts as queued and is durable as a candidate like any other, so a later attempt knows of it. Its depth says why it is
//! parked, since that is what a candidate keeps of its past; its text is in the store only.

use hashbrown::HashMap;
use shared::event::SkipReason;

use super::seen::UrlHash;

/// The depth of a URL to which only `nofollow` links lead: beyond any `maxDiscoveryDepth`, within any store's integers.
pub(crate) const NOFOLLOW_DEPTH: u32 = i32::MAX as u32;
/// The depth of a URL to which only links lead that a page's meta robots forbid to follow.
pub(crate) const META_ROBOTS_DEPTH: u32 = NOFOLLOW_DEPTH - 1;

/// The parked URLs, with their ordinals.
#[derive(Debug, Default)]
pub(crate) struct Parked(HashMap<UrlHash, u64>);

impl Parked {
    /// Parks a URL.
    pub(crate) fn park(&mut self, hash: UrlHash, ordinal: u64) {
        self.0.insert(hash, ordinal);
    }

    /// Takes out a URL that is to be crawled after all, and returns its ordinal.
    pub(crate) fn release(&mut self, hash: UrlHash) -> Option<u64> {
        self.0.remove(&hash)
    }

    /// True if the URL is parked.
    pub(crate) fn holds(&self, hash: UrlHash) -> bool {
        self.0.contains_key(&hash)
    }

    #[cfg(test)]
    pub(crate) fn urls(&self) -> std::collections::BTreeMap<[u8; 16], u64> {
        let urls = self.0.iter();
        urls.map(|(hash, ordinal)| (hash.to_bytes(), *ordinal))
            .collect()
    }

    /// The number of parked URLs.
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// The reason why a URL of this depth is parked.
pub(crate) const fn reason(depth: u32) -> SkipReason {
    match depth {
        NOFOLLOW_DEPTH => SkipReason::Nofollow,
        META_ROBOTS_DEPTH => SkipReason::MetaRobots,
        _ => SkipReason::Depth,
    }
}
