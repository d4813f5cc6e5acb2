//! The links that were found on one page, as text.
//!
//! It keeps them behind one another in one string: a page has a hundred links of which the crawl knows ninety, and each of these
//! costs no more than its bytes.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Absolute http(s) URLs without fragment, in document order, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageLinks {
    text: String,
    entries: Vec<Entry>,
}

/// A link of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link<'a> {
    /// http(s), without fragment, as the URL parser writes it.
    pub(crate) url: &'a str,
    /// True if every link to this URL says `rel=nofollow`.
    pub(crate) nofollow: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// The end of the URL in the text. It begins where the one before it ends.
    end: usize,
    nofollow: bool,
}

/// Collects the links of one page.
pub(super) struct LinkCollector {
    links: PageLinks,
    places: Places,
}

/// Finds a link's place in a list by its text, which stays in the list.
#[derive(Default)]
pub(super) struct Places {
    /// With the hash of the text.
    places: HashTable<(u64, usize)>,
    hasher: DefaultHashBuilder,
}

impl Places {
    /// The place of `text`, if it is known; else its hash.
    pub(super) fn find<'a>(
        &self,
        text: &str,
        known: impl Fn(usize) -> &'a str,
    ) -> Result<usize, u64> {
        let wanted = self.hasher.hash_one(text);
        let is_it = |(hash, place): &(u64, usize)| *hash == wanted && known(*place) == text;
        let found = self.places.find(wanted, is_it);
        found.map(|(_, place)| *place).ok_or(wanted)
    }

    pub(super) fn add(&mut self, hash: u64, place: usize) {
        self.places
            .insert_unique(hash, (hash, place), |(hash, _)| *hash);
    }
}

impl PageLinks {
    /// The number of links.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The links in document order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Link<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let url = &self.text[std::mem::replace(&mut start, entry.end)..entry.end];
            Link {
                url,
                nofollow: entry.nofollow,
            }
        })
    }

    /// These links, none of them `nofollow`.
    #[cfg(test)]
    pub(crate) fn of(urls: &[&str]) -> Self {
        let mut collector = LinkCollector::new(urls.len());
        for url in urls {
            collector.add(false, |text| {
                text.push_str(url);
                true
            });
        }
        collector.finish()
    }

    fn url(&self, place: usize) -> &str {
        &self.text[self.start(place)..self.entries[place].end]
    }

    fn start(&self, place: usize) -> usize {
        place
            .checked_sub(1)
            .map_or(0, |last| self.entries[last].end)
    }
}

impl LinkCollector {
    /// A collector with room for so many links.
    pub(super) fn new(links: usize) -> Self {
        Self {
            links: PageLinks {
                text: String::with_capacity(links * 64),
                entries: Vec::with_capacity(links),
            },
            places: Places::default(),
        }
    }

    /// Adds the link that `write` appends to the text, unless it answers false: then it has appended nothing. One that is there
    /// twice may be followed if either may.
    pub(super) fn add(&mut self, nofollow: bool, write: impl FnOnce(&mut String) -> bool) {
        let Self { links, places } = self;
        let start = links.text.len();
        if !write(&mut links.text) {
            return;
        }
        match places.find(&links.text[start..], |place| links.url(place)) {
            Ok(place) => {
                links.entries[place].nofollow &= nofollow;
                links.text.truncate(start);
            }
            Err(hash) => {
                places.add(hash, links.entries.len());
                let end = links.text.len();
                links.entries.push(Entry { end, nofollow });
            }
        }
    }

    /// The links that were added.
    pub(super) fn finish(self) -> PageLinks {
        self.links
    }
}
