//! Pages of other origins may use the API, as far as the operator lets them.

use e2e::Worker;

#[tokio::test]
async fn a_page_of_another_origin_may_ask() {
    let worker = Worker::start().await;
    let api = worker.api();
    let preflight = api
        .request("OPTIONS", "/v1/crawls")
        .header("origin", "https://app.example.com");
    let answer = api
        .send(preflight.header("access-control-request-method", "POST"))
        .await;
    assert!((200..300).contains(&answer.status));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("POST")
    );
    let headers = answer
        .header("access-control-allow-headers")
        .to_ascii_lowercase();
    for header in [
        "last-event-id",
        "authorization",
        "content-type",
        "idempotency-key",
    ] {
        assert!(headers.contains(header), "{headers}");
    }
    // An error must be readable for the page too.
    assert_eq!(
        api.get("/nowhere")
            .await
            .header("access-control-allow-origin"),
        "*"
    );
}

#[tokio::test]
async fn origins_can_be_narrowed() {
    let worker = Worker::options()
        .set("CORS_ORIGINS", "https://app.example.com")
        .start()
        .await;
    let api = worker.api();
    let from =
        |origin: &'static str| api.send(api.request("GET", "/healthz").header("origin", origin));
    assert_eq!(
        from("https://app.example.com")
            .await
            .header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert_eq!(
        from("https://evil.example")
            .await
            .header("access-control-allow-origin"),
        ""
    );
}

#[tokio::test]
async fn a_page_may_send_tracing_headers_and_read_where_its_job_is() {
    let worker = Worker::start().await;
    let api = worker.api();
    let preflight = api
        .request("OPTIONS", "/v1/crawls")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "content-type,traceparent,tracestate,baggage,sentry-trace",
        );
    let answer = api.send(preflight).await;
    let allowed = answer.header("access-control-allow-headers");
    for name in ["traceparent", "tracestate", "baggage", "sentry-trace"] {
        assert!(allowed.contains(name), "{allowed}");
    }
    let answer = api.get("/nowhere").await;
    let exposed = answer.header("access-control-expose-headers");
    for name in [
        "Location",
        "Retry-After",
        "Content-Disposition",
        "RateLimit-Policy",
    ] {
        assert!(exposed.contains(name), "{exposed}");
    }
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn only_named_origins_may_send_credentials() {
    let worker = Worker::options()
        .set("CORS_ORIGINS", "https://app.example.com")
        .start()
        .await;
    let api = worker.api();
    for (origin, credentials) in [
        ("https://app.example.com", "true"),
        ("https://evil.example", ""),
    ] {
        let answer = api
            .send(api.request("GET", "/healthz").header("origin", origin))
            .await;
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            credentials
        );
    }
}
