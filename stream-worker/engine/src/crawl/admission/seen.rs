//! The set of URLs that a crawl knows.
//!
//! Sixteen bytes a URL: the text itself is in the journal. The hash is seeded per job, so that nobody can prepare URLs that
//! collide, and keeps its seed across attempts, so that what one attempt has seen the next one recognises.
//!
//! The set is many small tables, because a table doubles when it is full and holds both its copies meanwhile: one large table
//! would take half a second and 58 bytes a URL in the middle of a crawl, a small one takes a few milliseconds.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashSet;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::crawl::identity::identity;

/// Tables of one set; a power of two. Empty ones are 4 KiB together, which every job has.
const TABLES: usize = 128;

/// URLs that one crawl knows at most. Its tables have 2^17 places each then, of 17 bytes, and seven of eight may be taken: 285 MB in
/// all. A few more URLs would double them, which is why the bound is here.
pub(crate) const MAX_KNOWN: usize = 14_000_000;

/// The identity of a URL, as the crawl remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UrlHash(u128);

/// Hashes that share their leading bits.
type Table = HashSet<UrlHash, BuildHasherDefault<AlreadyHashed>>;

/// The URLs that a crawl knows.
#[derive(Debug)]
pub(crate) struct Seen {
    seed: u64,
    tables: Box<[Table]>,
    len: usize,
    /// URLs that may be known.
    pub(crate) most: usize,
}

impl Seen {
    /// An empty set, whose hashes are seeded with `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            tables: (0..TABLES).map(|_| Table::default()).collect(),
            len: 0,
            most: MAX_KNOWN,
        }
    }

    /// Makes room for so many URLs, so that the tables do not have to grow to it.
    pub(crate) fn reserve(&mut self, urls: u64) {
        let urls = usize::try_from(urls).unwrap_or(usize::MAX).min(MAX_KNOWN);
        for table in &mut self.tables {
            table.reserve((urls / TABLES).saturating_sub(table.len()));
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
        let is_new = self.tables[hash.table()].insert(hash);
        self.len += usize::from(is_new);
        is_new
    }

    /// True if the URL is known.
    pub(crate) fn contains(&self, hash: UrlHash) -> bool {
        self.tables[hash.table()].contains(&hash)
    }

    #[cfg(test)]
    pub(crate) fn hashes(&self) -> std::collections::BTreeSet<[u8; 16]> {
        self.tables
            .iter()
            .flatten()
            .map(|hash| hash.to_bytes())
            .collect()
    }

    /// True once as many URLs are known as may be.
    pub(crate) const fn is_full(&self) -> bool {
        self.len >= self.most
    }
}

impl UrlHash {
    /// The hash of a URL's identity, seeded with `seed`.
    pub(crate) fn of(url: &str, seed: u64) -> Self {
        Self(xxh3_128_with_seed(identity(url).as_bytes(), seed))
    }

    /// As a digest has it.
    pub(crate) const fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// Reads [`to_bytes`](Self::to_bytes).
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// Its place in a table of so many places.
    pub(super) const fn place(self, places: usize) -> usize {
        self.0 as usize % places
    }

    /// The table that has it: by bits that its place within the table does not depend on.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below the number of tables"
    )]
    const fn table(self) -> usize {
        (self.0 >> 64) as usize % TABLES
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
    use std::collections::HashSet as Model;

    use proptest::prelude::*;

    use super::*;

    fn bytes_of(seen: &Seen) -> usize {
        seen.tables.iter().map(Table::allocation_size).sum()
    }

    fn url(number: usize) -> String {
        format!("https://a.example/{number}")
    }

    #[test]
    fn a_url_is_new_once() {
        let mut seen = Seen::new(7);
        let hash = seen.hash("https://a.example/");
        assert!(!seen.contains(hash));
        assert!(seen.insert(hash));
        assert!(!seen.insert(hash));
        assert!(seen.contains(seen.hash("https://a.example/?")));
        assert_eq!(seen.len, 1);
    }

    #[test]
    fn a_set_with_room_for_so_many_urls_does_not_grow_to_them() {
        let mut seen = Seen::new(7);
        seen.reserve(50_000);
        let bytes = bytes_of(&seen);
        (0..40_000).for_each(|number| {
            seen.insert(seen.hash(&url(number)));
        });
        assert_eq!(bytes_of(&seen), bytes);
    }

    #[test]
    fn the_same_seed_recognises_what_another_attempt_has_seen() {
        let url = "https://a.example/";
        assert_eq!(Seen::new(7).hash(url), Seen::new(7).hash(url));
        assert_ne!(Seen::new(7).hash(url), Seen::new(8).hash(url));
    }

    proptest! {
        #[test]
        fn many_tables_are_one_set(numbers in prop::collection::vec(0..500_usize, 0..2_000)) {
            let (mut seen, mut model) = (Seen::new(7), Model::new());
            for number in numbers {
                let hash = seen.hash(&url(number));
                prop_assert_eq!(seen.contains(hash), model.contains(&number));
                prop_assert_eq!(seen.insert(hash), model.insert(number));
            }
            prop_assert_eq!(seen.len, model.len());
        }
    }

    #[test]
    fn the_set_grows_in_small_parts_and_takes_at_most_forty_bytes_a_url() {
        let mut seen = Seen::new(7);
        let mut before = 0;
        for number in 0..400_000 {
            seen.insert(seen.hash(&url(number)));
            let bytes = bytes_of(&seen);
            if number >= 50_000 {
                let both_copies = bytes + (bytes - before);
                assert!(both_copies <= 40 * seen.len, "{both_copies} at {number}");
            }
            before = bytes;
        }
    }

    #[test]
    fn a_crawl_that_knows_as_many_urls_as_it_may_takes_fewer_than_three_hundred_megabytes() {
        assert_eq!(Seen::new(7).most, MAX_KNOWN);
        let places = (MAX_KNOWN / TABLES * 8 / 7).next_power_of_two();
        let bytes = TABLES * places * (size_of::<UrlHash>() + 1);
        assert!(bytes < 300_000_000, "{bytes}");
        // The fullest table has a few more than its share: six deviations of a fair draw, and none of them doubles it.
        let share = MAX_KNOWN / TABLES;
        assert!(share + 6 * share.isqrt() < places / 8 * 7);
    }
}
