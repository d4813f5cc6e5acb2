//! The tables.

use crate::sqlite::Schema;

/// `state`: 0 ready, 1 delivered and hidden until `visible_at`, 2 given back and hidden until then.
/// `serial` counts every receive and release, so that a receipt names one delivery and no other, before or after.
pub(super) const SCHEMA: Schema = Schema {
    file: "queue.db",
    migrations: &["
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel BLOB NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            state INTEGER NOT NULL,
            visible_at INTEGER NOT NULL,
            serial INTEGER NOT NULL,
            receives INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX messages_by_tenant ON messages (state, tenant, id);
        CREATE INDEX messages_by_time ON messages (state, visible_at);
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY,
            channel BLOB NOT NULL,
            tenant TEXT NOT NULL,
            body BLOB NOT NULL,
            receives INTEGER NOT NULL,
            died_at INTEGER NOT NULL,
            reason TEXT NOT NULL
        );
    "],
};
