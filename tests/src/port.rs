//! Ports that stay a test's own while its worker is down.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::LazyLock;

use parking_lot::Mutex;
use uuid::Uuid;

/// Below the range that the kernel hands out: no stranger's outgoing connection takes a port between two lives of a worker.
const LOWEST: u16 = 12_000;
const COUNT: u16 = 20_000;
/// Tests that run at once have so many ports each, if their runner numbers them.
const SHARE: u16 = 1_000;

/// Ports that this process has handed out. None is handed out twice: whoever has one may be about to listen on it.
static HANDED_OUT: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// A port of 127.0.0.1 that nobody listens on.
///
/// # Panics
/// If a thousand ports in a row are taken.
#[must_use]
pub fn free_port() -> u16 {
    let (lowest, count) = of_this_test();
    (0..1000)
        .map(|_| lowest + Uuid::new_v4().as_fields().1 % count)
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .find(|port| HANDED_OUT.lock().insert(*port))
        .expect("some port of 127.0.0.1 is free")
}

/// The first port of this test and their number: by the number that nextest gives to each of the tests that run at once.
#[expect(
    clippy::disallowed_methods,
    reason = "the test runner says so in the environment"
)]
fn of_this_test() -> (u16, u16) {
    let slot = std::env::var("NEXTEST_TEST_GLOBAL_SLOT");
    match slot.ok().and_then(|slot| slot.parse::<u16>().ok()) {
        Some(slot) => (LOWEST + slot % (COUNT / SHARE) * SHARE, SHARE),
        None => (LOWEST, COUNT),
    }
}
