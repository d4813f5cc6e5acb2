//! One database: its writer and its readers.

use rusqlite::Connection;

use super::command::Transaction;
use super::readers::Readers;
use super::writer::Writer;
use super::{CommitObserver, DataDir, OpenError, Schema, StoreError};

/// Bytes that a command without large values writes, about.
const SMALL: usize = 1024;

/// An open database. Dropped without [`close`](Self::close), its thread still finishes what waits.
pub struct Database {
    writer: Writer,
    readers: Readers,
}

impl Database {
    /// Opens the file in `dir`, making it if there is none; `recover` sees it in one transaction before anybody else.
    ///
    /// # Errors
    /// [`OpenError`]: the file is damaged, newer than this program, or cannot be used.
    pub fn open(
        dir: &DataDir,
        schema: &Schema,
        observer: CommitObserver,
        recover: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Self, OpenError> {
        let path = dir.path().join(schema.file);
        let connection = schema.open(dir.path())?;
        let recovered = || -> Result<(), StoreError> {
            let transaction = connection.unchecked_transaction()?;
            recover(&transaction)?;
            Ok(transaction.commit()?)
        };
        recovered().map_err(|error| OpenError::of(&path, error))?;
        let readers = Readers::open(dir, schema)?;
        let writer = Writer::start(schema.file, connection, dir.clone(), observer)
            .map_err(|error| OpenError::Failed(path, error.to_string()))?;
        Ok(Self { writer, readers })
    }

    /// Makes a change: all of `work` or, if it answers an error, nothing. Answers once it is durable.
    ///
    /// # Errors
    /// The error of `work`; or that of a [`StoreError`], after which nothing has changed.
    ///
    /// # Cancel safety
    /// A dropped call may or may not make its change.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        self.writer.write(SMALL, work).await
    }

    /// As [`write`](Self::write), for a change that writes `bytes` bytes, about: they bound how many share a commit.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    pub async fn write_large<T, E, F>(&self, bytes: usize, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    {
        self.writer.write(SMALL + bytes, work).await
    }

    /// Reads what is durable now. All of `work` sees the same commits.
    ///
    /// # Errors
    /// The error of `work`, or that of a [`StoreError`].
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        self.readers.read(work).await
    }

    /// Finishes what waits, copies the log into the file and closes it. Every later call answers [`StoreError::Closed`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
