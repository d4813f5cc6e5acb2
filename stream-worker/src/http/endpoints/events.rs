//! `GET /v1/channels/{id}/events`

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use shared::event::ByeReason;
use shared::token::Scope;
use shared::{ChannelId, Problem, sse};

use super::cursor;
use crate::connection::{self, Opening};
use crate::http::HttpState;
use crate::http::answer::{Answer, Body, empty};
use crate::http::credentials::authorize;
use crate::tenant::{Place, TooManyWatchers};

/// One frame of a stream by its fields, as generators of clients read the schema of a stream.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used: frames are written as bytes"
)]
pub(in crate::http) struct Frame {
    /// The event's name: the `type` in its data.
    event: String,
    /// The event as JSON on one line.
    data: String,
    /// Milliseconds after which to come back.
    retry: Option<u64>,
    /// The event's ID, which is the cursor for coming back.
    #[schema(value_type = shared::EventId)]
    id: String,
}

/// The live stream of a job: everything from the start, or from the cursor, then what happens.
#[utoipa::path(
    get,
    path = "/v1/channels/{id}/events",
    tag = "channel",
    params(
        ("id" = shared::ChannelId, Path, description = "The channel."),
        ("token" = Option<String>, Query, description = "A watch or control token, if not sent as a bearer token."),
        ("Last-Event-ID" = Option<String>, Header, description = "Cursor: the ID of the last event that was received. One that is none is answered with `reset` on the stream, which then begins at the first event."),
        ("lastEventId" = Option<String>, Query, description = "The same, for clients that cannot set headers."),
    ),
    responses(
        (status = 200, description = "Server-Sent Events, each as this schema; their data are of the schemas Event and Aside.", body = Frame, content_type = "text/event-stream"),
        (status = 204, description = "The job has ended and the cursor is its last event: do not come back."),
        (status = 404, description = "No such channel for this token.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The record is no longer kept.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(in crate::http) async fn events(
    state: &HttpState,
    request: &Request<Incoming>,
    id: &str,
) -> Result<Answer, Problem> {
    let channel = authorize(state, request, id, Scope::Watch).await?;
    if request.method() == Method::HEAD {
        let mut response = empty(StatusCode::OK);
        *response.headers_mut() = stream_headers();
        return Ok(Answer::Response(response));
    }
    let cursor = cursor(request);
    let cursor = cursor.as_deref();
    if state.draining.is_cancelled() {
        return Ok(Answer::Bye(connection::turn_away(
            &state.connection,
            ByeReason::Drain,
            cursor,
        )));
    }
    if !state.serves.streams {
        return Ok(Answer::Bye(connection::turn_away(
            &state.connection,
            ByeReason::Overload,
            cursor,
        )));
    }
    let Ok(place) = watcher_place(state, channel).await else {
        return Ok(Answer::Bye(connection::turn_away(
            &state.connection,
            ByeReason::Overload,
            cursor,
        )));
    };
    match connection::open(&state.registry, channel, cursor, &state.connection).await {
        Ok(Opening::Stream(mut welcome)) => {
            welcome.subscription.keep(place);
            Ok(Answer::Stream(welcome))
        }
        Ok(Opening::Ended) => Ok(Answer::Response(empty(StatusCode::NO_CONTENT))),
        Ok(Opening::Overload(bye)) => Ok(Answer::Bye(bye)),
        Ok(Opening::Expired) => Err(Problem::gone(
            "the record of this job was deleted when its retention ended",
        )),
        Err(error) => {
            tracing::warn!(%channel, %error, "a watcher was told to come back");
            Ok(Answer::Bye(connection::turn_away(
                &state.connection,
                ByeReason::Overload,
                cursor,
            )))
        }
    }
}

/// A place among the watchers of the tenant whose channel this is, where watchers are limited. A watcher beyond the limit is
/// told to come back: an error status would end an `EventSource` for good.
async fn watcher_place(
    state: &HttpState,
    channel: ChannelId,
) -> Result<Option<Place>, TooManyWatchers> {
    if !state.tenants.counts_watchers() {
        return Ok(None);
    }
    match tenant_of(state, channel).await {
        Some(tenant) => state.tenants.watch(&tenant),
        None => Ok(None),
    }
}

/// The tenant of a channel, from its ID, or else from the record of its job.
async fn tenant_of(state: &HttpState, channel: ChannelId) -> Option<String> {
    let keys = &state.front.token_keys;
    let named = state
        .tenants
        .names()
        .find(|name| keys.is_channel_of(channel, name));
    if let Some(name) = named {
        return Some(name.to_owned());
    }
    let snapshot = state.registry.journal().snapshot(channel).await;
    snapshot.ok().flatten()?.tenant
}

/// A stream that the HTTP server sends.
pub(in crate::http) fn stream_response(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.headers_mut() = stream_headers();
    response
}

/// The headers of every stream. `X-Accel-Buffering` is what makes nginx pass events on as they come.
pub(in crate::http) fn stream_headers() -> HeaderMap {
    let headers = [
        (CONTENT_TYPE, sse::MEDIA_TYPE),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}
