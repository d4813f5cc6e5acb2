//! `authorization`: keys and tokens reach the worker. The worker tells digests, never what it has read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::nonce;
use crate::doctor::caller::Caller;
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Arrived;

/// A request with a key and a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// Digest of the header.
    pub(crate) header: String,
    /// Digest of the token in the query.
    pub(crate) query: String,
    /// True if the key is the caller's own, not one made up for this.
    pub(crate) own_key: bool,
    pub(crate) echo: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let key = caller.key().map_or_else(nonce, str::to_owned);
    let (header, token) = (format!("Bearer {key}"), nonce());
    let echo = caller
        .get("/v1/doctor/echo")
        .header("authorization", &header)
        .query("token", &token);
    Record {
        echo: echo.send().await,
        header: digest(&header),
        query: digest(&token),
        own_key: caller.key().is_some(),
    }
}

/// The first 16 hexadecimal digits of the SHA-256, as the worker makes it.
fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let Some(arrived) = record.echo.json::<Arrived>() else {
        return match record.echo.answer() {
            Some(answer) if matches!(answer.status, 401 | 403) => Judgement::unknown(
                "a gateway in front asks for authorization of its own; set CRAWLCAST_API_KEY to what it lets through",
            ),
            _ => Judgement::unanswered("authorization", &record.echo),
        };
    };
    let seen = &arrived.authorization;
    let by = |sent: &str, seen: &Option<String>| match seen {
        Some(seen) if seen == sent => None,
        Some(_) => Some("arrives changed"),
        None => Some("does not arrive"),
    };
    match (
        by(&record.header, &seen.header),
        by(&record.query, &seen.query),
    ) {
        (None, None) => Judgement::kept(kept(record, &arrived)),
        (Some(how), None) => broken(
            "header",
            Fault::AuthorizationGone,
            &format!("the header Authorization {how}"),
        ),
        (None, Some(how)) => broken(
            "query",
            Fault::QueryGone,
            &format!("the token in the query {how}"),
        ),
        (Some(how), Some(also)) => broken(
            "header",
            Fault::AuthorizationGone,
            &format!("the header Authorization {how}, and the token in the query {also}"),
        )
        .and(Fault::QueryGone),
    }
}

fn kept(record: &Record, arrived: &Arrived) -> String {
    let arrives = "Authorization and the token in the query arrive as they were sent";
    match (record.own_key, arrived.key_is_known) {
        (true, Some(false)) => format!("{arrives}; the API key is none of the worker's"),
        _ => arrives.to_owned(),
    }
}

fn broken(kind: &str, fault: Fault, what: &str) -> Judgement {
    Judgement::broken(fault, format!("{what}: callers are refused")).kind(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::exchange::recorded::json;
    use crate::doctor::judgement::Verdict;
    use crate::doctor::wire::Carried;

    fn record(header: Option<&str>, query: Option<&str>) -> Record {
        let arrived = Arrived {
            authorization: Carried {
                header: header.map(digest),
                query: query.map(digest),
            },
            key_is_known: Some(false),
            ..Arrived::default()
        };
        Record {
            header: digest("Bearer a"),
            query: digest("b"),
            own_key: true,
            echo: json(&arrived),
        }
    }

    #[test]
    fn a_secret_that_is_lost_or_replaced_is_named_by_its_way() {
        let kind = |header, query| judge(&record(header, query)).kind;
        assert_eq!(kind(Some("Bearer a"), Some("b")), None);
        assert_eq!(kind(None, Some("b")).as_deref(), Some("header"));
        assert_eq!(kind(Some("Basic x"), Some("b")).as_deref(), Some("header"));
        assert_eq!(kind(Some("Bearer a"), None).as_deref(), Some("query"));
    }

    #[test]
    fn a_wrong_key_is_told_although_it_arrives() {
        let judged = judge(&record(Some("Bearer a"), Some("b")));
        assert_eq!(judged.verdict, Verdict::Kept);
        assert!(judged.evidence.contains("none of the worker's"));
    }
}
