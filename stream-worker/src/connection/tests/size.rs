//! The memory of a watcher that waits.

use bytes::Bytes;
use futures_util::FutureExt;
use shared::EventId;
use tokio::net::{TcpListener, TcpStream};

use super::world::World;
use crate::connection::opening::Welcome;
use crate::connection::{Delimiter, socket};

/// Bytes of the future that is spawned at most. The runtime adds 112, and tasks are multiples of 128: it fits into 384.
const MOST: usize = 272;

#[tokio::test]
async fn a_watcher_that_waits_is_small() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (client, accepted) = tokio::join!(client, listener.accept());
    let welcome = Welcome {
        greeting: Bytes::from_static(b"greeting"),
        subscription: world.watcher(EventId::START).await,
    };
    // As large as a place among the sockets.
    let place = [0_usize; 3];
    let stream = socket::run(
        accepted.unwrap().0,
        b"head",
        Delimiter::LastChunk,
        welcome,
        place,
    );
    // As it is spawned: with what becomes of the socket afterwards.
    let stream = stream.map(|_left| ());
    let size = size_of_val(&stream);
    drop(client);
    assert!(size <= MOST, "{size} bytes");
}
