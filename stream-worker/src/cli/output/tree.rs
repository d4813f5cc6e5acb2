//! A directory with a Markdown file for each page, at a path like its URL's.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use engine::crawl::identity;
use shared::event::{Fetched, PageResult, Progress, Skipped};
use shared::{Event, Position};
use url::Url;
use xxhash_rust::xxh3::xxh3_128;

use super::cursors::Cursor;
use super::front_matter::{markdown_file, split};
use super::links::relinked;
use super::page_path::{other_path, page_path};
use crate::cli::told::Told;

/// The directory. While pages come they are written as they are; at the end their links are made to lead to each other.
pub(super) struct Tree {
    root: PathBuf,
    cursor: Cursor,
    /// Paths by the hash of each URL that leads to a page: its own, and those that redirect there or are the same page.
    by_url: HashMap<u128, String>,
    /// Hashes of the pages' URLs by the hash of their path, in small letters: some file systems do not tell `A` from `a`.
    by_path: HashMap<u128, u128>,
}

impl Tree {
    /// Uses the directory, making it if there is none.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn open(root: &Path, cursor: Option<Cursor>) -> io::Result<Self> {
        // One that was taken away is written anew.
        let cursor = cursor.filter(|_| root.is_dir());
        fs::create_dir_all(root)?;
        // A directory that cannot be written is found out now, not after an hour.
        let draft = draft(root);
        fs::write(&draft, b"")?;
        fs::remove_file(&draft)?;
        Ok(Self {
            root: root.to_owned(),
            cursor: cursor.unwrap_or_default(),
            by_url: HashMap::new(),
            by_path: HashMap::new(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    pub(super) const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Writes the pages that are new among `told`, and takes note of all.
    pub(super) fn take(&mut self, told: &[Told]) -> io::Result<()> {
        for event in told {
            match &event.event {
                Some(Event::Progress(page)) => {
                    if let PageResult::Fetched(fetched) = &page.result {
                        self.page(page, fetched, event.position)?;
                    }
                }
                Some(Event::Skipped(skipped)) => self.duplicate(skipped),
                _ => {}
            }
            self.cursor.position = self.cursor.position.max(event.position);
        }
        Ok(())
    }

    fn page(&mut self, page: &Progress, fetched: &Fetched, position: Position) -> io::Result<()> {
        let Some(markdown) = &fetched.formats.markdown else {
            return Ok(());
        };
        let url = fetched.redirected_to.as_ref().unwrap_or(&page.url);
        let Some(path) = Url::parse(url).ok().and_then(|url| self.place(&url)) else {
            return Ok(());
        };
        self.by_url.insert(key(url), path.clone());
        self.by_url.insert(key(&page.url), path.clone());
        if position > self.cursor.position {
            self.write(&path, &markdown_file(page, fetched, markdown))?;
        }
        Ok(())
    }

    /// A URL that is another spelling of a page leads to the same file.
    fn duplicate(&mut self, skipped: &Skipped) {
        let original = skipped.duplicate_of.as_ref();
        if let Some(path) = original.and_then(|url| self.by_url.get(&key(url))) {
            let path = path.clone();
            self.by_url.insert(key(&skipped.url), path);
        }
    }

    /// The path of a page; another one if an earlier page has it.
    fn place(&mut self, url: &Url) -> Option<String> {
        let path = page_path(url)?;
        let page = key(url.as_str());
        match self.by_path.entry(xxh3_128(path.to_lowercase().as_bytes())) {
            Entry::Vacant(free) => {
                free.insert(page);
                Some(path)
            }
            Entry::Occupied(taken) if *taken.get() == page => Some(path),
            Entry::Occupied(_) => Some(other_path(&path, url)),
        }
    }

    /// Makes the links between the pages lead to their files.
    pub(super) fn finish(&self) -> io::Result<()> {
        let mut paths: Vec<&String> = self.by_url.values().collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let file = match fs::read_to_string(self.root.join(path)) {
                // Somebody has taken it away or written something else; it is theirs.
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) =>
                {
                    continue;
                }
                read => read?,
            };
            let Some((head, content)) = split(&file) else {
                continue;
            };
            let linked = relinked(content, path, |url| self.path_of(url));
            if linked != content {
                self.write(path, &format!("{head}{linked}"))?;
            }
        }
        Ok(())
    }

    /// Makes durable what was written: the whole file system at once, which is one call however many the pages are.
    pub(super) fn sync(&self) -> io::Result<()> {
        let root = fs::File::open(&self.root)?;
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&root)?;
        root.sync_all()
    }

    fn path_of(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        self.by_url.get(&key(url.as_str())).cloned()
    }

    /// Replaces a file: it is there whole, or not at all.
    fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let path = self.root.join(path);
        let draft = draft(&self.root);
        fs::write(&draft, text)?;
        let moved = match fs::rename(&draft, &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::rename(&draft, &path)
            }
            moved => moved,
        };
        moved.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}

/// Path at which a file of the directory is written before it takes its own name; no page has it.
fn draft(root: &Path) -> PathBuf {
    root.join(".crawlcast.draft")
}

fn key(url: &str) -> u128 {
    xxh3_128(identity(url).as_bytes())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn page(position: u64, url: &str, markdown: &str) -> Told {
        let event = json!({"type": "progress", "at": "2026-01-01T00:00:00Z", "url": url, "depth": 0, "referrer": null,
            "percent": 0,
            "counts": {"discovered": 0, "fetched": 0, "failed": 0, "skipped": 0, "queued": 0, "inFlight": 0},
            "result": {"outcome": "fetched", "status": 200, "bytes": 1, "elapsedMs": 1, "links": 1, "markdown": markdown}});
        let told = Told::new(
            Position(position),
            Bytes::from(serde_json::to_vec(&event).unwrap()),
        );
        assert!(told.event.is_some());
        told
    }

    fn content(root: &Path, path: &str) -> String {
        let file = fs::read_to_string(root.join(path)).unwrap();
        split(&file).unwrap().1.to_owned()
    }

    #[test]
    fn pages_link_to_each_other_in_both_directions() {
        let home = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(home.path(), None).unwrap();
        let events = [
            page(1, "https://a.example/", "[x](https://a.example/d/x.html#y)"),
            page(
                2,
                "https://a.example/d/x.html",
                "[home](https://a.example/)",
            ),
        ];
        tree.take(&events).unwrap();
        tree.finish().unwrap();
        assert_eq!(
            content(home.path(), "a.example/index.md"),
            "\n[x](d/x.md#y)\n"
        );
        assert_eq!(
            content(home.path(), "a.example/d/x.md"),
            "\n[home](../index.md)\n"
        );
    }

    #[test]
    fn two_pages_never_share_a_file() {
        let home = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(home.path(), None).unwrap();
        tree.take(&[
            page(1, "https://a.example/a", "one"),
            page(2, "https://a.example/A.html", "two"),
        ])
        .unwrap();
        assert_eq!(content(home.path(), "a.example/a.md"), "\none\n");
        let names: Vec<_> = fs::read_dir(home.path().join("a.example"))
            .unwrap()
            .collect();
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn a_page_behind_the_cursor_is_known_and_not_written_again() {
        let home = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(
            home.path(),
            Some(Cursor {
                position: Position(1),
                ..Cursor::default()
            }),
        )
        .unwrap();
        tree.take(&[
            page(1, "https://a.example/", "one"),
            page(2, "https://a.example/b", "[h](https://a.example/)"),
        ])
        .unwrap();
        tree.finish().unwrap();
        assert!(!home.path().join("a.example/index.md").exists());
        assert_eq!(content(home.path(), "a.example/b.md"), "\n[h](index.md)\n");
    }
}
