//! `reachable`: the service answers, and it is Crawlcast.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::doctor::caller::Caller;
use crate::doctor::exchange::{Answer, Exchange, Outcome, Step};
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::{Facts, SERVICE};

/// A question after the worker's facts, and a POST.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) url: String,
    pub(crate) facts: Exchange,
    pub(crate) post: Option<Exchange>,
}

/// Asks for the worker's facts. A POST with authorization follows, since redirects lose both.
pub(crate) async fn exchange(caller: &Caller) -> Record {
    Record {
        url: caller.target().to_owned(),
        facts: caller.get("/v1/doctor").send().await,
        post: Some(
            caller
                .ask(Method::POST, "/v1/doctor/echo")
                .json("{}")
                .send()
                .await,
        ),
    }
}

/// The worker's facts, if it was the worker that answered.
pub(crate) fn facts(record: &Record) -> Option<Facts> {
    let facts: Facts = record.facts.json()?;
    (facts.service == SERVICE).then_some(facts)
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let answer = match &record.facts.outcome {
        Outcome::Failed(failure) => {
            let kind = match failure.step {
                Step::Dns => "dns",
                Step::Tls => "tls",
                Step::Connect | Step::Answer => "connect",
            };
            return Judgement::broken(Fault::Unreachable, failure.why.clone()).kind(kind);
        }
        Outcome::Answered(answer) => answer,
    };
    let redirected = [
        Some(answer),
        record.post.as_ref().and_then(Exchange::answer),
    ];
    if let Some(redirect) = redirected
        .into_iter()
        .flatten()
        .find(|answer| is_redirect(answer))
    {
        return redirects(&record.url, redirect);
    }
    let Some(facts) = facts(record) else {
        return stranger(answer);
    };
    match record.post.as_ref().and_then(Exchange::answer) {
        Some(post) if post.status != 200 && post.status != 429 => Judgement::broken(
            Fault::Refused,
            format!("GET is answered, but POST with {}", post.spelled_status()),
        )
        .kind("notCrawlcast"),
        _ => {
            let took = answer.ended_ms.saturating_sub(record.facts.sent_ms);
            Judgement::kept(format!("Crawlcast {} answers in {took} ms", facts.version))
                .measured("answeredMs", took)
        }
    }
}

fn is_redirect(answer: &Answer) -> bool {
    (300..400).contains(&answer.status) && answer.header("location").is_some()
}

fn redirects(asked: &str, answer: &Answer) -> Judgement {
    let location = answer.header("location").unwrap_or_default();
    let target = Url::parse(asked)
        .ok()
        .and_then(|asked| asked.join(location).ok());
    let root = target.map_or_else(
        || location.to_owned(),
        |target| {
            let text = target.as_str();
            let end = text.find("/v1/").unwrap_or(text.len());
            text[..end].trim_end_matches('/').to_owned()
        },
    );
    let loses = match answer.status {
        307 | 308 => "clients drop `Authorization` on the way to another origin",
        _ => "clients turn the POST that follows into a GET, and drop `Authorization`",
    };
    let status = answer.spelled_status();
    Judgement::broken(
        Fault::Redirected,
        format!("it is answered with {status} to {root}: {loses}; use that address"),
    )
    .kind("redirect")
    .measured("location", root)
}

fn stranger(answer: &Answer) -> Judgement {
    match answer.status {
        502..=504 => Judgement::broken(
            Fault::WorkerAway,
            format!(
                "a proxy answers {}: it cannot reach the worker",
                answer.spelled_status()
            ),
        )
        .kind("connect"),
        _ => Judgement::broken(
            Fault::Refused,
            format!(
                "something answers that is not Crawlcast, with {}{}",
                answer.spelled_status(),
                answer
                    .header("content-type")
                    .map(|kind| format!(" and {kind}"))
                    .unwrap_or_default()
            ),
        )
        .kind("notCrawlcast"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, failed, headers, status};
    use crate::doctor::judgement::Verdict;

    fn record(facts: Exchange) -> Record {
        Record {
            url: "http://a.example".to_owned(),
            facts,
            post: None,
        }
    }

    #[rstest]
    #[case(failed(Step::Dns), "dns")]
    #[case(failed(Step::Connect), "connect")]
    #[case(failed(Step::Tls), "tls")]
    #[case(status(502), "connect")]
    #[case(status(200), "notCrawlcast")]
    #[case(status(404), "notCrawlcast")]
    fn what_is_in_the_way_is_named(#[case] facts: Exchange, #[case] kind: &str) {
        let judged = judge(&record(facts));
        assert_eq!(judged.verdict, Verdict::Broken);
        assert_eq!(judged.kind.as_deref(), Some(kind));
    }

    #[test]
    fn a_redirect_says_which_address_is_meant() {
        let answer = Answer {
            status: 301,
            headers: headers(&[("location", "https://a.example/v1/doctor")]),
            ..Answer::default()
        };
        let judged = judge(&record(answered(answer)));
        assert_eq!(judged.kind.as_deref(), Some("redirect"));
        assert!(
            judged.evidence.contains("to https://a.example:"),
            "{}",
            judged.evidence
        );
    }
}
