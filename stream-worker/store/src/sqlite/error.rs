//! Failures to open a database, and of its commands.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// A data directory or a database in it cannot be used. No such failure passes by itself.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the lock of the directory.
    #[error("another worker uses the data directory {}", .0.display())]
    Claimed(PathBuf),
    /// The directory cannot be made, read or written.
    #[error("the data directory {} cannot be used: {}", .0.display(), .1)]
    Directory(PathBuf, io::Error),
    /// A newer version of this program has changed the file.
    #[error("{} has schema version {found}; this worker knows versions up to {known}", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Migrations that the file has seen.
        found: usize,
        /// Migrations that this program knows.
        known: usize,
    },
    /// The file is not what was once written.
    #[error("{} is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
    /// SQLite could not open or prepare the file.
    #[error("{} cannot be opened: {}", .0.display(), .1)]
    Failed(PathBuf, String),
}

impl OpenError {
    pub(super) fn of(path: &std::path::Path, error: StoreError) -> Self {
        match error {
            StoreError::Damaged(what) => Self::Damaged(path.to_owned(), what),
            StoreError::Closed | StoreError::Failed(_) => {
                Self::Failed(path.to_owned(), error.to_string())
            }
        }
    }
}

/// A command was not carried out, and has changed nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database has been closed.
    #[error("the database is closed")]
    Closed,
    /// The file is not what was once written.
    #[error("{0}")]
    Damaged(String),
    /// The disk is full, or an input or output failed. A retry may succeed.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            // Another code is the store's trouble; none at all is a value of a type that was never written.
            Some(_) => Self::Failed(error.to_string()),
            None => Self::Damaged(error.to_string()),
        }
    }
}
