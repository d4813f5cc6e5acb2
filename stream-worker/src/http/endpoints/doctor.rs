//! `/v1/doctor/…`: answers to probes that are sent through a chain of proxies.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, ORIGIN, VIA};
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use sha2::{Digest, Sha256};
use shared::{Problem, header};

use super::events::stream_headers;
use super::{cursor_in_header, cursor_in_query, read_body};
use crate::doctor::wire::{Arrived, Carried, Departed, Facts, Held, Once, SERVICE};
use crate::doctor::{Examination, Report};
use crate::http::HttpState;
use crate::http::answer::{Answer, json};
use crate::http::credentials::parameter;
use crate::http::doctor::{Departing, Doctor, Probe, Script, Step, Written};
use crate::http::pace::Pace;

/// Frames before the large one, and after it.
const SMALL_FRAMES: (usize, usize) = (8, 4);
/// Time between two small frames.
const PACE: Duration = Duration::from_millis(300);
/// Pause after the large frame: what holds frames back by size lets them go now.
const AFTER_LARGE: Duration = Duration::from_millis(600);
/// Bytes of the large frame: more than proxies buffer by default (nginx: 64 KiB).
const LARGE: usize = 96 * 1024;
/// Time from the frame before a cut to the cut: the frame has left by then.
const BEFORE_CUT: Duration = Duration::from_millis(300);
/// Time between two frames of a stream whose client may leave.
const TICK: Duration = Duration::from_millis(250);
/// Frames of that stream.
const TICKS: usize = 60;
/// Time that a request is held so that others need connections of their own.
const HOLD: Duration = Duration::from_millis(500);
/// Letters of a nonce at most.
const MAX_NONCE: usize = 64;
/// Letters of a cursor that are repeated at most.
const MAX_CURSOR: usize = 256;

/// Answers a probe.
pub(in crate::http) async fn answer(
    state: &Arc<HttpState>,
    probe: Probe,
    request: Request<Incoming>,
    nonce: &str,
) -> Result<Answer, Problem> {
    let doctor = state.doctor.as_ref().ok_or_else(switched_off)?;
    if !is_nonce(nonce) {
        return Err(Problem::bad_request(
            "a nonce is at most 64 letters, digits, `-` and `_`",
        ));
    }
    doctor
        .admit(&caller(state, request.headers()))
        .map_err(refused)?;
    match probe {
        Probe::Facts => Ok(facts(state, doctor)),
        Probe::Echo => Ok(echo(state, doctor, &request)),
        Probe::Frames => frames(state, doctor),
        Probe::Silence => silence(state, doctor),
        Probe::Lifetime => lifetime(state, doctor),
        Probe::Whole => whole(state, doctor),
        Probe::Cut => cut(state, doctor),
        Probe::Once => Ok(once()),
        Probe::Leave => leave(state, doctor, nonce),
        Probe::Left => Ok(left(doctor, nonce)),
        Probe::Hold => Ok(hold(doctor, &request).await),
        Probe::Report => report(request).await,
    }
}

/// The worker that answers, and the times that its streams keep.
#[utoipa::path(
    get, path = "/v1/doctor", tag = "doctor",
    responses(
        (status = 200, description = "The doctor is here.", body = Facts),
        (status = 404, description = "It is switched off.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many probes, as for every path of the doctor.", body = Problem, content_type = "application/problem+json"),
    )
)]
fn facts(state: &HttpState, doctor: &Doctor) -> Answer {
    let facts = Facts {
        service: SERVICE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        worker: doctor.worker().to_owned(),
        now: state.clock.now(),
        clock_ms: doctor.clock_ms(),
        heartbeat_ms: millis(state.connection.heartbeat),
        lifetime_ms: millis(state.connection.lifetime),
        idle_timeout_ms: millis(state.idle_timeout),
    };
    json(StatusCode::OK, &facts)
}

/// The request as it arrived. Secrets are told by a digest.
#[utoipa::path(
    get, path = "/v1/doctor/echo", tag = "doctor",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "Any text."),
        ("lastEventId" = Option<String>, Query, description = "Any text."),
        ("token" = Option<String>, Query, description = "Any text; its digest is answered."),
    ),
    responses((status = 200, description = "The request as it arrived. `POST` is answered alike.", body = Arrived))
)]
fn echo(state: &HttpState, doctor: &Doctor, request: &Request<Incoming>) -> Answer {
    let headers = request.headers();
    let text = |name| header::text(headers, name).ok().flatten();
    let authorization = headers.get(AUTHORIZATION);
    let token = parameter(request.uri().query(), &["token"]);
    let keys = &state.front.api_keys;
    let key_is_known = authorization
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| keys.tenant(Some(value)).is_some());
    let arrived = Arrived {
        worker: doctor.worker().to_owned(),
        clock_ms: doctor.clock_ms(),
        method: request.method().to_string(),
        http_version: format!("{:?}", request.version()),
        headers: headers.keys().map(ToString::to_string).collect(),
        via: text(&VIA).map(str::to_owned),
        last_event_id: Carried {
            header: cursor_in_header(request).map(|cursor| clipped(&cursor)),
            query: cursor_in_query(request).map(|cursor| clipped(&cursor)),
        },
        authorization: Carried {
            header: authorization.map(|value| digest(value.as_bytes())),
            query: token.map(|token| digest(token.as_bytes())),
        },
        key_is_known: (!keys.is_empty()).then_some(key_is_known),
        allow_origin: state.cors.allow_origin(text(&ORIGIN)).map(str::to_owned),
    };
    json(StatusCode::OK, &arrived)
}

/// A stream of small frames in a steady pace, one large frame among them; each tells when it was sent.
#[utoipa::path(
    get, path = "/v1/doctor/frames", tag = "doctor",
    responses((status = 200, description = "Events `frame` whose data are of the schema Sent; about five seconds.", body = String, content_type = "text/event-stream"))
)]
fn frames(state: &Arc<HttpState>, doctor: &Doctor) -> Result<Answer, Problem> {
    let (before, after) = SMALL_FRAMES;
    let small = |after| frame(after, 0);
    let steps = iter::once(small(Duration::ZERO))
        .chain(iter::repeat_n(small(PACE), before - 1))
        .chain(iter::once(frame(PACE, LARGE)))
        .chain(iter::once(small(AFTER_LARGE)))
        .chain(iter::repeat_n(small(PACE), after - 1));
    play(state, doctor, steps, None)
}

/// A stream that is silent until its heartbeat.
#[utoipa::path(
    get, path = "/v1/doctor/silence", tag = "doctor",
    responses((status = 200, description = "A frame, a heartbeat when it is due, and one more frame.", body = String, content_type = "text/event-stream"))
)]
fn silence(state: &Arc<HttpState>, doctor: &Doctor) -> Result<Answer, Problem> {
    let steps = [
        frame(Duration::ZERO, 0),
        heartbeat(state.connection.heartbeat),
        frame(TICK, 0),
    ];
    play(state, doctor, steps.into_iter(), None)
}

/// A stream that says nothing but heartbeats for as long as a stream may live.
#[utoipa::path(
    get, path = "/v1/doctor/lifetime", tag = "doctor",
    responses((status = 200, description = "A frame, heartbeats for the lifetime of a connection, and one more frame.", body = String, content_type = "text/event-stream"))
)]
fn lifetime(state: &Arc<HttpState>, doctor: &Doctor) -> Result<Answer, Problem> {
    let (period, life) = (state.connection.heartbeat, state.connection.lifetime);
    let beats = usize::try_from(life.as_millis() / period.as_millis().max(1)).unwrap_or(0);
    let steps = iter::once(frame(Duration::ZERO, 0))
        .chain(iter::repeat_n(heartbeat(period), beats))
        .chain(iter::once(frame(TICK, 0)));
    play(state, doctor, steps, None)
}

/// A stream of two frames that ends as a job's does.
#[utoipa::path(
    get, path = "/v1/doctor/whole", tag = "doctor",
    responses((status = 200, description = "Two frames and a clean end.", body = String, content_type = "text/event-stream"))
)]
fn whole(state: &Arc<HttpState>, doctor: &Doctor) -> Result<Answer, Problem> {
    let steps = [frame(Duration::ZERO, 0), frame(TICK, 0)];
    play(state, doctor, steps.into_iter(), None)
}

/// A stream that breaks off, as every end does that is not the end of a job.
#[utoipa::path(
    get, path = "/v1/doctor/cut", tag = "doctor",
    responses((status = 200, description = "A frame, and no end.", body = String, content_type = "text/event-stream"))
)]
fn cut(state: &Arc<HttpState>, doctor: &Doctor) -> Result<Answer, Problem> {
    let cut = Step {
        after: BEFORE_CUT,
        written: Written::Cut,
    };
    play(
        state,
        doctor,
        [frame(Duration::ZERO, 0), cut].into_iter(),
        None,
    )
}

/// An answer that no other is like.
#[utoipa::path(
    get, path = "/v1/doctor/once/{id}", tag = "doctor",
    params(("id" = String, Path, description = "A nonce.")),
    responses((status = 200, description = "Another answer each time, unless a cache gives it.", body = Once))
)]
fn once() -> Answer {
    let answer = format!("{:032x}", fastrand::u128(..));
    json(StatusCode::OK, &Once { answer })
}

/// A stream whose client may leave; `/v1/doctor/left/{id}` tells whether that was noticed.
#[utoipa::path(
    get, path = "/v1/doctor/leave/{id}", tag = "doctor",
    params(("id" = String, Path, description = "A nonce.")),
    responses((status = 200, description = "Four frames a second for 15 seconds.", body = String, content_type = "text/event-stream"))
)]
fn leave(state: &Arc<HttpState>, doctor: &Doctor, nonce: &str) -> Result<Answer, Problem> {
    let steps = iter::once(frame(Duration::ZERO, 0)).chain(iter::repeat_n(frame(TICK, 0), TICKS));
    play(state, doctor, steps, Some(doctor.departing(nonce)))
}

/// The worker's view of such a stream.
#[utoipa::path(
    get, path = "/v1/doctor/left/{id}", tag = "doctor",
    params(("id" = String, Path, description = "The stream's nonce.")),
    responses((status = 200, description = "Its state.", body = Departed))
)]
fn left(doctor: &Doctor, nonce: &str) -> Answer {
    let departed = Departed {
        worker: doctor.worker().to_owned(),
        state: doctor.departure(nonce),
    };
    json(StatusCode::OK, &departed)
}

/// An answer that is held for half a second, so that others need connections of their own.
#[utoipa::path(
    get, path = "/v1/doctor/hold", tag = "doctor",
    responses((status = 200, description = "The connection that the request came on.", body = Held))
)]
async fn hold(doctor: &Doctor, request: &Request<Incoming>) -> Answer {
    let connection = request.extensions().get::<Arc<Pace>>();
    let held = Held {
        worker: doctor.worker().to_owned(),
        idled_ms: connection.and_then(|pace| pace.idled()).map(millis),
    };
    tokio::time::sleep(HOLD).await;
    json(StatusCode::OK, &held)
}

/// Judges what a client has recorded. The same judgement as `crawlcast doctor` has.
#[utoipa::path(
    post, path = "/v1/doctor/report", tag = "doctor",
    request_body(description = "What was recorded: of the schema Examination, which may change between versions."),
    responses(
        (status = 200, description = "The report, as of `crawlcast doctor --json`."),
        (status = 400, description = "It is no record.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn report(request: Request<Incoming>) -> Result<Answer, Problem> {
    let body = read_body(request.into_body()).await?;
    let examination: Examination = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("this is no record of an examination: {error}"))
    })?;
    Ok(json(StatusCode::OK, &Report::of(&examination)))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn frame(after: Duration, fill: usize) -> Step {
    Step {
        after,
        written: Written::Frame { fill },
    }
}

fn heartbeat(after: Duration) -> Step {
    Step {
        after,
        written: Written::Heartbeat,
    }
}

fn play(
    state: &Arc<HttpState>,
    doctor: &Doctor,
    steps: impl Iterator<Item = Step> + Send + 'static,
    departing: Option<Departing>,
) -> Result<Answer, Problem> {
    let script = Script {
        steps,
        _place: doctor.place().map_err(refused)?,
        _departing: departing,
    };
    let mut response = Response::new(script.body(state));
    *response.headers_mut() = stream_headers();
    Ok(Answer::Response(response))
}

fn switched_off() -> Problem {
    Problem::doctor_off(
        "the doctor of this worker is switched off (CRAWLCAST_DOCTOR=off); start it with CRAWLCAST_DOCTOR=on",
    )
}

fn refused(refused: crate::http::doctor::Refused) -> Problem {
    Problem::too_many_requests("too many probes at once; come back after Retry-After seconds")
        .retry_after(refused.wait)
}

/// Whom a request is counted for: the tenant of its key, or else the address that the nearest proxy has seen.
fn caller(state: &HttpState, headers: &HeaderMap) -> String {
    let keys = &state.front.api_keys;
    let key = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if !keys.is_empty()
        && let Some(tenant) = keys.tenant(key)
    {
        return format!("tenant {tenant}");
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let nearest = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    nearest
        .map(|address| clipped(address.trim()))
        .unwrap_or_default()
}

/// The first 16 hexadecimal digits of the SHA-256: enough to tell values apart, too little to try a key with.
fn digest(value: &[u8]) -> String {
    let hash = Sha256::digest(value);
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_CURSOR).collect()
}

/// True for what may stand in a path as a nonce, and for none.
fn is_nonce(text: &str) -> bool {
    text.len() <= MAX_NONCE
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
