//! `lifetime`: a stream may live as long as the worker lets it.
//!
//! Two streams begin one after the other. Where both are cut at the same age, there is a limit; where both are cut at the same
//! moment, something was restarted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;
use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::{End, Exchange};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Facts;

/// Time beyond the lifetime.
const SLACK: Duration = Duration::from_secs(30);
/// The second stream begins after this share of the lifetime, or after [`LONGEST_WAIT`].
const SHARE: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Ages that differ by less are the same.
const SAME_MS: u64 = 700;

/// Two streams.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) lifetime_ms: u64,
    pub(crate) streams: Vec<Exchange>,
}

/// Takes a little more than the lifetime of a connection: ten minutes by default.
pub(crate) async fn exchange(caller: &Caller, facts: &Facts) -> Record {
    let lifetime = Duration::from_millis(facts.lifetime_ms);
    let stream = || {
        let asked = caller.get("/v1/doctor/lifetime");
        asked.stream(lifetime + SLACK, Until::End)
    };
    let second = async {
        tokio::time::sleep((lifetime / SHARE).min(LONGEST_WAIT)).await;
        stream().await
    };
    let (first, second) = tokio::join!(stream(), second);
    Record {
        lifetime_ms: facts.lifetime_ms,
        streams: vec![first, second],
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let mut ages = Vec::new();
    for stream in &record.streams {
        let Some(answer) = stream.good() else {
            return Judgement::unanswered("a long stream", stream);
        };
        let is_whole = answer.frames.len() >= 2;
        if is_whole {
            return Judgement::kept(format!(
                "a stream lived for {}",
                seconds(record.lifetime_ms)
            ));
        }
        if answer.end == End::Open {
            return Judgement::unknown("a long stream neither ended nor was cut");
        }
        ages.push(answer.ended_ms.saturating_sub(stream.sent_ms));
    }
    match ages.as_slice() {
        [first, second] if first.abs_diff(*second) <= SAME_MS => {
            let evidence = format!(
                "two streams were cut at the same age, {}; the worker lets them live for {}",
                seconds(*first),
                seconds(record.lifetime_ms)
            );
            Judgement::broken(Fault::AgeCut, evidence).measured("ageMs", *first)
        }
        _ => Judgement::unknown(
            "streams were cut, but not at the same age: something was restarted, or the network failed",
        ),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, stream};
    use crate::doctor::judgement::Verdict;

    #[rstest]
    #[case::both_live([(2, 600_000), (2, 615_000)], Verdict::Kept)]
    #[case::at_the_same_age([(1, 60_000), (1, 75_010)], Verdict::Broken)]
    #[case::at_the_same_moment([(1, 60_000), (1, 60_010)], Verdict::Unknown)]
    #[case::one_is_cut([(1, 60_000), (2, 615_000)], Verdict::Kept)]
    fn a_limit_is_an_age_and_not_a_moment(
        #[case] seen: [(usize, u64); 2],
        #[case] verdict: Verdict,
    ) {
        let began = [0, 15_000];
        let streams = seen.iter().zip(began).map(|((frames, ended_ms), sent_ms)| {
            let mut exchange = answered(crate::doctor::exchange::Answer {
                ended_ms: *ended_ms,
                end: End::Cut,
                ..stream(&vec![(0, 0); *frames])
            });
            exchange.sent_ms = sent_ms;
            exchange
        });
        let record = Record {
            lifetime_ms: 600_000,
            streams: streams.collect(),
        };
        assert_eq!(judge(&record).verdict, verdict);
    }
}
