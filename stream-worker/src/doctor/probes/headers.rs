//! `headers`: what browsers and later proxies need of an answer's head arrives.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::doctor::caller::{Caller, Until};
use crate::doctor::exchange::{Answer, Exchange};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;

const PATIENCE: Duration = Duration::from_secs(10);

/// A stream and an answer of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) stream: Exchange,
    pub(crate) json: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let stream = caller.get("/v1/doctor/whole");
    Record {
        stream: stream.stream(PATIENCE, Until::FirstFrame).await,
        json: caller.get("/v1/doctor/echo").send().await,
    }
}

/// A header that must be there, words of its value, and the reason.
struct Needed {
    of_stream: bool,
    name: &'static str,
    words: &'static [&'static str],
    reason: &'static str,
}

/// `X-Accel-Buffering` is not among them: a proxy that obeys it may keep it.
const NEEDED: [Needed; 4] = [
    Needed {
        of_stream: true,
        name: "content-type",
        words: &["text/event-stream"],
        reason: "an EventSource takes nothing else",
    },
    Needed {
        of_stream: true,
        name: "cache-control",
        words: &["no-cache", "no-transform"],
        reason: "proxies further out may keep or compress the stream",
    },
    Needed {
        of_stream: false,
        name: "content-type",
        words: &["application/json"],
        reason: "clients read JSON by it",
    },
    Needed {
        of_stream: false,
        name: "cache-control",
        words: &["no-store"],
        reason: "proxies further out may keep what belongs to one caller",
    },
];

pub(crate) fn judge(record: &Record) -> Judgement {
    let (Some(stream), Some(json)) = (record.stream.good(), record.json.good()) else {
        let bad = if record.stream.good().is_some() {
            &record.json
        } else {
            &record.stream
        };
        return Judgement::unanswered("an answer", bad);
    };
    let missing: Vec<&Needed> = NEEDED
        .iter()
        .filter(|needed| !needed.is_met(if needed.of_stream { stream } else { json }))
        .collect();
    let Some(first) = missing.first() else {
        return Judgement::kept("content-type and cache-control arrive as they were sent");
    };
    let of = |needed: &Needed| {
        if needed.of_stream {
            "a stream"
        } else {
            "an answer"
        }
    };
    let told: Vec<String> = missing
        .iter()
        .map(|needed| {
            let answer = if needed.of_stream { stream } else { json };
            let instead = match answer.header(needed.name) {
                None => "is gone".to_owned(),
                Some(value) => format!("is `{value}`"),
            };
            format!(
                "{} of {} {instead}: {}",
                needed.name,
                of(needed),
                needed.reason
            )
        })
        .collect();
    let fault = Fault::HeaderGone(first.name);
    Judgement::broken(fault, told.join("; ")).kind(first.name)
}

impl Needed {
    fn is_met(&self, answer: &Answer) -> bool {
        let joined = answer
            .values(self.name)
            .collect::<Vec<_>>()
            .join(", ")
            .to_ascii_lowercase();
        self.words.iter().all(|word| joined.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, headers};
    use crate::doctor::judgement::Verdict;

    #[rstest]
    #[case("text/event-stream", "no-cache, no-transform", None)]
    #[case("text/event-stream; charset=utf-8", "no-transform,no-cache", None)]
    #[case("text/plain", "no-cache, no-transform", Some("content-type"))]
    #[case("text/event-stream", "max-age=60", Some("cache-control"))]
    #[case("text/event-stream", "no-cache", Some("cache-control"))]
    fn a_header_that_is_changed_is_named(
        #[case] media_type: &str,
        #[case] cache: &str,
        #[case] kind: Option<&str>,
    ) {
        let with = |media_type, cache| {
            answered(Answer {
                status: 200,
                headers: headers(&[("content-type", media_type), ("cache-control", cache)]),
                ..Answer::default()
            })
        };
        let record = Record {
            stream: with(media_type, cache),
            json: with("application/json", "no-store"),
        };
        let judged = judge(&record);
        assert_eq!(judged.kind.as_deref(), kind);
        let verdict = if kind.is_some() {
            Verdict::Broken
        } else {
            Verdict::Kept
        };
        assert_eq!(judged.verdict, verdict);
    }
}
