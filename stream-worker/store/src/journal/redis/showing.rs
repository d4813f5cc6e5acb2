//! Shows events to readers once replicas have them.
//!
//! Where replicas confirm changes, a step is written hidden: readers stop at the record's `shown`. It is shown by a second call, after
//! the replicas have the first. A worker that dies in between leaves hidden events, which the next attempt shows.

use shared::{ChannelId, EventId, Position};

use super::answer::Answer;
use super::inner::Inner;
use super::scripts::SHOW;
use crate::journal::{JournalError, Lease, Step};
use crate::redis::Request;

impl Inner {
    /// Shows the events of a step, once replicas have them. Does nothing where no confirmation is waited for.
    pub(super) async fn show_step(&self, held: &Lease, step: &Step) -> Result<(), JournalError> {
        let events = step.entries.len() as u64;
        if events == 0 || !self.server.is_confirmed() {
            return Ok(());
        }
        let last = EventId::new(held.attempt, Position(step.first.0 + events - 1));
        self.show(held.channel, last).await
    }

    /// Shows everything that has been written, once replicas have it.
    pub(super) async fn show_all(&self, channel: ChannelId) -> Result<(), JournalError> {
        let record = self.keys.topic(channel);
        let touched = self.showing(channel).bytes("touch");
        let touched = self.server.run_confirmed(&record, touched).await?;
        match head(touched)? {
            Some(head) => self.show(channel, head).await,
            None => Ok(()),
        }
    }

    async fn show(&self, channel: ChannelId, last: EventId) -> Result<(), JournalError> {
        let call = self.showing(channel).bytes("show").bytes(last.to_string());
        match head(self.server.run(call).await?)? {
            Some(_) => Ok(()),
            // The server was replaced by one that lacks it.
            None => Err(JournalError::Rewound),
        }
    }

    fn showing(&self, channel: ChannelId) -> Request {
        let keys = self.keys.channel(channel);
        self.call(&SHOW, &[&keys.record, &keys.log])
    }
}

/// The head in an answer; nothing where there is none.
fn head(reply: crate::redis::Reply) -> Result<Option<EventId>, JournalError> {
    let mut answer = Answer::of(reply)?;
    match answer.needed::<String>()?.as_str() {
        "ok" => Ok(Some(answer.needed()?)),
        _none => Ok(None),
    }
}
