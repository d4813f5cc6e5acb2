//! Creates, migrates and opens database files.
//!
//! A new file is built under another name and takes its own only when it is whole. So an empty or half-made file under the
//! right name was once more than that, and is reported as damage instead of being filled anew.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{OpenError, StoreError};

/// A database's file and tables.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The file's name in the data directory.
    pub file: &'static str,
    /// The statements that lead from each version to the next, from the empty file on. The file's `user_version` counts
    /// those that it has seen.
    pub migrations: &'static [&'static str],
}

/// Time for which a connection waits for a lock. Only a checkpoint or a person with the `sqlite3` tool holds one.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Distinct statements that a connection keeps prepared: more than any part has.
const PREPARED_STATEMENTS: usize = 64;

/// Pages after which the log is copied into the file: 64 MB. The setting that matters most: at SQLite's default of 1,000
/// the same pages are copied again and again, at a fourth of the speed.
const CHECKPOINT_PAGES: u32 = 16_384;

impl Schema {
    /// Opens the writing connection, making the file or bringing it up to date first.
    pub(super) fn open(&self, dir: &Path) -> Result<Connection, OpenError> {
        let path = dir.join(self.file);
        if !path
            .try_exists()
            .map_err(|error| OpenError::Directory(dir.to_owned(), error))?
        {
            self.create(dir, &path)?;
        }
        let connection = self
            .connect(&path)
            .map_err(|error| OpenError::of(&path, error))?;
        if version(&connection, &path)? == 0 {
            let empty = "it is empty, which it never was".to_owned();
            return Err(OpenError::Damaged(path, empty));
        }
        self.migrate(&connection, &path)?;
        Ok(connection)
    }

    fn create(&self, dir: &Path, path: &Path) -> Result<(), OpenError> {
        let failed = |error| OpenError::Directory(dir.to_owned(), error);
        let unfinished = dir.join(format!("{}.new", self.file));
        for leftover in [".new", ".new-journal", "-wal", "-shm"] {
            remove(&dir.join(format!("{}{leftover}", self.file))).map_err(failed)?;
        }
        let connection = Connection::open(&unfinished)
            .and_then(|connection| {
                // Must come before the first table.
                connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
                Ok(connection)
            })
            .map_err(|error| OpenError::of(&unfinished, error.into()))?;
        self.migrate(&connection, &unfinished)?;
        connection
            .close()
            .map_err(|(_connection, error)| OpenError::of(&unfinished, error.into()))?;
        fs::rename(&unfinished, path).map_err(failed)?;
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(failed)
    }

    fn connect(&self, path: &Path) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreError::Failed(format!(
                "it cannot have a write-ahead log here (journal mode {mode})"
            )));
        }
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", bytes_of(CHECKPOINT_PAGES))?;
        connection.pragma_update(None, "cache_size", -2_048)?;
        Ok(connection)
    }

    fn migrate(&self, connection: &Connection, path: &Path) -> Result<(), OpenError> {
        let seen = version(connection, path)?;
        let Some(missing) = self.migrations.get(seen..) else {
            return Err(OpenError::Newer {
                path: path.to_owned(),
                found: seen,
                known: self.migrations.len(),
            });
        };
        for (version, statements) in (seen + 1..).zip(missing) {
            let whole =
                format!("BEGIN IMMEDIATE; {statements}; PRAGMA user_version = {version}; COMMIT;");
            connection
                .execute_batch(&whole)
                .map_err(|error| OpenError::of(path, error.into()))?;
        }
        Ok(())
    }

    /// Opens a connection that can only read.
    pub(super) fn open_reader(&self, dir: &Path) -> Result<Connection, OpenError> {
        let path = dir.join(self.file);
        let open = || -> Result<Connection, StoreError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
            Ok(connection)
        };
        open().map_err(|error| OpenError::of(&path, error))
    }
}

/// Number of migrations that a file has seen.
fn version(connection: &Connection, path: &Path) -> Result<usize, OpenError> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| OpenError::of(path, error.into()))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// The bytes of so many pages, which have 4 KiB each.
const fn bytes_of(pages: u32) -> i64 {
    pages as i64 * 4096
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
