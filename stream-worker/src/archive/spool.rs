//! A directory of answers that wait to be archived, one file for each URL.
//!
//! A file is its head as one line of JSON, then the body. It gets its name when it is whole, so that a killed process leaves
//! nothing that is half an answer. A later answer to the same URL takes the place of the earlier one.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use shared::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

/// Bytes written to a file at a time.
const BUFFER: usize = 64 * 1024;

/// A directory of answers. Shared by the fetcher, which fills it, and by the archive, which empties it.
#[derive(Debug)]
pub(crate) struct Spool {
    directory: PathBuf,
    drafts: AtomicU64,
    /// The first failure to write: answers are missing from then on.
    failure: Mutex<Option<io::Error>>,
}

/// The head of an answer, with what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The URL that was asked for.
    pub(crate) url: String,
    /// Time at which the head arrived.
    pub(crate) at: Timestamp,
    /// Headers of the request, in order.
    pub(crate) request: Vec<(String, String)>,
    /// Status of the answer.
    pub(crate) status: u16,
    /// Headers of the answer, in order; what is no text is left out.
    pub(crate) headers: Vec<(String, String)>,
}

/// An answer that is being written. Dropped unfinished, it counts as cut.
pub(super) struct Draft {
    file: Option<BufWriter<File>>,
    path: PathBuf,
    target: PathBuf,
}

impl Spool {
    /// Uses `directory`, making it if there is none. Drafts of a killed process are removed.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn open(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "draft") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self {
            directory,
            drafts: AtomicU64::new(0),
            failure: Mutex::default(),
        })
    }

    /// Begins to keep an answer.
    pub(super) fn begin(&self, kept: &Kept) -> Option<Draft> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let path = self.directory.join(format!("{number}.draft"));
        let target = self.path_of(&kept.url);
        let made = (|| {
            let mut file = BufWriter::with_capacity(BUFFER, File::create(&path)?);
            serde_json::to_writer(&mut file, kept)?;
            file.write_all(b"\n")?;
            Ok(file)
        })();
        let file = self.noted(made)?;
        Some(Draft {
            file: Some(file),
            path,
            target,
        })
    }

    /// Appends a piece of the body. A draft that cannot be written any more is dropped, and the failure kept.
    pub(super) fn append(&self, draft: &mut Option<Draft>, piece: &[u8]) {
        let Some(file) = draft.as_mut().and_then(|draft| draft.file.as_mut()) else {
            return;
        };
        let written = file.write_all(piece);
        if self.noted(written).is_none() {
            *draft = None;
        }
    }

    /// Gives the answer its name: it is kept from now on.
    pub(super) fn finish(&self, mut draft: Draft) {
        let finished = (|| {
            if let Some(mut file) = draft.file.take() {
                file.flush()?;
                fs::rename(&draft.path, &draft.target)?;
            }
            Ok(())
        })();
        self.noted(finished);
    }

    fn noted<T>(&self, result: io::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.failure.lock().get_or_insert(error);
                None
            }
        }
    }

    /// The first failure to keep an answer, once.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.failure.lock().take()
    }

    /// The answer to `url`, if it is kept: its head, and its body to be read.
    ///
    /// # Errors
    /// The system's, or a head that cannot be read.
    pub(crate) fn find(&self, url: &str) -> io::Result<Option<(Kept, Vec<u8>)>> {
        let file = match File::open(self.path_of(url)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut file = BufReader::new(file);
        let mut head = String::new();
        file.read_line(&mut head)?;
        let kept = serde_json::from_str(&head)?;
        let mut body = Vec::new();
        file.read_to_end(&mut body)?;
        Ok(Some((kept, body)))
    }

    /// Forgets the answer to `url`: it is in the archive.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn remove(&self, url: &str) -> io::Result<()> {
        match fs::remove_file(self.path_of(url)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path_of(&self, url: &str) -> PathBuf {
        let name = format!("{:032x}", xxh3_128(url.as_bytes()));
        Path::new(&self.directory).join(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _left_behind = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(url: &str) -> Kept {
        Kept {
            url: url.to_owned(),
            at: Timestamp::from_millis(0),
            request: Vec::new(),
            status: 200,
            headers: vec![("etag".to_owned(), "\"1\"".to_owned())],
        }
    }

    #[test]
    fn an_answer_is_found_once_it_is_whole_and_until_it_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let spool = Spool::open(home.path().join("answers")).unwrap();
        let (url, head) = ("https://a.example/", kept("https://a.example/"));
        let mut draft = spool.begin(&head);
        spool.append(&mut draft, b"one ");
        assert_eq!(spool.find(url).unwrap(), None);
        spool.append(&mut draft, b"two");
        spool.finish(draft.unwrap());
        assert_eq!(spool.find(url).unwrap(), Some((head, b"one two".to_vec())));
        spool.remove(url).unwrap();
        assert_eq!(spool.find(url).unwrap(), None);
    }

    #[test]
    fn half_an_answer_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let spool = Spool::open(home.path().to_owned()).unwrap();
        drop(spool.begin(&kept("https://a.example/")));
        fs::write(home.path().join("7.draft"), b"killed").unwrap();
        let _again = Spool::open(home.path().to_owned()).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
