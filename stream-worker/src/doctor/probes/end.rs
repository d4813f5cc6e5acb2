//! `end`: the end of a stream can be told from a cut.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::{End, Exchange};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;

/// Time for each stream, which takes less than a second.
const PATIENCE: Duration = Duration::from_secs(8);

/// A stream that ends, and one that breaks off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) whole: Exchange,
    pub(crate) cut: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let stream = |path| caller.get(path).stream(PATIENCE, Until::End);
    let (whole, cut) = tokio::join!(stream("/v1/doctor/whole"), stream("/v1/doctor/cut"));
    Record { whole, cut }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let Some(whole) = record.whole.good() else {
        return Judgement::unanswered("a stream", &record.whole);
    };
    let broken = |evidence| Judgement::broken(Fault::CutHidden, evidence);
    match whole.end {
        End::Cut => return broken("a stream that ended cleanly arrives as one that was cut"),
        End::Open => return broken("the end of a stream does not arrive"),
        End::Clean => {}
    }
    // Without a stream there is no end that could be taken for another.
    let Some(cut) = record.cut.good() else {
        return Judgement::kept("an end arrives as an end, and a cut as an error");
    };
    match cut.end {
        End::Cut => Judgement::kept("an end arrives as an end, and a cut as a cut"),
        End::Clean => broken(
            "a stream that broke off arrives as one that ended: clients that stop at an end miss the rest of a job",
        ),
        End::Open => {
            broken("a stream that broke off stays open: clients wait for events that never come")
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, status, stream};
    use crate::doctor::judgement::Verdict;

    fn ended(end: End) -> Exchange {
        answered(crate::doctor::exchange::Answer {
            end,
            ..stream(&[(0, 0)])
        })
    }

    #[rstest]
    #[case(ended(End::Clean), ended(End::Cut), Verdict::Kept)]
    #[case(ended(End::Clean), status(503), Verdict::Kept)]
    #[case(ended(End::Clean), ended(End::Clean), Verdict::Broken)]
    #[case(ended(End::Clean), ended(End::Open), Verdict::Broken)]
    #[case(ended(End::Cut), ended(End::Cut), Verdict::Broken)]
    #[case(status(503), ended(End::Cut), Verdict::Unknown)]
    fn the_two_must_differ(
        #[case] whole: Exchange,
        #[case] cut: Exchange,
        #[case] verdict: Verdict,
    ) {
        assert_eq!(judge(&Record { whole, cut }).verdict, verdict);
    }
}
