//! Subscriptions, and what comes by them.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind, Value};

use super::heard::Inbox;
use super::{Heard, Line, LinkError, Message, Reply, Request};

/// Subscriptions that are made with one write after a reconnect.
const CHUNK: usize = 500;

/// The topics that a worker listens to, by sharded subscriptions of one connection.
#[derive(Debug)]
pub(super) struct Pushes {
    line: Line,
    listeners: Mutex<Listeners>,
}

#[derive(Debug, Default)]
struct Listeners {
    /// Topics that a new connection must subscribe to, each with the inbox of its listener.
    topics: HashMap<Bytes, Arc<Inbox>>,
    /// Inboxes of all listeners: each is told of a new connection.
    inboxes: Vec<Weak<Inbox>>,
}

/// A part of the worker that listens to topics of its own.
///
/// A message may be lost without a word: whoever listens must also look. What is sure is that at first, after a reconnect, and
/// whenever messages were too many, [`Heard::missed`] says so.
#[derive(Debug)]
pub struct Listener {
    pushes: Arc<Pushes>,
    inbox: Arc<Inbox>,
}

impl Listener {
    pub(super) fn of(pushes: &Arc<Pushes>) -> Self {
        let inbox = Arc::<Inbox>::default();
        // Nothing is known at first.
        inbox.miss();
        pushes.listeners.lock().inboxes.push(Arc::downgrade(&inbox));
        Self {
            pushes: pushes.clone(),
            inbox,
        }
    }

    /// Listens to a topic. Answers once the server has confirmed it: what is published from then on is heard. One that is
    /// listened to already is subscribed again, which mends what the server may have lost. A topic belongs to the listener
    /// that subscribed last.
    ///
    /// Calls about one topic must come one after the other.
    ///
    /// # Errors
    /// [`LinkError`]. The topic is listened to from the next connection on all the same, whose beginning is told by
    /// [`Heard::missed`].
    pub async fn subscribe(&self, topic: &Bytes) -> Result<(), LinkError> {
        self.want(topic);
        self.pushes.line.ask(&subscription(topic)).await.map(drop)
    }

    /// Listens to many topics, as [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub async fn subscribe_all(&self, topics: &[Bytes]) -> Result<(), LinkError> {
        for topic in topics {
            self.want(topic);
        }
        for chunk in topics.chunks(CHUNK) {
            let requests: Vec<Request> = chunk.iter().map(subscription).collect();
            for answer in self.pushes.line.ask_all(&requests).await? {
                answer?;
            }
        }
        Ok(())
    }

    /// Listens to a topic no longer. A message may still come.
    ///
    /// # Errors
    /// [`LinkError`]; the server forgets it with the connection at the latest.
    pub async fn unsubscribe(&self, topic: &Bytes) -> Result<(), LinkError> {
        self.pushes.listeners.lock().topics.remove(topic);
        let request = Request::command("SUNSUBSCRIBE").bytes(topic);
        self.pushes.line.ask(&request).await.map(drop)
    }

    /// Waits for messages, and takes all that have come. For one task.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn heard(&self) -> Heard {
        self.inbox.take().await
    }

    fn want(&self, topic: &Bytes) {
        let mut listeners = self.pushes.listeners.lock();
        listeners.topics.insert(topic.clone(), self.inbox.clone());
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listeners = self.pushes.listeners.lock();
        listeners
            .topics
            .retain(|_topic, inbox| !Arc::ptr_eq(inbox, &self.inbox));
        listeners
            .inboxes
            .retain(|inbox| !std::ptr::eq(inbox.as_ptr(), Arc::as_ptr(&self.inbox)));
    }
}

fn subscription(topic: &Bytes) -> Request {
    Request::command("SSUBSCRIBE").bytes(topic)
}

impl Pushes {
    pub(super) fn on(line: Line) -> Self {
        Self {
            line,
            listeners: Mutex::default(),
        }
    }

    pub(super) const fn line(&self) -> &Line {
        &self.line
    }

    /// Takes what the server has pushed. Never waits.
    pub(super) fn take(&self, info: PushInfo) {
        if info.kind != PushKind::SMessage {
            return;
        }
        let parts: Result<[Value; 2], _> = info.data.try_into();
        let Ok([topic, text]) = parts else {
            return;
        };
        if let (Ok(topic), Ok(text)) = (Reply(topic).bytes(), Reply(text).bytes()) {
            let inbox = self.listeners.lock().topics.get(&topic).cloned();
            if let Some(inbox) = inbox {
                inbox.put(Message { topic, text });
            }
        }
    }

    /// Has a new connection listen to all topics, then tells everybody that messages may have been missed.
    pub(super) async fn subscribe_anew(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> Result<(), LinkError> {
        let topics: Vec<Bytes> = self.listeners.lock().topics.keys().cloned().collect();
        for chunk in topics.chunks(CHUNK) {
            let mut pipeline = redis::Pipeline::with_capacity(chunk.len());
            for topic in chunk {
                pipeline.add_command(subscription(topic).command);
            }
            let answers = connection
                .send_packed_commands(&pipeline, 0, chunk.len())
                .await;
            answers
                .and_then(|answers| {
                    answers
                        .into_iter()
                        .try_for_each(|answer| answer.extract_error().map(drop))
                })
                .map_err(|error| LinkError::of(&error))?;
        }
        let inboxes: Vec<_> = self
            .listeners
            .lock()
            .inboxes
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for inbox in inboxes {
            inbox.miss();
        }
        Ok(())
    }
}
