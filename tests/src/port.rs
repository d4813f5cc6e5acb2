//! Ports that stay a test's own while its worker is down.

use std::net::TcpListener;

use uuid::Uuid;

/// Below the range that the kernel hands out: no stranger's outgoing connection takes a port between two lives of a worker.
const LOWEST: u16 = 12_000;
const COUNT: u16 = 20_000;

/// A port of 127.0.0.1 that nobody listens on.
///
/// # Panics
/// If a thousand ports in a row are taken.
#[must_use]
pub fn free_port() -> u16 {
    (0..1000)
        .map(|_| LOWEST + Uuid::new_v4().as_fields().1 % COUNT)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("some port of 127.0.0.1 is free")
}
