//! The answers that a site gives.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// One answer of a site.
#[derive(Debug, Clone)]
pub struct Page {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Page {
    /// Any body of any media type.
    ///
    /// # Panics
    /// If the media type is no header value.
    #[must_use]
    pub fn of(media_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: body.into(),
        }
        .header("content-type", media_type)
    }

    /// An HTML document.
    #[must_use]
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self::of("text/html; charset=utf-8", body)
    }

    /// An HTML document with a title and links.
    #[must_use]
    pub fn linking(title: &str, links: impl IntoIterator<Item = String>) -> Self {
        let mut html =
            format!("<!doctype html><html lang=en><title>{title}</title><body><h1>{title}</h1>\n");
        for link in links {
            let _ = writeln!(html, "<p><a href=\"{link}\">{link}</a></p>");
        }
        Self::html(html)
    }

    /// Nothing here.
    #[must_use]
    pub fn missing() -> Self {
        Self::of("text/plain", "not here").status(404)
    }

    /// Elsewhere.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::of("text/plain", "elsewhere")
            .status(302)
            .header("location", to)
    }

    /// The same with another status.
    ///
    /// # Panics
    /// If it is no HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).expect("a status has three digits");
        self
    }

    /// The same with one more header.
    ///
    /// # Panics
    /// If it is no header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.headers.push((
            name,
            HeaderValue::from_str(value).expect("a header's value"),
        ));
        self
    }

    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}
