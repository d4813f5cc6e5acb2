//! The tables of `journal.db`.

use crate::sqlite::Schema;

/// `events` and `pending` lie in the order of (channel, number): their row ID is both, see [`Key`](super::key::Key). So a
/// job's rows stand together, are found without an index beside them, and go in one sweep. A gist lies in a table of its own:
/// behind a frame in one row it would be reached through all pages of that frame.
pub(super) const SCHEMA: Schema = Schema {
    file: "journal.db",
    migrations: &[
        "
        CREATE TABLE channels (
            id INTEGER PRIMARY KEY,
            channel BLOB NOT NULL UNIQUE,
            phase INTEGER NOT NULL,
            since INTEGER NOT NULL,
            record TEXT NOT NULL,
            crc INTEGER NOT NULL
        );
        CREATE INDEX channels_by_phase ON channels (phase, since);
        CREATE TABLE jobs (
            channel INTEGER PRIMARY KEY,
            message BLOB NOT NULL,
            crc INTEGER NOT NULL
        );
        CREATE TABLE events (
            key INTEGER PRIMARY KEY,
            attempt INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            whole_crc INTEGER,
            frame BLOB NOT NULL,
            whole BLOB
        );
        CREATE TABLE pending (
            key INTEGER PRIMARY KEY,
            depth INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            url TEXT NOT NULL,
            referrer TEXT
        );
        CREATE TABLE probe (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            at INTEGER NOT NULL
        );
        INSERT INTO probe VALUES (1, 0);
    ",
        "
        CREATE TABLE webhooks (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL
        );
        CREATE INDEX webhooks_by_channel ON webhooks (channel);
    ",
        "
        ALTER TABLE channels ADD COLUMN tenant TEXT;
        UPDATE channels SET tenant = (
            SELECT json_extract(CAST(message AS TEXT), '$.tenant') FROM jobs
            WHERE jobs.channel = channels.id AND json_valid(CAST(message AS TEXT))
        );
        CREATE INDEX channels_by_tenant ON channels (tenant, id);
        CREATE TABLE usage (
            tenant TEXT NOT NULL,
            day INTEGER NOT NULL,
            jobs INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            PRIMARY KEY (tenant, day)
        ) WITHOUT ROWID;
    ",
        "
        ALTER TABLE probe ADD COLUMN ballast BLOB;
    ",
        "
        ALTER TABLE webhooks ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
        ALTER TABLE webhooks ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
        UPDATE webhooks SET tenant = coalesce((SELECT tenant FROM channels WHERE channels.id = webhooks.channel), '');
        CREATE INDEX webhooks_by_tenant ON webhooks (tenant, due);
    ",
        "
        CREATE TABLE gists (
            key INTEGER PRIMARY KEY,
            crc INTEGER NOT NULL,
            gist BLOB NOT NULL
        );
    ",
        "
        CREATE TABLE digests (
            key INTEGER PRIMARY KEY,
            attempt INTEGER NOT NULL,
            position INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            digest BLOB NOT NULL
        );
    ",
    ],
};
