//! The file that says how far each output has come.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shared::Position;

/// A cursor: the place in the log up to which one output has the events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The last event that is in it.
    pub(super) position: Position,
    /// Length of the output in bytes with that event.
    pub(super) bytes: u64,
    /// Answers that came into an archive with the last events: if they are still in the spool, they are to be forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) archived: Vec<String>,
}

/// Cursors by the absolute path of their output, in a file of their own. It is replaced whole, never changed.
#[derive(Debug)]
pub(in crate::cli) struct Cursors {
    file: PathBuf,
    by_path: BTreeMap<PathBuf, Cursor>,
}

impl Cursors {
    /// Reads the file; there are none if it is not there.
    ///
    /// # Errors
    /// The system's, or that the file holds something else.
    pub(in crate::cli) fn open(file: PathBuf) -> io::Result<Self> {
        let by_path = match fs::read(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            read => serde_json::from_slice(&read?)?,
        };
        Ok(Self { file, by_path })
    }

    pub(super) fn of(&self, path: &Path) -> Option<Cursor> {
        self.by_path.get(&absolute(path)).cloned()
    }

    pub(super) fn set(&mut self, path: &Path, cursor: Cursor) {
        self.by_path.insert(absolute(path), cursor);
    }

    /// Makes the cursors durable. What they speak of must be so already.
    pub(super) fn save(&self) -> io::Result<()> {
        write_whole(&self.file, &serde_json::to_vec(&self.by_path)?)
    }
}

/// Replaces a file durably: it is the old or the new one, whatever happens.
pub(in crate::cli) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_no_directory| path.to_owned())
}
