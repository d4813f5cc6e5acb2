//! `cursor`: the place in a stream reaches the worker, in the header and in the query.

use serde::{Deserialize, Serialize};

use super::nonce;
use crate::doctor::caller::Caller;
use crate::doctor::exchange::Exchange;
use crate::doctor::fault::Fault;
use crate::doctor::judgement::Judgement;
use crate::doctor::wire::Arrived;

/// A request with two cursors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Sent as `Last-Event-ID`.
    pub(crate) header: String,
    /// Sent as `lastEventId` in the query.
    pub(crate) query: String,
    pub(crate) echo: Exchange,
}

pub(crate) async fn exchange(caller: &Caller) -> Record {
    let (header, query) = (nonce(), nonce());
    let echo = caller
        .get("/v1/doctor/echo")
        .header("last-event-id", &header)
        .query("lastEventId", &query);
    Record {
        echo: echo.send().await,
        header,
        query,
    }
}

pub(crate) fn judge(record: &Record) -> Judgement {
    let Some(arrived) = record.echo.json::<Arrived>() else {
        return Judgement::unanswered("a cursor", &record.echo);
    };
    let seen = arrived.last_event_id;
    let by = |sent: &str, seen: &Option<String>| match seen {
        Some(seen) if seen == sent => None,
        Some(_) => Some("arrives changed"),
        None => Some("does not arrive"),
    };
    match (
        by(&record.header, &seen.header),
        by(&record.query, &seen.query),
    ) {
        (None, None) => Judgement::kept("Last-Event-ID and lastEventId arrive as they were sent"),
        (Some(how), None) => broken(
            "header",
            Fault::CursorGone,
            &format!("the header Last-Event-ID {how}"),
        ),
        (None, Some(how)) => broken(
            "query",
            Fault::QueryGone,
            &format!("lastEventId in the query {how}"),
        ),
        (Some(how), Some(also)) => broken(
            "header",
            Fault::CursorGone,
            &format!("the header Last-Event-ID {how}, and lastEventId in the query {also}"),
        )
        .and(Fault::QueryGone),
    }
}

fn broken(kind: &str, fault: Fault, what: &str) -> Judgement {
    Judgement::broken(
        fault,
        format!("{what}: a browser that reconnects gets the whole log again"),
    )
    .kind(kind)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::json;
    use crate::doctor::wire::Carried;

    #[rstest]
    #[case(Some("a"), Some("b"), None)]
    #[case(None, Some("b"), Some("header"))]
    #[case(Some("a, a"), Some("b"), Some("header"))]
    #[case(Some("a"), None, Some("query"))]
    #[case(None, None, Some("header"))]
    fn the_way_that_is_lost_is_named(
        #[case] header: Option<&str>,
        #[case] query: Option<&str>,
        #[case] kind: Option<&str>,
    ) {
        let arrived = Arrived {
            last_event_id: Carried {
                header: header.map(str::to_owned),
                query: query.map(str::to_owned),
            },
            ..Arrived::default()
        };
        let record = Record {
            header: "a".to_owned(),
            query: "b".to_owned(),
            echo: json(&arrived),
        };
        assert_eq!(judge(&record).kind.as_deref(), kind);
    }
}
