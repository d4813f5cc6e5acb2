//! A response, whole.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

/// A response whose body has arrived.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("the body arrives whole"),
        }
    }

    /// A header's text; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If the body is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the {} answer {}", self.status, self.text()))
    }

    /// The answer, which must have this status.
    ///
    /// # Panics
    /// If it has another.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "the answer is {}", self.text());
        self
    }

    /// The problem document, which must have this status and be whole: type, title, status, and a detail that helps.
    ///
    /// # Panics
    /// If it is another, or the document is not whole.
    #[must_use]
    pub fn problem(self, status: u16) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(
            problem["status"], status,
            "the document repeats the status: {problem}"
        );
        let kind = problem["type"].as_str().unwrap_or_default();
        assert!(
            kind.starts_with("urn:crawlcast:problem:"),
            "a stable type: {problem}"
        );
        for words in ["title", "detail"] {
            assert!(
                problem[words].as_str().is_some_and(|words| words.len() > 5),
                "{words} says something: {problem}"
            );
        }
        problem
    }
}
