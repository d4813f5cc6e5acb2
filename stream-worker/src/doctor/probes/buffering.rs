//! `buffering`: frames arrive when the worker sends them.
//!
//! The worker writes small frames in a steady pace, one that is larger than buffers, and small ones again. Each tells when it was
//! sent, by a clock that pings set right. Small requests go the same way meanwhile: where they are slow as well, nothing is proven.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;
use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::{Answer, Exchange, Frame};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::{Judgement, Verdict};
use crate::doctor::wire::Arrived;

/// Time for the stream, which takes five seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// Time between two pings.
const PING: Duration = Duration::from_millis(400);
/// Lateness that is nobody's fault.
const GRACE_MS: u64 = 100;
/// Lateness that a busy machine does not explain.
const PROOF_MS: u64 = 700;
/// Streams that are tried before frames count as late.
const TRIES: usize = 2;

/// Streams, and the pings beside them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) tries: Vec<Try>,
}

/// One stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Try {
    pub(crate) stream: Exchange,
    pub(crate) pings: Vec<Ping>,
}

/// A small request beside the stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ping {
    pub(crate) sent_ms: u64,
    pub(crate) arrived_ms: u64,
    /// The worker's clock at the moment of its answer.
    pub(crate) worker_ms: u64,
    pub(crate) worker: String,
}

/// Reads the stream; once more if its frames are late, since a network may have hiccups.
pub(crate) async fn exchange(caller: &Caller) -> Record {
    let mut record = Record { tries: Vec::new() };
    while record.tries.len() < TRIES {
        record.tries.push(attempt(caller).await);
        if judge(&record).verdict == Verdict::Kept {
            break;
        }
    }
    record
}

async fn attempt(caller: &Caller) -> Try {
    let stream = caller
        .get("/v1/doctor/frames")
        .header("accept-encoding", "identity")
        .stream(PATIENCE, Until::End);
    let mut stream = std::pin::pin!(stream);
    let mut pings = Vec::new();
    loop {
        // A ping that is under way when the stream ends is given up: it says nothing about the frames.
        tokio::select! {
            stream = &mut stream => return Try { stream, pings },
            ping = ping(caller) => pings.extend(ping),
        }
    }
}

async fn ping(caller: &Caller) -> Option<Ping> {
    let asked = caller.get("/v1/doctor/echo").send().await;
    tokio::time::sleep(PING).await;
    let arrived: Arrived = asked.json()?;
    Some(Ping {
        sent_ms: asked.sent_ms,
        arrived_ms: asked.answer()?.ended_ms,
        worker_ms: arrived.clock_ms,
        worker: arrived.worker,
    })
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let judged = record.tries.iter().map(judge_try);
    // The best proves what is possible.
    judged
        .min_by_key(|judged| match judged.verdict {
            Verdict::Kept => 0,
            Verdict::Unknown => 1,
            Verdict::Broken => 2,
        })
        .unwrap_or_else(|| Judgement::unknown("it was not tried"))
}

fn judge_try(attempt: &Try) -> Judgement {
    let Some(answer) = attempt.stream.good() else {
        return Judgement::unanswered("the stream", &attempt.stream);
    };
    let [first, .., last] = answer.frames.as_slice() else {
        return Judgement::unknown(
            "the stream was cut before its frames came; see the other checks",
        );
    };
    let clock = Clock::of(&attempt.pings, first);
    let late: Vec<u64> = small_before_large(answer)
        .map(|frame| clock.late(frame))
        .collect();
    let (late, ping) = (
        median(late),
        median(attempt.pings.iter().map(Ping::took).collect()),
    );
    let measured = |judged: Judgement| {
        judged
            .measured("lateMs", late)
            .measured("pingMs", ping)
            .measured("frames", answer.frames.len())
    };
    if late <= GRACE_MS {
        return measured(Judgement::kept(format!(
            "frames arrive {late} ms after they were sent"
        )));
    }
    if late < PROOF_MS && late < ping * 3 {
        let evidence =
            format!("frames arrive {late} ms late, but small answers take {ping} ms as well");
        return measured(Judgement::unknown(evidence));
    }
    let released = clock.arrived(first);
    let large = answer.frames.iter().find(|frame| frame.large);
    let (kind, how) = if released + GRACE_MS >= last.sent_ms {
        ("untilEnd", "when the stream ends")
    } else if large.is_some_and(|large| released + GRACE_MS >= large.sent_ms) {
        ("bySize", "when a buffer is full or the stream ends")
    } else {
        ("byTime", "after a while")
    };
    let evidence = format!(
        "frames are held back and arrive {how}, {} late",
        seconds(late)
    );
    measured(Judgement::broken(Fault::Buffered, evidence).kind(kind))
}

/// The frames whose fate tells most: in them nothing is in the way but what holds them back.
fn small_before_large(answer: &Answer) -> impl Iterator<Item = &Frame> {
    answer.frames.iter().take_while(|frame| !frame.large)
}

/// The worker's clock, as it is seen from here.
struct Clock {
    /// Milliseconds that lead from a time here to the worker's.
    offset: i128,
}

impl Clock {
    /// By the ping that took the shortest, or else by the first frame, which then counts as in time.
    fn of(pings: &[Ping], first: &Frame) -> Self {
        let same = pings.iter().filter(|ping| ping.worker == first.worker);
        let offset = match same.min_by_key(|ping| ping.took()) {
            Some(ping) => {
                i128::from(ping.worker_ms) - i128::from(ping.sent_ms.midpoint(ping.arrived_ms))
            }
            None => i128::from(first.sent_ms) - i128::from(first.arrived_ms),
        };
        Self { offset }
    }

    fn arrived(&self, frame: &Frame) -> u64 {
        u64::try_from(i128::from(frame.arrived_ms) + self.offset).unwrap_or(0)
    }

    fn late(&self, frame: &Frame) -> u64 {
        self.arrived(frame).saturating_sub(frame.sent_ms)
    }
}

impl Ping {
    const fn took(&self) -> u64 {
        self.arrived_ms.saturating_sub(self.sent_ms)
    }
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, status, stream};

    /// Eight small frames, a large one, four small ones; each is late by what `late` says of its place and time.
    fn record(late: impl Fn(u64, u64) -> u64, ping: u64) -> Record {
        let times: Vec<u64> = (0..9)
            .map(|n| n * 300)
            .chain((0..4).map(|n| 3000 + n * 300))
            .collect();
        let frames: Vec<_> = times
            .iter()
            .zip(0..)
            .map(|(sent, n)| (*sent, late(n, *sent)))
            .collect();
        let mut answer = stream(&frames);
        answer.frames[8].large = true;
        let pings = (0..8).map(|n| Ping {
            sent_ms: n * 400,
            arrived_ms: n * 400 + ping,
            worker_ms: n * 400 + ping / 2,
            worker: "w".to_owned(),
        });
        Record {
            tries: vec![Try {
                stream: answered(answer),
                pings: pings.collect(),
            }],
        }
    }

    #[rstest]
    #[case::at_once(record(|_, _| 2, 2), Verdict::Kept, None)]
    #[case::one_hiccup(record(|n, _| if n == 3 { 900 } else { 2 }, 2), Verdict::Kept, None)]
    #[case::until_the_end(record(|_, sent| 3900 - sent, 2), Verdict::Broken, Some("untilEnd"))]
    #[case::by_size(record(|n, sent| if n < 8 { 2400 - sent } else { 2 }, 2), Verdict::Broken, Some("bySize"))]
    #[case::by_time(record(|_, _| 204, 2), Verdict::Broken, Some("byTime"))]
    #[case::a_busy_machine(record(|_, _| 204, 90), Verdict::Unknown, None)]
    #[case::late_beyond_doubt(record(|_, sent| 3900 - sent, 400), Verdict::Broken, Some("untilEnd"))]
    fn the_way_in_which_frames_are_late_tells_what_holds_them(
        #[case] record: Record,
        #[case] verdict: Verdict,
        #[case] kind: Option<&str>,
    ) {
        let judged = judge(&record);
        assert_eq!(
            (judged.verdict, judged.kind.as_deref()),
            (verdict, kind),
            "{judged:?}"
        );
    }

    #[test]
    fn a_second_stream_in_time_is_believed() {
        let mut twice = record(|_, _| 204, 2);
        twice.tries.extend(record(|_, _| 3, 2).tries);
        assert_eq!(judge(&twice).verdict, Verdict::Kept);
    }

    #[test]
    fn a_stream_that_did_not_come_proves_nothing() {
        let stream = status(502);
        let record = Record {
            tries: vec![Try {
                stream,
                pings: Vec::new(),
            }],
        };
        assert_eq!(judge(&record).verdict, Verdict::Unknown);
    }
}
