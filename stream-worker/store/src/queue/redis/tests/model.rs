//! The scripts against a model of the queue: random histories, every answer and every count compared.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use e2e::RedisServer;
use fastrand::Rng;
use shared::ChannelId;
use tokio_util::sync::CancellationToken;

use super::{CONFIG, RedisQueueConfig, link, open};
use crate::queue::suite::world::{MAX_RECEIVES, is_stale};
use crate::queue::{Delivery, JobQueue, NewMessage, Receipt};
use crate::redis::RedisLink;

const HISTORIES: u64 = 20;
const STEPS: usize = 300;
/// Hours for which a received message is hidden. The server's own clock goes on by seconds while a history runs: nobody can
/// mistake them for hours.
const HIDDEN: u64 = 10;
const TENANTS: [&str; 4] = ["a", "a!", "ab", "tenant with a space"];

const fn hours(span: u64) -> Duration {
    Duration::from_secs(span * 3600)
}

/// One message, as it should be.
#[derive(Debug)]
struct Expected {
    tenant: &'static str,
    body: Bytes,
    receives: u32,
    receipt: Option<Receipt>,
    /// Hour from which on it can be received.
    visible: u64,
}

/// The queue, as it should be: messages by the order of their submission, and the time in hours.
#[derive(Debug, Default)]
struct Model {
    messages: BTreeMap<u64, Expected>,
    channels: BTreeMap<u64, ChannelId>,
    turn: String,
    dead: u64,
    now: u64,
    submitted: u64,
}

impl Model {
    /// Number of the next message in turn: the oldest of the first tenant behind the one that was served last.
    fn next(&self, except: &[String]) -> Option<u64> {
        let ready = || {
            let ready = self
                .messages
                .iter()
                .filter(|(_, message)| message.visible <= self.now);
            ready.filter(|(_, message)| !except.iter().any(|tenant| tenant == message.tenant))
        };
        let behind = ready().filter(|(_, message)| *message.tenant > *self.turn);
        let tenant = behind.map(|(_, message)| message.tenant).min();
        let tenant = tenant.or_else(|| ready().map(|(_, message)| message.tenant).min())?;
        let mut of_tenant = ready().filter(|(_, message)| message.tenant == tenant);
        of_tenant.next().map(|(number, _)| *number)
    }

    /// Receives `most` messages at most; answers their numbers.
    fn receive(&mut self, most: usize, except: &[String]) -> Vec<u64> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(number) = self.next(except)
        {
            let message = self.messages.get_mut(&number).unwrap();
            self.turn = message.tenant.to_owned();
            if message.receives == MAX_RECEIVES {
                self.messages.remove(&number);
                self.dead += 1;
            } else {
                message.receives += 1;
                message.visible = self.now + HIDDEN;
                taken.push(number);
            }
        }
        taken
    }

    fn depth(&self) -> (u64, u64, u64, u64) {
        let waits = self
            .messages
            .values()
            .filter(|message| message.visible <= self.now);
        let oldest = waits
            .clone()
            .map(|message| self.now - message.visible)
            .max();
        let ready = waits.count() as u64;
        (
            ready,
            self.messages.len() as u64 - ready,
            self.dead,
            oldest.unwrap_or(0),
        )
    }
}

/// One history on one queue.
struct History<'a> {
    queue: Box<dyn JobQueue>,
    link: &'a RedisLink,
    model: Model,
    random: Rng,
    /// All receipts that were ever given, by their messages.
    receipts: Vec<(u64, Delivery)>,
}

impl History<'_> {
    async fn step(&mut self) {
        match self.random.u8(..12) {
            0..3 => self.submit().await,
            3..6 => self.receive().await,
            6..8 => self.pass(),
            8 => self.extend().await,
            9 => self.ack().await,
            10 => self.release().await,
            _ => self.replace().await,
        }
    }

    async fn submit(&mut self) {
        let number = self.model.submitted;
        self.model.submitted += 1;
        let message = NewMessage {
            channel: ChannelId::mint(),
            tenant: self.random.choice(TENANTS).unwrap().into(),
            body: Bytes::from(format!("message {number}\r\n\0")),
        };
        self.queue.submit(message.clone()).await.unwrap();
        let tenant = TENANTS
            .into_iter()
            .find(|tenant| *tenant == message.tenant)
            .unwrap();
        self.model.channels.insert(number, message.channel);
        let expected = Expected {
            tenant,
            body: message.body.clone(),
            receives: 0,
            receipt: None,
            visible: self.model.now,
        };
        self.model.messages.insert(number, expected);
        // Once more changes nothing.
        self.queue.submit(message).await.unwrap();
    }

    async fn receive(&mut self) {
        let most = self.random.usize(1..5);
        let except: Vec<String> = TENANTS
            .iter()
            .filter(|_| self.random.u8(..5) == 0)
            .map(|tenant| (*tenant).to_owned())
            .collect();
        let stop = CancellationToken::new();
        let received = self.queue.receive(most, &except, &stop).await.unwrap();
        let expected = self.model.receive(most, &except);
        assert_eq!(received.len(), expected.len(), "{:?}", self.model);
        for (delivery, number) in received.into_iter().zip(expected) {
            let message = self.model.messages.get_mut(&number).unwrap();
            assert_eq!(
                (&delivery.body, delivery.receive_count),
                (&message.body, message.receives)
            );
            message.receipt = Some(delivery.receipt.clone());
            self.receipts.push((number, delivery));
        }
    }

    fn pass(&mut self) {
        let span = self.random.u64(0..HIDDEN);
        self.link.pass(hours(span));
        self.model.now += span;
    }

    /// One of the receipts, and its message if it is held by it.
    fn receipt(&mut self) -> Option<(Delivery, Option<u64>)> {
        let (number, delivery) = self.random.choice(&self.receipts)?.clone();
        let message = self.model.messages.get(&number);
        let held =
            message.is_some_and(|message| message.receipt.as_ref() == Some(&delivery.receipt));
        Some((delivery, held.then_some(number)))
    }

    async fn extend(&mut self) {
        let Some((delivery, held)) = self.receipt() else {
            return;
        };
        let span = self.random.u64(0..2 * HIDDEN);
        let done = self.queue.extend(&delivery.receipt, hours(span)).await;
        assert_eq!(is_stale(&done), held.is_none());
        if let Some(message) = held.and_then(|number| self.model.messages.get_mut(&number)) {
            message.visible = self.model.now + span;
        }
    }

    async fn ack(&mut self) {
        let Some((delivery, held)) = self.receipt() else {
            return;
        };
        let buried = self.random.bool();
        let done = if buried {
            self.queue.dead_letter(&delivery, "no").await
        } else {
            self.queue.ack(&delivery.receipt).await
        };
        assert_eq!(is_stale(&done), held.is_none());
        if let Some(number) = held {
            self.model.messages.remove(&number);
            self.model.dead += u64::from(buried);
        }
    }

    async fn release(&mut self) {
        let Some((delivery, held)) = self.receipt() else {
            return;
        };
        let span = self.random.u64(0..2 * HIDDEN);
        let done = self.queue.release(&delivery.receipt, hours(span)).await;
        assert_eq!(is_stale(&done), held.is_none());
        if let Some(message) = held.and_then(|number| self.model.messages.get_mut(&number)) {
            message.visible = self.model.now + span;
            message.receipt = None;
        }
    }

    async fn replace(&mut self) {
        let Some((delivery, held)) = self.receipt() else {
            return;
        };
        let number = self
            .receipts
            .iter()
            .find(|(_, other)| other.receipt == delivery.receipt)
            .unwrap()
            .0;
        let message = NewMessage {
            channel: self.model.channels[&number],
            tenant: "t".into(),
            body: Bytes::from_static(b"instead"),
        };
        let done = self
            .queue
            .resubmit(&delivery.receipt, message.clone())
            .await;
        assert_eq!(is_stale(&done), held.is_none());
        if let Some(expected) = held.and_then(|number| self.model.messages.get_mut(&number)) {
            expected.visible = self.model.now;
            expected.receives = 0;
            expected.receipt = None;
            expected.body = message.body;
        }
    }

    async fn compare(&self) {
        let depth = self.queue.depth().await.unwrap();
        let oldest = depth.oldest.unwrap().as_secs() / 3600;
        let found = (depth.ready, depth.hidden, depth.dead, oldest);
        assert_eq!(found, self.model.depth(), "{:?}", self.model);
    }
}

#[tokio::test]
async fn random_histories_go_as_the_model_says() {
    let server = RedisServer::start_with(&[("appendonly", "yes"), ("appendfsync", "no")]).await;
    for seed in 0..HISTORIES {
        server.command("FLUSHALL").await;
        let link = link(&server);
        let config = RedisQueueConfig {
            visibility: hours(HIDDEN),
            long_poll: Duration::ZERO,
            volatile: true,
            ..CONFIG
        };
        let mut history = History {
            queue: Box::new(open(&link, config).await.unwrap()),
            link: &link,
            model: Model::default(),
            random: Rng::with_seed(seed),
            receipts: Vec::new(),
        };
        for _ in 0..STEPS {
            history.step().await;
            history.compare().await;
        }
    }
}
