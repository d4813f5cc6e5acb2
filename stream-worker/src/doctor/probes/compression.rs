//! `compression`: a stream is not compressed, although the client could read it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;

const PATIENCE: Duration = Duration::from_secs(10);

/// `Accept-Encoding` as browsers send it.
const OFFERED: &str = "gzip, deflate, br, zstd";

/// A short stream for a client that reads every encoding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) stream: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let stream = caller
        .get("/v1/doctor/whole")
        .header("accept-encoding", OFFERED);
    Record {
        stream: stream.stream(PATIENCE, Until::End).await,
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let Some(answer) = record.stream.good() else {
        return Judgement::unanswered("the stream", &record.stream);
    };
    let encoding = answer
        .header("content-encoding")
        .filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    match encoding {
        None => Judgement::kept("streams arrive as they were written"),
        Some(encoding) => Judgement::broken(
            Fault::Compressed,
            format!("a stream arrives as {encoding}, although it says no-transform: events wait in the compressor"),
        )
        .kind(encoding.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::Answer;
    use crate::doctor::exchange::recorded::{answered, headers, status};
    use crate::doctor::judgement::Verdict;

    #[test]
    fn an_encoding_is_a_fault_of_its_name() {
        let encoded = |pairs| Record {
            stream: answered(Answer {
                status: 200,
                headers: headers(pairs),
                ..Answer::default()
            }),
        };
        assert_eq!(judge(&encoded(&[])).verdict, Verdict::Kept);
        let judged = judge(&encoded(&[("content-encoding", "gzip")]));
        assert_eq!(
            (judged.verdict, judged.kind.as_deref()),
            (Verdict::Broken, Some("gzip"))
        );
        let away = Record {
            stream: status(503),
        };
        assert_eq!(judge(&away).verdict, Verdict::Unknown);
    }
}
