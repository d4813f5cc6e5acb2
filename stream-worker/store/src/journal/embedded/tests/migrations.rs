//! Files that an earlier version wrote.

use rusqlite::Connection;
use shared::{ChannelId, Timestamp};

use crate::journal::embedded::claims::Claims;
use crate::journal::embedded::outbox;
use crate::journal::embedded::schema::SCHEMA;

/// A file with the tables that it had when so many migrations were known.
fn file_of_version(version: usize) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection, 0..version);
    connection
}

fn migrate(connection: &Connection, versions: std::ops::Range<usize>) {
    for statements in &SCHEMA.migrations[versions] {
        connection.execute_batch(statements).unwrap();
    }
}

#[test]
fn a_webhook_that_was_pending_before_claims_can_be_claimed() {
    let channel = ChannelId::mint();
    let connection = file_of_version(4);
    connection
        .execute(
            "INSERT INTO channels (id, channel, phase, since, record, crc, tenant) VALUES (7, ?1, 1, 0, '', 0, 'a')",
            [channel.as_bytes()],
        )
        .unwrap();
    connection
        .execute("INSERT INTO webhooks (channel) VALUES (7)", [])
        .unwrap();

    migrate(&connection, 4..SCHEMA.migrations.len());

    let (claims, now) = (Claims::default(), Timestamp::from_millis(1));
    assert_eq!(outbox::tenants(&connection, &claims, now).unwrap(), ["a"]);
    let claimed = outbox::claim(&connection, &claims, "a", 10, now).unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].channel, channel);
}
