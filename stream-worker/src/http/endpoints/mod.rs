//! One file for each group of endpoints.

pub(super) mod submit;
pub(super) mod events;
pub(super) mod channel;
pub(super) mod tenant;
pub(super) mod doctor;
pub(super) mod service;
pub(super) mod page;

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use shared::Problem;
use shared::numbers::MAX_BODY_BYTES;
use shared::submission::body_too_large;

use super::credentials::parameter;

/// Time in which a body of at most 64 KiB must arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a whole body, at most 64 KiB of it, within 10 seconds.
pub(super) async fn read_body(body: Incoming) -> Result<Bytes, Problem> {
    let read = Limited::new(body, MAX_BODY_BYTES).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(body_too_large()),
        Ok(Err(_cut)) => Err(Problem::bad_request(
            "the body ended before its announced length",
        )),
        Err(_elapsed) => Err(Problem::bad_request(
            "the body must arrive within 10 seconds",
        )),
    }
}

/// A watcher's cursor: `Last-Event-ID`, or else the query, which clients use that cannot set headers.
///
/// A header that cannot be read, or two that differ, are a cursor that matches no event: the watcher is told so on the
/// stream, because an error status would end an `EventSource` for good.
fn cursor<B>(request: &Request<B>) -> Option<Cow<'_, str>> {
    cursor_in_header(request).or_else(|| cursor_in_query(request))
}

/// The cursor in the query.
fn cursor_in_query<B>(request: &Request<B>) -> Option<Cow<'_, str>> {
    let names = ["lastEventId", "last_event_id", "lastEventID"];
    parameter(request.uri().query(), &names)
}

/// The cursor in the header; an empty one is none.
fn cursor_in_header<B>(request: &Request<B>) -> Option<Cow<'_, str>> {
    let mut values: Vec<&[u8]> = request
        .headers()
        .get_all("last-event-id")
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    values.dedup();
    let in_header = values.join(&b',');
    let text = || Cow::Owned(String::from_utf8_lossy(&in_header).into_owned());
    (!in_header.is_empty()).then(text)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use shared::EventId;

    use super::*;

    #[rstest]
    #[case(&[], "/", None)]
    #[case(&["1-3"], "/?lastEventId=1-2", Some("1-3"))]
    #[case(&[""], "/?lastEventId=1-2", Some("1-2"))]
    #[case(&["1-3", "1-3"], "/", Some("1-3"))]
    fn a_cursor_is_the_header_or_else_the_query(
        #[case] header: &[&str],
        #[case] uri: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(cursor(&request(header, uri)).as_deref(), expected);
    }

    #[rstest]
    #[case(&["1-3é"])]
    #[case(&["1-3", "1-4"])]
    fn a_cursor_that_cannot_be_read_matches_no_event(#[case] header: &[&str]) {
        let request = request(header, "/?lastEventId=1-2");
        let cursor = cursor(&request).expect("it is there");
        assert!(cursor.parse::<EventId>().is_err(), "{cursor}");
    }

    fn request(header: &[&str], uri: &str) -> Request<()> {
        let request = Request::builder().uri(uri);
        let with = |request: http::request::Builder, value: &&str| {
            request.header(
                "last-event-id",
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        };
        header.iter().fold(request, with).body(()).unwrap()
    }
}
