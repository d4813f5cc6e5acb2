//! Recognises pages by their content.
//!
//! A site has one page under many URLs: with and without `www`, `index.html` or a slash at the end, mirrors, symbolic
//! links. Which of them mean the same page is the site's business, so nothing is taken for the same unless its bytes are.

use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use shared::hex::to_hex;

/// Hexadecimal digits of a SHA-256 that tell contents apart here.
pub(crate) const SHORT_HEX: usize = 32;

/// The SHA-256 of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentHash([u8; 32]);

/// The length and hash of a body while it arrives.
#[derive(Default)]
pub(crate) struct Content {
    hasher: Sha256,
    bytes: u64,
}

/// The contents that a crawl has seen, each with the URL that had it first.
#[derive(Debug, Default)]
pub(crate) struct Contents(HashMap<u128, Box<str>>);

impl Content {
    /// Takes in the next bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The number of bytes, and their hash. Empty bodies have no hash, so they are never duplicates of each other.
    pub(crate) fn finish(self) -> (u64, Option<ContentHash>) {
        let hash = (self.bytes > 0).then(|| ContentHash(self.hasher.finalize().into()));
        (self.bytes, hash)
    }
}

impl ContentHash {
    /// The 64 hexadecimal digits that an event carries.
    pub(crate) fn to_hex(self) -> String {
        to_hex(&self.0)
    }

    /// Sixteen bytes of it, from hexadecimal: plenty to tell pages apart.
    fn short(hex: &str) -> Option<u128> {
        u128::from_str_radix(hex.get(..SHORT_HEX)?, 16).ok()
    }
}

impl Contents {
    /// The URL that had this content first, if there is one; else it is this one from now on.
    pub(crate) fn first(&mut self, sha256: &str, url: &str) -> Option<String> {
        let hash = ContentHash::short(sha256)?;
        match self.0.get(&hash) {
            Some(first) if **first != *url => Some(first.to_string()),
            Some(_) => None,
            None => {
                self.0.insert(hash, url.into());
                None
            }
        }
    }
}

/// True if two URLs look like two spellings of one. Only their contents can prove it.
pub(crate) fn are_similar(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

/// A URL without the parts in which spellings of one page differ: its host without `www.`, its path without the slash and the
/// usual name of a directory's page at the end, and its query.
fn bare(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_index = matches!(
        name,
        "" | "index.html" | "index.htm" | "index.php" | "default.aspx"
    );
    (
        host.strip_prefix("www.").unwrap_or(host),
        if is_index { directory } else { path },
        query,
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn hash(chunks: &[&str]) -> Option<String> {
        let mut content = Content::default();
        for chunk in chunks {
            content.add(chunk.as_bytes());
        }
        content.finish().1.map(ContentHash::to_hex)
    }

    #[test]
    fn a_hash_is_the_one_that_everyone_else_computes() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(&["a", "", "bc"]).as_deref(), Some(abc));
        assert_eq!(hash(&[""]), None);
    }

    #[rstest]
    #[case("https://a.example/x/", "https://a.example/x", true)]
    #[case("https://a.example/x/", "http://www.a.example/x/index.html", true)]
    #[case("https://a.example/", "https://a.example/index.php", true)]
    #[case("https://a.example/x?q=1", "https://a.example/x/?q=1", true)]
    #[case("https://a.example/x?q=1", "https://a.example/x?q=2", false)]
    #[case(
        "https://a.example/x/index.html",
        "https://a.example/index.html",
        false
    )]
    #[case("https://a.example/x", "https://b.example/x", false)]
    #[case("https://a.example/x.html", "https://a.example/x", false)]
    fn spellings_of_one_url_are_known(
        #[case] one: &str,
        #[case] other: &str,
        #[case] similar: bool,
    ) {
        assert_eq!(are_similar(one, other), similar);
        assert_eq!(are_similar(other, one), similar);
    }

    #[test]
    fn the_first_url_with_a_content_stays_the_first() {
        let mut contents = Contents::default();
        let (one, other) = (hash(&["one"]).unwrap(), hash(&["other"]).unwrap());
        assert_eq!(contents.first(&one, "/a"), None);
        assert_eq!(contents.first(&one, "/b").as_deref(), Some("/a"));
        assert_eq!(contents.first(&one, "/a"), None);
        assert_eq!(contents.first(&other, "/b"), None);
    }
}
