//! `httpVersion`: told, not judged. A browser opens six connections to a host over HTTP/1.1.

use serde::{Deserialize, Serialize};

use crate::doctor::exchange::Exchange;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Arrived;

/// Any answer that tells how its request arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) echo: Exchange,
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let (Some(answer), Some(arrived)) = (record.echo.good(), record.echo.json::<Arrived>()) else {
        return Judgement::unanswered("the protocol", &record.echo);
    };
    let (first, last) = (answer.version.as_str(), arrived.http_version.as_str());
    let evidence = match first {
        "HTTP/2.0" | "HTTP/3.0" => {
            format!("{first} here, {last} at the worker: any number of streams")
        }
        "" => format!("{last} at the worker"),
        _ => format!(
            "{first} here, {last} at the worker: a browser opens six streams to this host, over all its tabs"
        ),
    };
    Judgement::kept(evidence)
        .measured("here", first)
        .measured("atTheWorker", last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::Answer;
    use crate::doctor::exchange::recorded::answered;

    #[test]
    fn six_streams_are_told_where_they_are_all() {
        let judged = |version: &str| {
            let arrived = Arrived {
                http_version: "HTTP/1.1".to_owned(),
                ..Arrived::default()
            };
            judge(&Record {
                echo: answered(Answer {
                    status: 200,
                    version: version.to_owned(),
                    body: serde_json::to_string(&arrived).unwrap(),
                    ..Answer::default()
                }),
            })
        };
        assert!(judged("HTTP/1.1").evidence.contains("six streams"));
        assert!(!judged("HTTP/2.0").evidence.contains("six streams"));
    }
}
