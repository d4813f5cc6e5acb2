//! The set of URLs that a crawl knows.
//!
//! Sixteen bytes a URL: the text itself is in the journal. The hash is seeded per job, so that nobody can prepare URLs that
//! collide, and keeps its seed across attempts, so that what one attempt has seen the next one recognises.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashSet;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::crawl::identity::identity;

/// The identity of a URL, as the crawl remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UrlHash(u128);

impl UrlHash {
    /// The hash of a URL's identity, in a crawl with this seed.
    pub(crate) fn of(url: &str, seed: u64) -> Self {
        Self(xxh3_128_with_seed(identity(url).as_bytes(), seed))
    }

    /// Its place in a table of so many places.
    pub(super) const fn place(self, places: usize) -> usize {
        self.0 as usize % places
    }
}

/// The URLs that a crawl knows.
#[derive(Debug)]
pub(crate) struct Seen {
    seed: u64,
    hashes: HashSet<UrlHash, BuildHasherDefault<AlreadyHashed>>,
}

impl Seen {
    /// An empty set, whose hashes are seeded with `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            hashes: HashSet::default(),
        }
    }

    /// The hash of a URL's identity.
    pub(crate) fn hash(&self, url: &str) -> UrlHash {
        UrlHash::of(url, self.seed)
    }

    /// The seed of the hashes.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// Remembers a URL. Returns true if it was new.
    pub(crate) fn insert(&mut self, hash: UrlHash) -> bool {
        self.hashes.insert(hash)
    }

    /// True if the URL is known.
    pub(crate) fn contains(&self, hash: UrlHash) -> bool {
        self.hashes.contains(&hash)
    }

    /// The number of known URLs.
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }
}

/// Passes the low half of a hash on: hashing it again would cost time and gain nothing.
#[derive(Debug, Default)]
pub(crate) struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is the point")]
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_new_once() {
        let mut seen = Seen::new(7);
        let hash = seen.hash("https://a.example/");
        assert!(!seen.contains(hash));
        assert!(seen.insert(hash));
        assert!(!seen.insert(hash));
        assert!(seen.contains(seen.hash("https://a.example/?")));
        assert_eq!(seen.len(), 1);
    }

    #[test]
    fn the_same_seed_recognises_what_another_attempt_has_seen() {
        let url = "https://a.example/";
        assert_eq!(Seen::new(7).hash(url), Seen::new(7).hash(url));
        assert_ne!(Seen::new(7).hash(url), Seen::new(8).hash(url));
    }
}
