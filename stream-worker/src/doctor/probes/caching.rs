//! `caching`: nothing is answered from a cache.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::nonce;
use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Once;

const PATIENCE: Duration = Duration::from_secs(10);

/// One address asked twice, and one stream read twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) answers: [Exchange; 2],
    pub(crate) streams: [Exchange; 2],
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let path = format!("/v1/doctor/once/{}", nonce());
    let answers = async {
        [
            caller.get(&path).send().await,
            caller.get(&path).send().await,
        ]
    };
    let stream = || caller.get("/v1/doctor/whole").stream(PATIENCE, Until::End);
    let streams = async { [stream().await, stream().await] };
    let (answers, streams) = tokio::join!(answers, streams);
    Record { answers, streams }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let [first, second] = &record.answers;
    let (Some(one), Some(other)) = (first.json::<Once>(), second.json::<Once>()) else {
        let bad = if first.json::<Once>().is_some() {
            second
        } else {
            first
        };
        return Judgement::unanswered("an answer", bad);
    };
    let streams = record.streams.each_ref().map(|stream| {
        let frame = stream.good()?.frames.first()?;
        Some((frame.worker.clone(), frame.sent_ms))
    });
    let what = match streams {
        [Some(one), Some(other)] if one == other => Some("a stream"),
        _ if one == other => Some("an answer that says no-store"),
        _ => None,
    };
    match what {
        None => Judgement::kept("every answer is the worker's own"),
        Some(what) => Judgement::broken(
            Fault::Cached,
            format!(
                "{what} is served again from a cache: callers see what is over, or what belongs to others"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::recorded::{answered, json, stream};
    use crate::doctor::judgement::Verdict;

    #[test]
    fn the_same_answer_twice_comes_from_a_cache() {
        let once = |answer: &str| {
            json(&Once {
                answer: answer.to_owned(),
            })
        };
        let judged = |second: &str, sent| {
            let streams = [answered(stream(&[(5, 0)])), answered(stream(&[(sent, 0)]))];
            let answers = [once("a"), once(second)];
            judge(&Record { answers, streams }).verdict
        };
        assert_eq!(judged("b", 900), Verdict::Kept);
        assert_eq!(judged("a", 900), Verdict::Broken);
        assert_eq!(judged("b", 5), Verdict::Broken);
    }
}
