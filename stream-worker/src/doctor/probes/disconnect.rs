//! `disconnect`: the worker notices that a client has left.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{nonce, seconds};
use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::{Departed, Departure};

/// Time for the first frame; without one the stream is left all the same.
const FIRST_FRAME: Duration = Duration::from_secs(3);
/// Time in which the worker must have noticed.
const NOTICED_MS: u64 = 5_000;
/// Time after which it is no longer asked.
const ASKED_MS: u64 = NOTICED_MS + 1_500;
/// Time between two questions.
const PAUSE: Duration = Duration::from_millis(250);

/// A stream that was left, and what the worker knew of it afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) left_ms: u64,
    pub(crate) answers: Vec<Exchange>,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let nonce = nonce();
    let stream = caller.get(&format!("/v1/doctor/leave/{nonce}"));
    stream.stream(FIRST_FRAME, Until::FirstFrame).await;
    let mut record = Record {
        left_ms: caller.now_ms(),
        answers: Vec::new(),
    };
    let path = format!("/v1/doctor/left/{nonce}");
    loop {
        record.answers.push(caller.get(&path).send().await);
        let noticed = record
            .answers
            .iter()
            .any(|answer| state(answer) == Some(Departure::Left));
        if noticed || caller.now_ms() > record.left_ms + ASKED_MS {
            return record;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn state(answer: &Exchange) -> Option<Departure> {
    answer.json::<Departed>().map(|departed| departed.state)
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let after = |answer: &Exchange| answer.sent_ms.saturating_sub(record.left_ms);
    let is = |wanted| move |answer: &&Exchange| state(answer) == Some(wanted);
    if let Some(noticed) = record.answers.iter().find(is(Departure::Left)) {
        let after = after(noticed);
        return Judgement::kept(format!(
            "the worker noticed a client's leaving within {}",
            seconds(after)
        ))
        .measured("noticedMs", after);
    }
    let last_open = record
        .answers
        .iter()
        .filter(is(Departure::Open))
        .map(after)
        .max();
    match last_open {
        Some(open) if open >= NOTICED_MS => Judgement::broken(
            Fault::LeavingHidden,
            format!(
                "the worker still writes to a client that left {} ago: jobs that nobody watches run on, and places stay taken",
                seconds(open)
            ),
        )
        .measured("openMs", open),
        Some(_) => Judgement::unknown("the worker could not be asked long enough about a stream that was left"),
        None => Judgement::unknown("the worker that was asked does not know the stream: there are several, or it never arrived"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::json;
    use crate::doctor::judgement::Verdict;

    #[rstest]
    #[case(&[(0, Departure::Open), (300, Departure::Left)], Verdict::Kept)]
    #[case(&[(0, Departure::Open), (6_400, Departure::Open)], Verdict::Broken)]
    #[case(&[(0, Departure::Open), (400, Departure::Open)], Verdict::Unknown)]
    #[case(&[(0, Departure::Unknown), (6_400, Departure::Unknown)], Verdict::Unknown)]
    fn a_worker_that_writes_on_has_not_noticed(
        #[case] seen: &[(u64, Departure)],
        #[case] verdict: Verdict,
    ) {
        let answer = |(sent_ms, state): &(u64, Departure)| {
            let mut exchange = json(&Departed {
                worker: "w".to_owned(),
                state: *state,
            });
            exchange.sent_ms = *sent_ms;
            exchange
        };
        let record = Record {
            left_ms: 0,
            answers: seen.iter().map(answer).collect(),
        };
        assert_eq!(judge(&record).verdict, verdict);
    }
}
