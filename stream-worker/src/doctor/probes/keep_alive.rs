//! `keepAlive`: the proxy does not use connections again that the worker is about to close.
//!
//! Whoever sends requests must be the one that closes: a request on a connection that the other side has just closed fails, and
//! only now and then. Requests that are held at the same time open several connections; after most of the worker's idle time-out,
//! as many follow, and the worker tells for how long the connection of each had idled.

use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::seconds;
use crate::doctor::caller::Caller;
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::{Facts, Held};

/// Connections that are opened, and asked for again. The second are more: other probes have left connections as well.
const CONNECTIONS: (usize, usize) = (8, 16);
/// Share of the idle time-out, in percent, after which a proxy must not use a connection again. The rest is for clocks and networks.
const WAIT: u64 = 90;
/// Share that tells a connection that idled all the while from one that was used in between.
const IDLED: u64 = 80;

/// Requests, after most of the worker's idle time-out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) idle_timeout_ms: u64,
    pub(crate) later: Vec<Exchange>,
}

/// Takes nine tenths of the worker's idle time-out.
pub(crate) async fn exchange(caller: &Caller, facts: &Facts) -> Record {
    let held = |number| join_all((0..number).map(|_| caller.get("/v1/doctor/hold").send()));
    let (first, second) = CONNECTIONS;
    held(first).await;
    let wait = Duration::from_millis(facts.idle_timeout_ms * WAIT / 100);
    tokio::time::sleep(wait).await;
    Record {
        idle_timeout_ms: facts.idle_timeout_ms,
        later: held(second).await,
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let limit = record.idle_timeout_ms;
    let held: Vec<Held> = record.later.iter().filter_map(Exchange::json).collect();
    if held.is_empty() {
        return Judgement::unknown("no request was answered after a pause");
    }
    let longest = held.iter().filter_map(|held| held.idled_ms).max();
    match longest {
        Some(idled) if idled >= limit * IDLED / 100 => {
            let evidence = format!(
                "a connection to the worker is used again after {}; the worker closes it after {}, and a request that meets that \
                 moment fails",
                seconds(idled),
                seconds(limit)
            );
            Judgement::broken(Fault::KeptTooLong, evidence)
                .measured("idledMs", idled)
                .measured("workerClosesMs", limit)
        }
        _ => Judgement::kept(format!(
            "no connection to the worker is used again that has idled for {}",
            seconds(limit * WAIT / 100)
        ))
        .measured("workerClosesMs", limit),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{json, status};
    use crate::doctor::judgement::Verdict;

    #[rstest]
    #[case(&[None, None], Verdict::Kept)]
    #[case(&[None, Some(20_000)], Verdict::Kept)]
    #[case(&[None, Some(67_000)], Verdict::Broken)]
    fn a_connection_that_is_about_to_close_is_not_used_again(
        #[case] idled: &[Option<u64>],
        #[case] verdict: Verdict,
    ) {
        let held = |idled_ms: &Option<u64>| {
            json(&Held {
                worker: "w".to_owned(),
                idled_ms: *idled_ms,
            })
        };
        let record = Record {
            idle_timeout_ms: 75_000,
            later: idled.iter().map(held).collect(),
        };
        assert_eq!(judge(&record).verdict, verdict);
    }

    #[test]
    fn without_an_answer_nothing_is_proven() {
        let record = Record {
            idle_timeout_ms: 75_000,
            later: vec![status(502)],
        };
        assert_eq!(judge(&record).verdict, Verdict::Unknown);
    }
}
