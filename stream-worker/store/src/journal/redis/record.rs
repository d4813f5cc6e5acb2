//! A channel's record, as the server keeps it in a hash.

use std::collections::HashMap;

use shared::{Attempt, Counts, EventId, HostRobots, JobState, RobotsState, Terminal, Timestamp};

use super::answer::Answer;
use super::spans::Spans;
use crate::journal::{CancelReason, Control, JournalError};

/// Stage of a channel's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A cancel, a pause or a watcher came, but the job has not come.
    Awaited,
    /// The job has begun and has not ended.
    Live,
    /// The job has ended.
    Ended(Terminal),
}

impl Stage {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "awaited" => Some(Self::Awaited),
            "live" => Some(Self::Live),
            ended => Terminal::of_event(ended).map(Self::Ended),
        }
    }

    pub(super) const fn has_ended(self) -> bool {
        matches!(self, Self::Ended(_))
    }

    pub(super) fn state(self, cancelled: bool) -> JobState {
        match (self, cancelled) {
            (Self::Awaited, _) => JobState::Queued,
            (Self::Live, false) => JobState::Running,
            (Self::Live, true) => JobState::Cancelling,
            (Self::Ended(outcome), _) => outcome.into(),
        }
    }
}

/// The name of a final state in a record.
pub(super) const fn outcome_name(outcome: Terminal) -> &'static str {
    match outcome {
        Terminal::Done => "done",
        Terminal::Cancelled => "cancelled",
        Terminal::Failed => "failed",
    }
}

/// Counters as a record has them: six numbers with spaces between.
pub(super) fn counts_text(counts: &Counts) -> String {
    let Counts {
        discovered,
        fetched,
        failed,
        skipped,
        queued,
        in_flight,
    } = counts;
    format!("{discovered} {fetched} {failed} {skipped} {queued} {in_flight}")
}

/// Reads counters; none were stored before the first step.
pub(super) fn parse_counts(text: Option<&str>) -> Option<Counts> {
    let Some(text) = text else {
        return Some(Counts::default());
    };
    let numbers: Vec<u64> = text
        .split(' ')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let [discovered, fetched, failed, skipped, queued, in_flight] = numbers.try_into().ok()?;
    Some(Counts {
        discovered,
        fetched,
        failed,
        skipped,
        queued,
        in_flight,
    })
}

/// A job's flags at one moment, with the server's time then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags {
    cancel: Option<CancelReason>,
    paused: bool,
    audience: Audience,
    /// Number of changes so far.
    pub(super) changes: u64,
    read_at: Timestamp,
}

/// Presence of watchers, on all workers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Never,
    Here,
    /// By the server's clock.
    GoneSince(Timestamp),
}

impl Flags {
    /// Reads the flags at the end of a script's answer.
    pub(super) fn read(answer: &mut Answer) -> Result<Self, JournalError> {
        let cancel = answer.text()?;
        let paused = answer.text()?;
        let gone = answer.parsed()?;
        Ok(Self {
            cancel: cancel.as_deref().and_then(parse_reason),
            paused: paused.as_deref() == Some("1"),
            audience: match gone {
                None => Audience::Never,
                Some(0) => Audience::Here,
                Some(since) => Audience::GoneSince(Timestamp::from_millis(since)),
            },
            changes: answer.parsed()?.unwrap_or(0),
            read_at: Timestamp::from_millis(answer.needed()?),
        })
    }

    /// The flags by this worker's clock, which says `now`. `reconnected` is when this worker came back to the server: before
    /// that nobody could tell it of watchers, so that their absence counts from then on.
    pub(super) fn control(&self, now: Timestamp, reconnected: Option<Timestamp>) -> Control {
        let since = match self.audience {
            Audience::Never | Audience::Here => None,
            Audience::GoneSince(since) => {
                let since = now.minus(self.read_at.since(since));
                Some(reconnected.map_or(since, |back| since.max(back)))
            }
        };
        Control {
            cancel: self.cancel,
            paused: self.paused,
            unwatched_since: since,
        }
    }
}

/// The name of a reason in a record.
pub(super) fn parse_reason(name: &str) -> Option<CancelReason> {
    [CancelReason::Requested, CancelReason::Unwatched]
        .into_iter()
        .find(|reason| reason.name() == name)
}

/// The fields of a record, read by name.
pub(super) struct Fields(HashMap<String, String>);

impl Fields {
    /// Reads names and values in turn.
    pub(super) fn read(answer: &mut Answer) -> Result<Self, JournalError> {
        let mut fields = HashMap::new();
        while let Some(name) = answer.next() {
            fields.insert(name.text()?.to_owned(), answer.needed()?);
        }
        Ok(Self(fields))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The number in a field; nothing if the field is absent.
    pub(super) fn number<T: std::str::FromStr>(
        &self,
        name: &str,
    ) -> Result<Option<T>, JournalError> {
        let parse = |text: &str| text.parse().map_err(|_error| damaged(name));
        self.text(name).map(parse).transpose()
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, JournalError> {
        Ok(self.number(name)?.map(Timestamp::from_millis))
    }

    /// The stage that readers know of: an end that is not shown yet has not come.
    pub(super) fn stage(&self) -> Result<Stage, JournalError> {
        let stage = self.text("stage").and_then(Stage::parse);
        let stage = stage.ok_or_else(|| damaged("stage"))?;
        let hidden = stage.has_ended() && self.text("shown").is_some();
        Ok(if hidden { Stage::Live } else { stage })
    }

    pub(super) fn ended_at(&self) -> Result<Option<Timestamp>, JournalError> {
        match self.stage()? {
            Stage::Ended(_) => self.time("ended"),
            Stage::Awaited | Stage::Live => Ok(None),
        }
    }

    pub(super) fn state(&self) -> Result<JobState, JournalError> {
        Ok(self.stage()?.state(self.text("cancel").is_some()))
    }

    pub(super) fn attempt(&self) -> Result<Attempt, JournalError> {
        Ok(Attempt(self.number("attempt")?.unwrap_or(0)))
    }

    /// The last event that readers may have.
    pub(super) fn shown(&self) -> Result<EventId, JournalError> {
        let shown = self.number("shown")?;
        Ok(shown.or(self.number("head")?).unwrap_or(EventId::START))
    }

    /// Results of reading robots.txt, by host.
    pub(super) fn robots(&self) -> Vec<HostRobots> {
        let mut robots: Vec<HostRobots> = self.0.iter().filter_map(host_robots).collect();
        robots.sort_unstable_by(|one, other| one.host.cmp(&other.host));
        robots
    }

    pub(super) fn counts(&self) -> Result<Counts, JournalError> {
        parse_counts(self.text("counts")).ok_or_else(|| damaged("counts"))
    }
}

/// Begin of the names of fields that each tell of one host's robots.txt; the host follows.
const ROBOTS: &str = "r:";

/// A host's robots.txt as a record has it: a field's name, and its state and the time of the reading.
pub(super) fn robots_field(robots: &HostRobots) -> (String, String) {
    let name = format!("{ROBOTS}{}", robots.host);
    let value = format!("{} {}", robots.state.name(), robots.read_at.millis());
    (name, value)
}

/// Reads such a field; nothing if it tells something else, or a state that only a newer worker knows.
fn host_robots((name, value): (&String, &String)) -> Option<HostRobots> {
    let (state, read_at) = value.split_once(' ')?;
    Some(HostRobots {
        host: name.strip_prefix(ROBOTS)?.to_owned(),
        state: RobotsState::parse(state)?,
        read_at: Timestamp::from_millis(read_at.parse().ok()?),
    })
}

/// The part of a record that reading the log needs.
#[derive(Debug)]
pub(super) struct LogState {
    pub(super) stage: Stage,
    /// The last event.
    pub(super) head: EventId,
    /// The last event that readers may have: the head, or what replicas have confirmed.
    pub(super) shown: EventId,
    pub(super) spans: Spans,
}

impl LogState {
    /// The record's fields that are asked for, in this order.
    pub(super) const FIELDS: [&'static str; 4] = ["stage", "head", "spans", "shown"];

    /// Reads them; nothing if there is no record.
    pub(super) fn read(answer: &mut Answer) -> Result<Option<Self>, JournalError> {
        let Some(stage) = answer.text()? else {
            return Ok(None);
        };
        let head = answer.parsed()?.unwrap_or(EventId::START);
        let spans = answer.text()?.unwrap_or_default();
        Ok(Some(Self {
            stage: Stage::parse(&stage).ok_or_else(|| damaged("stage"))?,
            head,
            shown: answer.parsed()?.unwrap_or(head),
            spans: Spans::parse(&spans).ok_or_else(|| damaged("spans"))?,
        }))
    }

    /// True if readers may have the terminal event.
    pub(super) fn has_ended(&self) -> bool {
        self.stage.has_ended() && self.shown == self.head
    }
}

fn damaged(field: &str) -> JournalError {
    JournalError::Damaged(format!("the field {field} of a record"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_read_back_as_written() {
        let counts = Counts {
            discovered: 21,
            fetched: 1,
            failed: 2,
            skipped: 3,
            queued: 7,
            in_flight: 8,
        };
        assert_eq!(parse_counts(Some(&counts_text(&counts))), Some(counts));
        assert_eq!(parse_counts(Some("1 2 3")), None);
        assert_eq!(parse_counts(None), Some(Counts::default()));
    }

    #[test]
    fn an_absence_is_told_by_the_workers_clock_and_never_counts_an_outage() {
        let time = Timestamp::from_millis;
        let flags = Flags {
            cancel: None,
            paused: false,
            audience: Audience::GoneSince(time(1_000)),
            changes: 1,
            read_at: time(5_000),
        };
        let since = |reconnected| flags.control(time(70_000), reconnected).unwatched_since;
        assert_eq!(since(None), Some(time(66_000)));
        assert_eq!(since(Some(time(60_000))), Some(time(66_000)));
        assert_eq!(since(Some(time(69_000))), Some(time(69_000)));
    }
}
