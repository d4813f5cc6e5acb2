//! One answer of the site, as data.

use std::time::Duration;

use bytes::Bytes;

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DemoPage {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    /// Time that passes before the site answers.
    pub(super) delay: Duration,
}

impl DemoPage {
    /// A page of HTML in UTF-8.
    pub(super) fn html(body: String) -> Self {
        Self::typed("text/html; charset=utf-8", body)
    }

    pub(super) fn typed(content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self {
            status: 200,
            headers,
            body: body.into(),
            delay: Duration::ZERO,
        }
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::html(String::new())
            .status(status)
            .header("location", location)
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}
