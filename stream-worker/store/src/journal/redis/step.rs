//! Writes a step: the only change of a job's events, pending URLs and counters.

use std::sync::Arc;
use std::time::Instant;

use shared::{ChannelId, EventId, Frame, Position};

use super::answer::Answer;
use super::bodies::{Kept, NewRow, NewRows};
use super::expiry::{self, millis};
use super::inner::Inner;
use super::observer::RedisMeasurement;
use super::pending;
use super::record::{counts_text, outcome_name, parse_counts, robots_field};
use super::scripts::{COMMIT, END};
use crate::journal::{Advance, JournalError, Lease, Room, Step};
use crate::redis::Request;

impl Inner {
    pub(super) async fn commit(
        self: &Arc<Self>,
        held: &Lease,
        step: Step,
    ) -> Result<(), JournalError> {
        let rows = self.pack(held, &step).await?;
        let writing = self.writing(held, &step, rows);
        let record = self.keys.topic(held.channel);
        let began = Instant::now();
        let written = self.server.run_confirmed(&record, writing).await;
        (self.observer)(RedisMeasurement::Commit {
            elapsed: began.elapsed(),
            durable: written.is_ok(),
        });
        let mut answer = Answer::of(written?)?;
        match answer.needed::<String>()?.as_str() {
            "ok" => self.show_step(held, &step).await?,
            "rewound" => return Err(JournalError::Rewound),
            // The writer looks if what the log has there are its own bytes.
            "echo" => match self.show_step(held, &step).await {
                Ok(()) | Err(JournalError::Rewound) => return Err(JournalError::LeaseLost),
                Err(other) => return Err(other),
            },
            _lost => {
                self.held.drop(held);
                return Err(JournalError::LeaseLost);
            }
        }
        let changes = answer.parsed()?.unwrap_or(0);
        let before = parse_counts(answer.text()?.as_deref()).unwrap_or_default();
        self.count_pages(
            held.channel,
            step.counts.fetched.saturating_sub(before.fetched),
        );
        self.held.grow(held, answer.needed()?, step.tells_cut);
        self.hear_changes(held.channel, changes);
        if step.outcome.is_some() {
            self.held.drop(held);
        }
        self.hand_over(held, &step);
        Ok(())
    }

    /// The room that a log has, which is that of the server's memory.
    pub(super) fn room(&self, held: &Lease) -> Room {
        let taken = self.held.taken(held);
        if self.bodies.is_some() || taken.bytes <= self.config.job_bytes {
            return Room::Enough;
        }
        Room::Used {
            told: taken.tells_cut,
        }
    }

    fn writing(&self, held: &Lease, step: &Step, rows: NewRows) -> Request {
        let keys = self.keys.channel(held.channel);
        let script = if step.outcome.is_some() {
            &END
        } else {
            &COMMIT
        };
        let call = self
            .call(
                script,
                &[
                    &keys.record,
                    &keys.log,
                    &keys.whole,
                    &keys.todo,
                    &keys.job,
                    &keys.here,
                ],
            )
            .number(held.attempt.0)
            .number(step.first.0)
            .number(step.entries.len() as u64)
            .bytes(counts_text(&step.counts))
            .bytes(step.outcome.map_or("", outcome_name))
            .number(millis(expiry::LIVE))
            .number(millis(self.config.retention))
            .number(u8::from(step.tells_cut))
            .number(u8::from(!self.server.is_confirmed()));
        with_urls(with_rows(call, rows), step)
    }

    /// Tells this worker's followers at once, if they know everything before this step. Otherwise the log is read for them: then
    /// the event that they know last is proved as well.
    fn hand_over(self: &Arc<Self>, held: &Lease, step: &Step) {
        let frames = frames(held, step);
        let Some(head) = frames.last().map(|last| last.id) else {
            return;
        };
        let channel = held.channel;
        let last = match step.first.0 - 1 {
            0 => EventId::START,
            before => EventId::new(held.attempt, Position(before)),
        };
        if !self.followers.begin_after(channel, last) {
            self.stir(channel);
            return;
        }
        let advance = Advance {
            head,
            ended: step.outcome.is_some(),
            frames,
            parted: None,
        };
        self.followers.advance(channel, &advance);
        self.end_pump(channel);
    }

    /// Reads the flags if this count of their changes is news to the attempt that runs here.
    pub(super) fn hear_changes(self: &Arc<Self>, channel: ChannelId, changes: u64) {
        if self.held.flags_changed(channel, changes) {
            self.stir_flags(channel);
        }
    }
}

fn frames(held: &Lease, step: &Step) -> Vec<Frame> {
    let entries = (step.first.0..).zip(&step.entries);
    entries
        .map(|(position, entry)| Frame {
            id: EventId::new(held.attempt, Position(position)),
            bytes: entry.frame.clone(),
        })
        .collect()
}

fn with_rows(mut call: Request, rows: NewRows) -> Request {
    let NewRows { blocks, wholes } = rows;
    for rows in [blocks, wholes] {
        call = call.number(rows.len() as u64);
        for NewRow {
            last, kept, gist, ..
        } in rows
        {
            call = match kept {
                Kept::Here(block) => call.number(last.0).bytes("z").bytes(block),
                Kept::Away(place) => call.number(last.0).bytes("b").bytes(place.to_string()),
            };
            call = call.bytes(gist.unwrap_or_default());
        }
    }
    call
}

fn with_urls(mut call: Request, step: &Step) -> Request {
    // In order: a stream takes no entry below its last one.
    let mut discovered: Vec<_> = step.discovered.iter().collect();
    discovered.sort_unstable_by_key(|pending| pending.ordinal);
    call = call.number(discovered.len() as u64);
    for pending in discovered {
        call = call
            .number(pending.ordinal.0)
            .bytes(pending::encode(pending));
    }
    call = call.number(step.completed.len() as u64);
    for ordinal in &step.completed {
        call = call.number(ordinal.0);
    }
    call = call.number(step.robots.len() as u64);
    for robots in &step.robots {
        let (name, value) = robots_field(robots);
        call = call.bytes(name).bytes(value);
    }
    call
}
