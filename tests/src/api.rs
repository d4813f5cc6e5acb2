//! The HTTP API as a caller uses it.

use std::time::Duration;

use http::Method;
use reqwest::Client;
use serde_json::Value;

use crate::{Answer, Job, PATIENCE};

/// One way to a worker: directly, or through a proxy.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    client: Client,
}

impl Api {
    /// The API at `base`.
    ///
    /// # Panics
    /// If no TLS can be set up.
    #[must_use]
    pub fn at(base: &str) -> Self {
        let client = Self::client().build().expect("a client can be built");
        Self {
            base: base.trim_end_matches('/').to_owned(),
            client,
        }
    }

    /// The same way with another client.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// A client that asks exactly whom it is told to ask, and trusts the test's own certificates.
    pub fn client() -> reqwest::ClientBuilder {
        Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_danger_accept_invalid_certs(true)
            .connect_timeout(Duration::from_secs(10))
    }

    /// Start of its URLs.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The HTTP client that requests are sent with.
    #[must_use]
    pub const fn http(&self) -> &Client {
        &self.client
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request, to be finished and given to [`send`](Self::send).
    ///
    /// # Panics
    /// If the path makes no URL.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method is a token");
        self.client
            .request(method, self.url(path))
            .timeout(PATIENCE)
    }

    /// Sends a request.
    ///
    /// # Panics
    /// If no answer comes.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await.expect("the server answers")).await
    }

    /// As [`send`](Self::send); nothing if no answer comes, or what comes is none.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        Some(Answer::of(request.send().await.ok()?).await)
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// Posts bytes that say they are JSON.
    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(
            self.request("POST", path)
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    /// Submits a crawl, whatever the answer.
    pub async fn try_submit(&self, request: &Value) -> Answer {
        self.post("/v1/crawls", request.to_string()).await
    }

    /// Submits a crawl.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn submit(&self, request: Value) -> Job {
        Job::accepted(
            self.clone(),
            &self.try_submit(&request).await.expect(202).json(),
        )
    }

    /// Submits a crawl with an API key.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn submit_as(&self, key: &str, request: Value) -> Job {
        let submission = self.request("POST", "/v1/crawls").bearer_auth(key);
        let answer = self.send(submission.body(request.to_string())).await;
        Job::accepted(self.clone(), &answer.expect(202).json())
    }
}
