//! The suite against a real server, and what only this queue has.

mod faults;
mod model;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use e2e::RedisServer;

use super::{RedisQueue, RedisQueueConfig};
use crate::queue::suite::world::{LONG_POLL, MAX_RECEIVES, VISIBILITY};
use crate::queue::suite::{World, behaviours_of_every_queue, behaviours_of_exact_queues};
use crate::redis::{RedisLink, Refusal, Request, Terms};
use crate::time_under_test::Time;

const CONFIG: RedisQueueConfig = RedisQueueConfig {
    visibility: VISIBILITY,
    max_receives: MAX_RECEIVES,
    long_poll: LONG_POLL,
    volatile: false,
};

/// The server's time, as its scripts see it.
struct ScriptsTime(Arc<RedisLink>);

#[async_trait]
impl Time for ScriptsTime {
    async fn pass(&self, span: Duration) {
        self.0.pass(span);
    }
}

fn link(server: &RedisServer) -> Arc<RedisLink> {
    Arc::new(RedisLink::open(server.url().parse().unwrap(), "test:"))
}

async fn open(link: &Arc<RedisLink>, config: RedisQueueConfig) -> Result<RedisQueue, Refusal> {
    let terms = Terms {
        volatile: true,
        replicas: 0,
    };
    RedisQueue::open(link.clone(), &link.examine(terms).await?, config)
}

/// A queue on `server` as a worker has it.
async fn world_on(server: &RedisServer) -> World {
    world_with(server, CONFIG).await
}

async fn world_with(server: &RedisServer, config: RedisQueueConfig) -> World {
    let link = link(server);
    World {
        queue: Arc::new(open(&link, config).await.unwrap()),
        time: Arc::new(ScriptsTime(link)),
        _keep: Box::new(()),
    }
}

async fn world() -> World {
    let server = RedisServer::start().await;
    let world = world_on(&server).await;
    World {
        _keep: Box::new(server),
        ..world
    }
}

behaviours_of_every_queue!(world, ());
behaviours_of_exact_queues!(world, ());

#[tokio::test]
async fn a_server_that_may_lose_acknowledged_messages_is_refused_unless_that_is_allowed() {
    let server = RedisServer::start_with(&[]).await;
    let link = link(&server);
    let refused = open(&link, CONFIG).await.err().unwrap();
    assert!(matches!(refused, Refusal::Forgets(_)), "{refused}");
    let volatile = RedisQueueConfig {
        volatile: true,
        ..CONFIG
    };
    assert!(open(&link, volatile).await.is_ok());
}

#[tokio::test]
async fn dead_letters_keep_their_reason_and_the_oldest_go_first() {
    let server = RedisServer::start_with(&[("appendonly", "yes")]).await;
    let world = world_on(&server).await;
    for number in 0..=1000 {
        world.submit("t", &format!("m{number}")).await;
        let delivery = world.receive_one().await;
        world
            .queue
            .dead_letter(&delivery, "it\u{a0}is no job")
            .await
            .unwrap();
    }
    assert_eq!(world.depth().await, (0, 0, 1000));
    let oldest = Request::command("XRANGE")
        .bytes("test:cc1:{queue}:dead")
        .bytes("-")
        .bytes("+");
    let oldest = link(&server)
        .reads()
        .ask(&oldest.bytes("COUNT").number(1))
        .await
        .unwrap();
    let [oldest] = oldest.parts().unwrap();
    let [_id, fields] = oldest.parts().unwrap();
    let fields = fields.list().unwrap();
    let text = |name| {
        let at = fields
            .iter()
            .position(|field| field.text() == Ok(name))
            .unwrap();
        fields[at + 1].text().unwrap()
    };
    assert_eq!(
        (text("body"), text("reason"), text("tenant")),
        ("m1", "it\u{a0}is no job", "t")
    );
}

#[tokio::test]
async fn a_queue_that_was_emptied_leaves_nothing_but_its_counters() {
    let server = RedisServer::start().await;
    let world = world_on(&server).await;
    for text in ["1", "2", "3"] {
        world.submit("t", text).await;
    }
    for delivery in world.receive(3).await {
        world.queue.ack(&delivery.receipt).await.unwrap();
    }
    assert_eq!(server.command("DBSIZE").await, ":2", "turn and last");
}
