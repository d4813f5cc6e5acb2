//! The size of a database's write-ahead log.
//!
//! SQLite reuses the log's file and never cuts it by itself: after a burst it would keep its largest size for as long as the
//! process runs. It is cut back when nothing has been written for a while.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use super::schema::BUSY_TIMEOUT;

/// A log of so many bytes may stay: what a quiet store writes in some minutes.
const KEPT_BYTES: u64 = 4 * 1024 * 1024;

/// Time without a command after which the log is cut. Copying it takes up to a second, which delays whoever writes then.
pub(super) const QUIET: Duration = if cfg!(test) {
    Duration::from_millis(20)
} else {
    Duration::from_secs(5)
};

/// The log beside one database file.
pub(super) struct WriteAheadLog(Option<PathBuf>);

impl WriteAheadLog {
    /// The log of the database that `connection` has open.
    pub(super) fn of(connection: &Connection) -> Self {
        Self(
            connection
                .path()
                .map(|file| PathBuf::from(format!("{file}-wal"))),
        )
    }

    /// True if the log has more bytes than a quiet store should keep.
    pub(super) fn is_large(&self) -> bool {
        let size = self.0.as_ref().and_then(|path| fs::metadata(path).ok());
        size.is_some_and(|size| size.len() > KEPT_BYTES)
    }

    /// Copies the log into the database and cuts its file to nothing, unless somebody reads from it now: then the next quiet moment
    /// will do.
    pub(super) fn cut(&self, connection: &Connection) {
        let cut = || -> rusqlite::Result<bool> {
            // A reader is not waited for: commands may come meanwhile.
            connection.busy_timeout(Duration::ZERO)?;
            let busy: i64 =
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        };
        match cut() {
            Ok(cut) => tracing::debug!(cut, "a quiet database copied its log"),
            Err(error) => tracing::debug!(%error, "a log could not be cut back now"),
        }
        if let Err(error) = connection.busy_timeout(BUSY_TIMEOUT) {
            tracing::error!(%error, "a database no longer waits for locks");
        }
    }
}
