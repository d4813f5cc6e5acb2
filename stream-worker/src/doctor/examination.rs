//! An examination: every exchange at the same time, and the record of them all.

use serde::{Deserialize, Serialize};
use shared::{Clock, Problem};

use super::caller::Caller;
use super::exchange::Exchange;
use super::judgement::{CheckId, Judgement};
use super::probes::{
    authorization, buffering, caching, clock, compression, cursor, disconnect, end, headers,
    http_version, idle_timeout, keep_alive, lifetime, preflight, reachable,
};
use super::product::Clues;
use super::wire::Facts;

/// Bytes of a header that is larger than most proxies take; the worker takes it.
const OVERSIZE: usize = 20 * 1024;

/// All that was recorded of one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Examination {
    /// The address.
    pub(crate) target: String,
    /// The worker's facts, if it was reached.
    #[serde(default)]
    pub(crate) facts: Option<Facts>,
    /// Answers by which the proxies on the way are recognised.
    #[serde(default)]
    pub(crate) clues: Clues,
    /// The exchanges.
    pub(crate) records: Vec<Record>,
}

macro_rules! records {
    ($($name:ident = $id:literal $probe:ident;)+) => {
        /// The exchanges of one check.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "id", content = "record")]
        pub(crate) enum Record {
            $(
                #[serde(rename = $id)]
                $name(Box<$probe::Record>),
            )+
            /// The check was wanted, and could not be made.
            #[serde(rename = "untried")]
            Untried(CheckId),
        }

        impl Record {
            /// The check that this is of.
            pub(super) const fn id(&self) -> CheckId {
                match self {
                    $(Self::$name(_) => CheckId::$name,)+
                    Self::Untried(id) => *id,
                }
            }

            pub(super) fn judge(&self) -> Judgement {
                match self {
                    $(Self::$name(record) => $probe::judge(record),)+
                    Self::Untried(_) => Judgement::unknown("it was not tried, since the worker was not reached"),
                }
            }
        }
    };
}

records! {
    Reachable = "reachable" reachable;
    Buffering = "buffering" buffering;
    Compression = "compression" compression;
    Headers = "headers" headers;
    Cursor = "cursor" cursor;
    Authorization = "authorization" authorization;
    IdleTimeout = "idleTimeout" idle_timeout;
    KeepAlive = "keepAlive" keep_alive;
    Lifetime = "lifetime" lifetime;
    Disconnect = "disconnect" disconnect;
    End = "end" end;
    Preflight = "preflight" preflight;
    Caching = "caching" caching;
    HttpVersion = "httpVersion" http_version;
    Clock = "clock" clock;
}

/// The checks that a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Only these checks; all, if empty.
    pub(crate) only: Vec<CheckId>,
    /// True if the check that takes as long as a stream may live is asked for as well.
    pub(crate) long: bool,
}

impl Asked {
    /// The checks, in the order of a report.
    pub(crate) fn checks(&self) -> impl Iterator<Item = CheckId> {
        let wanted = |id: &CheckId| match self.only.is_empty() {
            true => *id != CheckId::Lifetime || self.long,
            false => self.only.contains(id),
        };
        CheckId::ALL.iter().copied().filter(wanted)
    }
}

/// A worker that does not let itself be examined; the reason is its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(String);

/// Examines an address.
///
/// # Errors
/// It is Crawlcast, and refuses.
pub(crate) async fn examine(
    caller: &Caller,
    asked: &Asked,
    clock: &Clock,
) -> Result<Examination, Refusal> {
    let reached = reachable::exchange(caller).await;
    let now = clock.now();
    let answers = [Some(reached.facts.clone()), reached.post.clone()];
    let mut clues = Clues {
        answers: answers.into_iter().flatten().collect(),
        ..Clues::default()
    };
    let facts = reachable::facts(&reached);
    let records = match &facts {
        Some(facts) => {
            let probing = probe(caller, asked, facts, &reached, now);
            let (records, found) = tokio::join!(probing, look_around(caller));
            clues = Clues {
                answers: clues.answers,
                ..found
            };
            records
        }
        None => {
            refusal(&reached.facts)?;
            clues.oversize = Some(oversize(caller).await);
            let untried = |id| match id {
                CheckId::Reachable => Record::Reachable(Box::new(reached.clone())),
                other => Record::Untried(other),
            };
            asked.checks().map(untried).collect()
        }
    };
    Ok(Examination {
        target: caller.target().to_owned(),
        facts,
        clues,
        records,
    })
}

/// A problem document of Crawlcast's is no stranger's answer.
fn refusal(facts: &Exchange) -> Result<(), Refusal> {
    let problem = facts
        .answer()
        .and_then(|answer| serde_json::from_str::<Problem>(&answer.body).ok());
    match problem {
        Some(problem) if problem.kind.starts_with("urn:crawlcast:") => {
            Err(Refusal(match problem.kind.as_ref() {
                "urn:crawlcast:problem:not-found" => {
                    "what answers is Crawlcast without a doctor: a worker older than it, or the serverless front; examine the worker that streams come from".to_owned()
                }
                _ => problem.detail,
            }))
        }
        _ => Ok(()),
    }
}

async fn probe(
    caller: &Caller,
    asked: &Asked,
    facts: &Facts,
    reached: &reachable::Record,
    now: shared::Timestamp,
) -> Vec<Record> {
    let each = asked.checks().map(|id| {
        // Boxed: the exchanges differ in size, and some are large.
        Box::pin(async move {
            match id {
                CheckId::Reachable => Record::Reachable(Box::new(reached.clone())),
                CheckId::Buffering => {
                    Record::Buffering(Box::new(buffering::exchange(caller).await))
                }
                CheckId::Compression => {
                    Record::Compression(Box::new(compression::exchange(caller).await))
                }
                CheckId::Headers => Record::Headers(Box::new(headers::exchange(caller).await)),
                CheckId::Cursor => Record::Cursor(Box::new(cursor::exchange(caller).await)),
                CheckId::Authorization => {
                    Record::Authorization(Box::new(authorization::exchange(caller).await))
                }
                CheckId::IdleTimeout => {
                    Record::IdleTimeout(Box::new(idle_timeout::exchange(caller, facts).await))
                }
                CheckId::KeepAlive => {
                    Record::KeepAlive(Box::new(keep_alive::exchange(caller, facts).await))
                }
                CheckId::Lifetime => {
                    Record::Lifetime(Box::new(lifetime::exchange(caller, facts).await))
                }
                CheckId::Disconnect => {
                    Record::Disconnect(Box::new(disconnect::exchange(caller).await))
                }
                CheckId::End => Record::End(Box::new(end::exchange(caller).await)),
                CheckId::Preflight => {
                    Record::Preflight(Box::new(preflight::exchange(caller).await))
                }
                CheckId::Caching => Record::Caching(Box::new(caching::exchange(caller).await)),
                CheckId::HttpVersion => Record::HttpVersion(Box::new(http_version::Record {
                    echo: caller.get("/v1/doctor/echo").send().await,
                })),
                CheckId::Clock => Record::Clock(Box::new(clock::Record {
                    facts: reached.facts.clone(),
                    now,
                })),
            }
        })
    });
    futures_util::future::join_all(each).await
}

async fn look_around(caller: &Caller) -> Clues {
    let (echo, oversize, vite, webpack) = tokio::join!(
        caller.get("/v1/doctor/echo").send(),
        oversize(caller),
        caller.get("/@vite/client").send(),
        caller
            .get("/__webpack_dev_server__/sockjs.bundle.js")
            .send(),
    );
    Clues {
        answers: Vec::new(),
        echo: Some(echo),
        oversize: Some(oversize),
        vite: Some(vite),
        webpack: Some(webpack),
    }
}

/// A request that most proxies refuse by a page of their own.
async fn oversize(caller: &Caller) -> Exchange {
    let padding = "x".repeat(OVERSIZE);
    caller
        .get("/v1/doctor/echo")
        .header("x-padding", padding)
        .send()
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::Answer;
    use crate::doctor::exchange::recorded::{answered, status};

    #[test]
    fn a_record_survives_the_way_to_the_worker() {
        let examination = Examination {
            target: "http://a.example".to_owned(),
            facts: None,
            clues: Clues::default(),
            records: vec![
                Record::Compression(Box::new(compression::Record {
                    stream: status(200),
                })),
                Record::Untried(CheckId::KeepAlive),
            ],
        };
        let text = serde_json::to_string(&examination).unwrap();
        let back: Examination = serde_json::from_str(&text).unwrap();
        let ids: Vec<_> = back.records.iter().map(Record::id).collect();
        assert_eq!(ids, [CheckId::Compression, CheckId::KeepAlive]);
    }

    #[test]
    fn the_long_check_is_made_only_if_asked_for() {
        let asked = |only: &[CheckId], long| {
            let asked = Asked {
                only: only.to_vec(),
                long,
            };
            asked.checks().collect::<Vec<_>>()
        };
        assert!(!asked(&[], false).contains(&CheckId::Lifetime));
        assert!(asked(&[], true).contains(&CheckId::Lifetime));
        assert_eq!(asked(&[CheckId::Lifetime], false), [CheckId::Lifetime]);
    }

    #[test]
    fn a_doctor_that_is_off_is_no_strangers_answer() {
        let off = Problem::doctor_off("it is off");
        let answer = answered(Answer {
            status: 404,
            body: String::from_utf8(off.to_json()).unwrap(),
            ..Answer::default()
        });
        assert_eq!(refusal(&answer), Err(Refusal("it is off".to_owned())));
        assert_eq!(refusal(&status(404)), Ok(()));
    }
}
