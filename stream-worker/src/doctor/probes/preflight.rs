//! `preflight`: a page of another origin may ask, and read what is answered.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::doctor::caller::Caller;
use crate::doctor::exchange::{Answer, Exchange};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Arrived;

/// A page of another origin.
const ORIGIN: &str = "https://app.example.com";
/// Headers that such a page sends.
const ASKED: [&str; 4] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
];

/// A preflight for a submission, and an answer to the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) preflight: Exchange,
    pub(crate) echo: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let preflight = caller
        .ask(Method::OPTIONS, "/v1/crawls")
        .header("origin", ORIGIN)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", ASKED.join(","));
    let echo = caller.get("/v1/doctor/echo").header("origin", ORIGIN);
    Record {
        preflight: preflight.send().await,
        echo: echo.send().await,
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let (Some(answer), Some(arrived)) = (record.echo.good(), record.echo.json::<Arrived>()) else {
        return Judgement::unanswered("an answer", &record.echo);
    };
    let Some(preflight) = record.preflight.answer() else {
        return Judgement::unanswered("a preflight", &record.preflight);
    };
    if !(200..300).contains(&preflight.status) {
        let evidence = format!(
            "OPTIONS is answered with {}: pages of other origins cannot submit",
            preflight.spelled_status()
        );
        return Judgement::broken(Fault::PreflightRefused, evidence);
    }
    if arrived.allow_origin.is_none() {
        return Judgement::unknown(
            "the worker lets only named origins read (CRAWLCAST_CORS_ORIGINS), and none of them asks here",
        );
    }
    let missing: Vec<&str> = ASKED
        .into_iter()
        .filter(|name| !lists(preflight, "access-control-allow-headers", name))
        .chain((!lists(preflight, "access-control-allow-methods", "post")).then_some("POST"))
        .collect();
    if !missing.is_empty() {
        let evidence = format!(
            "the answer to OPTIONS is not the worker's: it does not allow {}",
            missing.join(", ")
        );
        return Judgement::broken(Fault::PreflightRefused, evidence);
    }
    let of = [("an answer to OPTIONS", preflight), ("an answer", answer)];
    of.into_iter()
        .find_map(|(what, answer)| origin_fault(what, answer))
        .unwrap_or_else(|| Judgement::kept("OPTIONS and the headers of CORS come through"))
}

fn lists(answer: &Answer, header: &str, name: &str) -> bool {
    answer
        .values(header)
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(name) || listed.trim() == "*")
}

fn origin_fault(what: &str, answer: &Answer) -> Option<Judgement> {
    let values: Vec<&str> = answer
        .values("access-control-allow-origin")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    match values.as_slice() {
        ["*" | ORIGIN] => None,
        [] => Some(Judgement::broken(
            Fault::OriginGone,
            format!(
                "Access-Control-Allow-Origin of {what} is gone: pages of other origins cannot read it"
            ),
        )),
        [other] => Some(Judgement::broken(
            Fault::OriginTwice,
            format!("Access-Control-Allow-Origin of {what} is `{other}`, and the worker sent `*`"),
        )),
        several => Some(Judgement::broken(
            Fault::OriginTwice,
            format!(
                "Access-Control-Allow-Origin of {what} is there {} times, which browsers refuse: the worker sends it already",
                several.len()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, headers};
    use crate::doctor::judgement::Verdict;

    const ALLOWED: &[(&str, &str)] = &[
        (
            "access-control-allow-headers",
            "Authorization, Content-Type, Idempotency-Key, Last-Event-ID",
        ),
        ("access-control-allow-methods", "GET, POST"),
    ];

    fn judged(status: u16, allowed: &[(&str, &str)], origins: &[&str]) -> Judgement {
        let origins: Vec<_> = origins
            .iter()
            .map(|value| ("access-control-allow-origin", *value))
            .collect();
        let arrived = Arrived {
            allow_origin: Some("*".to_owned()),
            ..Arrived::default()
        };
        judge(&Record {
            preflight: answered(Answer {
                status,
                headers: headers(&[allowed, &origins].concat()),
                ..Answer::default()
            }),
            echo: answered(Answer {
                status: 200,
                headers: headers(&origins),
                body: serde_json::to_string(&arrived).unwrap(),
                ..Answer::default()
            }),
        })
    }

    #[rstest]
    #[case::comes_through(204, ALLOWED, &["*"], Verdict::Kept)]
    #[case::refused(405, &[], &[], Verdict::Broken)]
    #[case::answered_by_another(204, &[], &["*"], Verdict::Broken)]
    #[case::origin_gone(204, ALLOWED, &[], Verdict::Broken)]
    #[case::origin_twice(204, ALLOWED, &["*", "*"], Verdict::Broken)]
    #[case::origin_twice_in_one(204, ALLOWED, &["*, *"], Verdict::Broken)]
    #[case::another_origin(204, ALLOWED, &["https://b.example"], Verdict::Broken)]
    fn what_a_browser_would_refuse_is_a_fault(
        #[case] status: u16,
        #[case] allowed: &[(&str, &str)],
        #[case] origins: &[&str],
        #[case] verdict: Verdict,
    ) {
        assert_eq!(judged(status, allowed, origins).verdict, verdict);
    }
}
