//! `idleTimeout`: a silent stream is still there when its heartbeat is due.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;
use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::{Answer, End, Exchange};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Facts;

/// Time beyond the heartbeat.
const SLACK: Duration = Duration::from_secs(15);

/// A stream with one silence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) heartbeat_ms: u64,
    pub(crate) stream: Exchange,
}

pub(crate) async fn exchange(caller: &Caller, facts: &Facts) -> Record {
    let patience = Duration::from_millis(facts.heartbeat_ms) + SLACK;
    let stream = caller.get("/v1/doctor/silence");
    Record {
        heartbeat_ms: facts.heartbeat_ms,
        stream: stream.stream(patience, Until::End).await,
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let due = record.heartbeat_ms;
    let Some(answer) = record.stream.answer() else {
        return Judgement::unanswered("a silent stream", &record.stream);
    };
    let silent = answer
        .ended_ms
        .saturating_sub(last_sign(&record.stream, answer));
    if answer.status == 504 {
        let evidence = format!(
            "a silent stream is answered with {} after {}; its heartbeat is due after {}",
            answer.spelled_status(),
            seconds(silent),
            seconds(due)
        );
        return cut(evidence, silent);
    }
    if answer.status != 200 {
        return Judgement::unanswered("a silent stream", &record.stream);
    }
    // The second frame follows the heartbeat.
    if answer.frames.len() >= 2 {
        return Judgement::kept(format!(
            "a stream that was silent for {} stayed open",
            seconds(due)
        ))
        .measured("heartbeatMs", due);
    }
    match answer.end {
        End::Open => Judgement::unknown(
            "the silent stream stayed open, and neither heartbeat nor end arrived",
        ),
        End::Clean | End::Cut if answer.heartbeats_ms.is_empty() && silent < due => cut(
            format!(
                "a silent stream is cut after {}; its heartbeat is due after {}",
                seconds(silent),
                seconds(due)
            ),
            silent,
        ),
        End::Clean | End::Cut => {
            Judgement::unknown("the silent stream was cut, but not before its heartbeat was due")
        }
    }
}

fn cut(evidence: String, silent: u64) -> Judgement {
    Judgement::broken(Fault::IdleCut, evidence).measured("silentMs", silent)
}

fn last_sign(exchange: &Exchange, answer: &Answer) -> u64 {
    answer
        .frames
        .last()
        .map_or(exchange.sent_ms, |frame| frame.arrived_ms)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, stream};
    use crate::doctor::judgement::Verdict;

    #[rstest]
    #[case::stays(&[(0, 0), (20_250, 0)], &[20_000], 20_250, End::Clean, Verdict::Kept)]
    #[case::cut(&[(0, 0)], &[], 10_000, End::Cut, Verdict::Broken)]
    #[case::cut_that_looks_clean(&[(0, 0)], &[], 10_000, End::Clean, Verdict::Broken)]
    #[case::cut_later(&[(0, 0)], &[20_000], 20_100, End::Cut, Verdict::Unknown)]
    #[case::held_back(&[], &[], 35_000, End::Open, Verdict::Unknown)]
    fn a_cut_before_the_heartbeat_is_a_fault(
        #[case] frames: &[(u64, u64)],
        #[case] heartbeats: &[u64],
        #[case] ended_ms: u64,
        #[case] end: End,
        #[case] verdict: Verdict,
    ) {
        let answer = Answer {
            heartbeats_ms: heartbeats.to_vec(),
            ended_ms,
            end,
            ..stream(frames)
        };
        let record = Record {
            heartbeat_ms: 20_000,
            stream: answered(answer),
        };
        assert_eq!(judge(&record).verdict, verdict);
    }
}
