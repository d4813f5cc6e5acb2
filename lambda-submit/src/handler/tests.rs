use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::Value;
use shared::JobMessage;

use super::*;
use crate::enqueuer::EnqueueError;

const KEYS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A queue that remembers the job that it was given, or refuses it.
#[derive(Default)]
struct Queue {
    jobs: Mutex<Vec<(JobMessage, Trace)>>,
    refuses: bool,
}

#[async_trait]
impl Enqueuer for Queue {
    async fn enqueue(&self, job: &JobMessage, trace: &Trace) -> Result<(), EnqueueError> {
        if self.refuses {
            return Err(EnqueueError {
                code: "timeout".to_owned(),
                detail: "no answer".to_owned(),
            });
        }
        self.jobs.lock().push((job.clone(), trace.clone()));
        Ok(())
    }
}

fn handler(queue: Queue) -> Handler<Queue> {
    let front = Front {
        api_keys: "".parse().unwrap_or_default(),
        token_keys: KEYS.parse().unwrap(),
        public_url: "https://live.example.com/".parse().unwrap(),
        retention: shared::numbers::RETENTION,
        may_ignore_robots: false,
    };
    Handler {
        front,
        cors: Cors::Any,
        enqueuer: queue,
    }
}

fn event(name: &str) -> Request {
    let json = match name {
        "v2" => include_str!("events/http_api_v2.json"),
        _ => include_str!("events/rest_v1.json"),
    };
    lambda_http::request::from_str(json).unwrap()
}

fn json(response: &Response<Body>) -> Value {
    serde_json::from_slice(response.body().as_ref()).unwrap()
}

#[tokio::test]
async fn an_http_api_event_is_accepted_and_queued_with_its_trace() {
    let handler = handler(Queue::default());
    let response = handler.answer(event("v2")).await;
    assert_eq!(response.status(), 202);
    let answer = json(&response);
    let channel = answer["channelId"].as_str().unwrap();
    let events = answer["eventsUrl"].as_str().unwrap();
    assert!(events.starts_with(&format!(
        "https://live.example.com/v1/channels/{channel}/events?token="
    )));
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let jobs = handler.enqueuer.jobs.lock();
    let (job, trace) = &jobs[0];
    assert_eq!(job.channel_id.to_string(), channel);
    assert_eq!(job.tenant, "anonymous");
    assert_eq!(
        trace.traceparent.as_deref(),
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    );
}

#[tokio::test]
async fn a_rest_event_with_a_stage_and_a_base64_body_is_the_same() {
    let handler = handler(Queue::default());
    assert_eq!(handler.answer(event("v1")).await.status(), 202);
    assert_eq!(handler.enqueuer.jobs.lock()[0].0.request.limit, 5);
}

#[tokio::test]
async fn one_idempotency_key_is_one_channel() {
    let handler = handler(Queue::default());
    let submit = async || {
        let mut request = event("v2");
        request
            .headers_mut()
            .insert("idempotency-key", HeaderValue::from_static("order-1"));
        json(&handler.answer(request).await)["channelId"].clone()
    };
    assert_eq!(submit().await, submit().await);
}

#[tokio::test]
async fn a_queue_that_does_not_answer_is_a_problem_to_come_back_from() {
    let handler = handler(Queue {
        refuses: true,
        ..Queue::default()
    });
    let response = handler.answer(event("v2")).await;
    assert_eq!(response.status(), 503);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(response.headers()["retry-after"], "5");
}

#[tokio::test]
async fn a_wrong_request_is_answered_as_the_worker_would() {
    let handler = handler(Queue::default());
    let mut request = event("v2");
    *request.body_mut() = Body::Text(r#"{"url": "ftp://example.com/", "limits": 3}"#.to_owned());
    let response = handler.answer(request).await;
    assert_eq!(response.status(), 400);
    let problem = json(&response);
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    assert!(
        pointers.contains(&"/url") && pointers.contains(&"/limits"),
        "{problem}"
    );
    assert!(handler.enqueuer.jobs.lock().is_empty());
}

#[tokio::test]
async fn a_preflight_and_a_wrong_method_are_told_what_goes() {
    let handler = handler(Queue::default());
    let mut request = event("v2");
    *request.method_mut() = Method::OPTIONS;
    let response = handler.answer(request).await;
    assert_eq!(response.status(), 204);
    assert!(
        response.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("Idempotency-Key")
    );

    let mut request = event("v2");
    *request.method_mut() = Method::GET;
    let response = handler.answer(request).await;
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["allow"].to_str().unwrap()
        ),
        (405, METHODS)
    );
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_refused_by_name_and_queues_nothing() {
    let handler = handler(Queue::default());
    for (name, named) in [
        ("idempotency-key", "Idempotency-Key"),
        ("authorization", "Authorization"),
        ("content-type", "Content-Type"),
    ] {
        let mut request = event("v2");
        let unreadable = HeaderValue::from_bytes(b"order-\xe9").unwrap();
        request.headers_mut().insert(name, unreadable);
        let response = handler.answer(request).await;
        assert_eq!(response.status(), 400);
        assert!(json(&response)["detail"].as_str().unwrap().contains(named));
    }
    assert!(handler.enqueuer.jobs.lock().is_empty());
}

#[tokio::test]
async fn two_idempotency_keys_are_refused_also_when_the_gateway_has_joined_them() {
    let handler = handler(Queue::default());
    for keys in [&["order-1", "order-2"][..], &["order-1,order-2"]] {
        let mut request = event("v2");
        for key in keys {
            let value = HeaderValue::from_static(key);
            request.headers_mut().append("idempotency-key", value);
        }
        let response = handler.answer(request).await;
        assert_eq!(response.status(), 400);
        assert!(
            json(&response)["detail"]
                .as_str()
                .unwrap()
                .contains("Idempotency-Key")
        );
    }
}

#[tokio::test]
async fn an_encoded_body_is_refused_by_its_encoding() {
    let handler = handler(Queue::default());
    let mut request = event("v2");
    request
        .headers_mut()
        .insert("content-encoding", HeaderValue::from_static("gzip"));
    let response = handler.answer(request).await;
    assert_eq!(response.status(), 415);
    assert!(json(&response)["detail"].as_str().unwrap().contains("gzip"));
}

#[tokio::test]
async fn an_answer_is_kept_by_no_cache_and_its_headers_are_there_for_the_page() {
    let handler = handler(Queue::default());
    let response = handler.answer(event("v2")).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let status = json(&response)["statusUrl"].as_str().unwrap().to_owned();
    assert_eq!(response.headers()["location"], status.as_str());
    let exposed = response.headers()["access-control-expose-headers"]
        .to_str()
        .unwrap();
    for name in ["Location", "Retry-After"] {
        assert!(exposed.contains(name), "{exposed}");
    }
}

#[tokio::test]
async fn a_preflight_allows_the_headers_of_tracing() {
    let handler = handler(Queue::default());
    let mut request = event("v2");
    *request.method_mut() = Method::OPTIONS;
    request.headers_mut().insert(
        "access-control-request-headers",
        HeaderValue::from_static("content-type,traceparent,tracestate,baggage,sentry-trace"),
    );
    let response = handler.answer(request).await;
    let allowed = response.headers()["access-control-allow-headers"]
        .to_str()
        .unwrap();
    for name in ["traceparent", "tracestate", "baggage", "sentry-trace"] {
        assert!(allowed.contains(name), "{allowed}");
    }
}
