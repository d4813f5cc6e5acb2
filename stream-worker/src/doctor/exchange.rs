//! One request and what came back, as plain data. Times are milliseconds since the examination began.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One request and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchange {
    /// The moment before the request was sent.
    pub(crate) sent_ms: u64,
    /// Its outcome.
    pub(crate) outcome: Outcome,
}

/// Outcome of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// A head came, and as much of the body as there was.
    Answered(Answer),
    /// No head came.
    Failed(Failure),
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Protocol of the first hop, as in `HTTP/1.1`; empty where nobody can tell.
    pub(crate) version: String,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, if it is no stream; at most 64 KiB.
    pub(crate) body: String,
    /// Frames, if it is one.
    pub(crate) frames: Vec<Frame>,
    /// Arrivals of heartbeats.
    pub(crate) heartbeats_ms: Vec<u64>,
    /// The moment of its end.
    pub(crate) ended_ms: u64,
    /// The end.
    pub(crate) end: End,
}

/// A frame of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    /// Place in the stream, from 0.
    pub(crate) n: u32,
    /// The moment in which the worker wrote it, by the worker's clock.
    pub(crate) sent_ms: u64,
    /// The moment in which it was here whole.
    pub(crate) arrived_ms: u64,
    /// True for the frame that is larger than buffers.
    pub(crate) large: bool,
    /// The worker that wrote it.
    pub(crate) worker: String,
}

/// End of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum End {
    /// As its head promised.
    #[default]
    Clean,
    /// It broke off.
    Cut,
    /// It had not ended when the wait for it was over.
    Open,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    /// The step that failed.
    pub(crate) step: Step,
    /// The reason, for a person.
    pub(crate) why: String,
}

/// Steps to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Step {
    /// From a name to an address.
    Dns,
    /// To a connection.
    Connect,
    /// To an encrypted one.
    Tls,
    /// To the head of an answer.
    Answer,
}

impl Exchange {
    /// The answer, if there is one.
    pub(crate) const fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::Failed(_) => None,
        }
    }

    /// The answer, if its status is 200.
    pub(crate) fn good(&self) -> Option<&Answer> {
        self.answer().filter(|answer| answer.status == 200)
    }

    /// The JSON of a good answer.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.good()?.body).ok()
    }

    /// The end of a sentence that tells what came instead of a good answer.
    pub(crate) fn instead(&self) -> String {
        match &self.outcome {
            Outcome::Failed(failure) => failure.why.clone(),
            Outcome::Answered(answer) if answer.status == 200 => {
                "the answer is not the worker's".to_owned()
            }
            Outcome::Answered(answer) => {
                format!("it was answered with {}", answer.spelled_status())
            }
        }
    }
}

impl Answer {
    /// The first value of a header, named in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(known, _)| known == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// All values of a header.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The status with its reason, as in `502 Bad Gateway`.
    pub(crate) fn spelled_status(&self) -> String {
        let known = http::StatusCode::from_u16(self.status).ok();
        known.map_or_else(|| self.status.to_string(), |status| status.to_string())
    }
}

#[cfg(test)]
pub(crate) mod recorded {
    //! Exchanges for the tests of judgements.

    use super::*;

    pub(crate) fn answered(answer: Answer) -> Exchange {
        Exchange {
            sent_ms: 0,
            outcome: Outcome::Answered(answer),
        }
    }

    pub(crate) fn status(status: u16) -> Exchange {
        answered(Answer {
            status,
            ..Answer::default()
        })
    }

    pub(crate) fn failed(step: Step) -> Exchange {
        Exchange {
            sent_ms: 0,
            outcome: Outcome::Failed(Failure {
                step,
                why: "it failed".to_owned(),
            }),
        }
    }

    pub(crate) fn json(body: &impl Serialize) -> Exchange {
        answered(Answer {
            status: 200,
            body: serde_json::to_string(body).unwrap(),
            ..Answer::default()
        })
    }

    /// A stream with frames that arrive `late` milliseconds after they were sent, by equal clocks.
    pub(crate) fn stream(frames: &[(u64, u64)]) -> Answer {
        let frame = |(n, (sent_ms, late)): (usize, &(u64, u64))| Frame {
            n: u32::try_from(n).unwrap(),
            sent_ms: *sent_ms,
            arrived_ms: sent_ms + late,
            large: false,
            worker: "w".to_owned(),
        };
        Answer {
            status: 200,
            frames: frames.iter().enumerate().map(frame).collect(),
            ..Answer::default()
        }
    }

    pub(crate) fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(pair).collect()
    }
}
