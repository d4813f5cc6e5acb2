//! `clock`: told, not judged. Tokens expire by the worker's clock.

use serde::{Deserialize, Serialize};
use shared::Timestamp;

use super::seconds;
use crate::doctor::exchange::Exchange;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Facts;

/// Difference that is told as one.
const TOLD_MS: u64 = 5_000;

/// The worker's facts, and the time here when they came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) facts: Exchange,
    pub(crate) now: Timestamp,
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let (Some(answer), Some(facts)) = (record.facts.good(), record.facts.json::<Facts>()) else {
        return Judgement::unanswered("the clock", &record.facts);
    };
    let half_way = answer.ended_ms.saturating_sub(record.facts.sent_ms) / 2;
    let here = record.now.millis().saturating_sub_unsigned(half_way);
    let ahead = facts.now.millis().saturating_sub(here);
    let apart = ahead.unsigned_abs();
    let evidence = match apart > TOLD_MS {
        false => format!("the clocks are {} apart", seconds(apart)),
        true if ahead > 0 => format!(
            "the worker's clock is {} ahead: set the time on either side",
            seconds(apart)
        ),
        true => format!(
            "the worker's clock is {} behind: set the time on either side",
            seconds(apart)
        ),
    };
    Judgement::kept(evidence).measured("aheadMs", ahead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::recorded::json;
    use crate::doctor::wire::SERVICE;

    #[test]
    fn a_clock_that_differs_is_told_with_its_direction() {
        let told = |worker, here| {
            let facts = Facts {
                service: SERVICE.to_owned(),
                version: String::new(),
                worker: String::new(),
                now: Timestamp::from_millis(worker),
                clock_ms: 0,
                heartbeat_ms: 0,
                lifetime_ms: 0,
                idle_timeout_ms: 0,
            };
            judge(&Record {
                facts: json(&facts),
                now: Timestamp::from_millis(here),
            })
            .evidence
        };
        assert!(told(90_000, 90_100).contains("0.1 s apart"));
        assert!(told(90_000, 30_000).contains("60.0 s ahead"));
        assert!(told(30_000, 90_000).contains("60.0 s behind"));
    }
}
