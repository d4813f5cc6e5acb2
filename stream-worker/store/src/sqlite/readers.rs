//! The connections that read a database beside its writer.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{DataDir, OpenError, Schema, StoreError};

/// Connections that read: few, since each has its own page cache and nearly every read is over in a millisecond.
const READERS: u32 = 4;

pub(super) struct Readers {
    /// One for each connection; whoever comes when all are out waits in line.
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn open(dir: &DataDir, schema: &Schema) -> Result<Self, OpenError> {
        let connections: Result<Vec<_>, _> = (0..READERS)
            .map(|_| schema.open_reader(dir.path()))
            .collect();
        Ok(Self {
            permits: Arc::new(Semaphore::new(READERS as usize)),
            idle: Arc::new(Mutex::new(connections?)),
        })
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let Ok(permit) = self.permits.clone().acquire_owned().await else {
            return Err(StoreError::Closed.into());
        };
        let idle = self.idle.clone();
        let read = tokio::task::spawn_blocking(move || {
            // Dropped after the connection is back, so that the next permit finds one.
            let _permit = permit;
            let lent = Lent::take(idle).ok_or(StoreError::Closed)?;
            // One transaction, so that all its statements see the same commits.
            let snapshot = lent
                .connection()
                .unchecked_transaction()
                .map_err(StoreError::from)?;
            work(&snapshot)
        });
        match read.await {
            Ok(result) => result,
            Err(_panicked) => Err(StoreError::Failed("the read has panicked".into()).into()),
        }
    }

    /// Waits for reads under way and closes the connections.
    pub(super) async fn close(&self) {
        if let Ok(_all) = self.permits.acquire_many(READERS).await {
            self.permits.close();
        }
        self.idle.lock().clear();
    }
}

/// A connection that comes back when dropped.
struct Lent {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Lent {
    fn take(idle: Arc<Mutex<Vec<Connection>>>) -> Option<Self> {
        let connection = idle.lock().pop()?;
        Some(Self {
            connection: Some(connection),
            idle,
        })
    }

    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("present until the drop")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.idle.lock().extend(self.connection.take());
    }
}
