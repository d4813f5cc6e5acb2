//! Fetches pages over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, COOKIE, HeaderMap, HeaderValue, InvalidHeaderValue, USER_AGENT,
};
use http::{Method, Response};
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};

use super::dialer::Dialer;
use super::exchange::AnswerBody;
use super::failure::{broke_off, timed_out, translate};
use super::http_client::{HttpClient, HttpRequest, RequestError};
use super::resolver::{GuardedResolver, Lookup, SystemLookup};
use super::{AddressGuard, Answer, FetchError, FetchRequest, Fetcher, Validators, body, encoding};

/// Settings of the connector.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// The `User-Agent` header of every request.
    pub user_agent: String,
    /// Decides which addresses may be dialled.
    pub guard: AddressGuard,
    /// Certificate authorities that are trusted beside the system's.
    pub roots: Vec<CertificateDer<'static>>,
    /// Time that a connection may take to be made, 10 s by default. Name look-up and TLS handshake are part of it.
    pub connect: Duration,
    /// Time that a server may send nothing in the middle of an answer, 15 s by default.
    pub idle: Duration,
}

impl FetchConfig {
    /// Settings that suit the open web: no further authorities, and the default times.
    #[must_use]
    pub fn new(user_agent: &str, guard: AddressGuard) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            guard,
            roots: Vec::new(),
            connect: CONNECT,
            idle: IDLE,
        }
    }
}

/// The connector could not be set up. Do not retry.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The certificates that servers are judged by.
    #[error("could not set up TLS")]
    Tls(#[from] rustls::Error),
    /// The user agent.
    #[error("the user agent is not a header's value")]
    UserAgent(#[from] InvalidHeaderValue),
}

/// The `Accept` header: HTML first, but anything.
const ACCEPTED_TYPES: HeaderValue =
    HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

/// Default of [`FetchConfig::connect`].
const CONNECT: Duration = Duration::from_secs(10);
/// Default of [`FetchConfig::idle`].
const IDLE: Duration = Duration::from_secs(15);
/// Fetches over HTTP/1.1 and HTTP/2. It keeps no cookies, sends no referrer, follows no redirect and asks no proxy.
pub struct HttpFetcher {
    pub(super) http: HttpClient,
    pub(super) guard: Arc<AddressGuard>,
    user_agent: HeaderValue,
    idle: Duration,
}

impl HttpFetcher {
    /// Sets up a connector.
    ///
    /// # Errors
    /// [`SetUpError`] when there is no certificate to judge servers by, or the user agent is not a header's value.
    pub fn new(config: FetchConfig) -> Result<Self, SetUpError> {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    /// A connector that asks `lookup` for the addresses of names.
    pub(super) fn with_lookup(
        config: FetchConfig,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, SetUpError> {
        let guard = Arc::new(config.guard);
        let resolver = GuardedResolver::new(guard.clone(), lookup);
        let dialer = Dialer::new(resolver, config.roots, config.connect)?;
        Ok(Self {
            http: HttpClient::new(dialer),
            guard,
            user_agent: HeaderValue::from_str(&config.user_agent)?,
            idle: config.idle,
        })
    }

    /// Asks once, and once again if the connection broke off: a server may close one that was kept just when it is used.
    async fn send(&self, request: &FetchRequest) -> Result<Response<AnswerBody>, RequestError> {
        let get = HttpRequest {
            method: Method::GET,
            url: &request.url,
            headers: self.headers_of(request),
            body: Bytes::new(),
        };
        match self.http.send(get.clone()).await {
            Err(error) if broke_off(&error) => self.http.send_again(get).await,
            answered => answered,
        }
    }

    /// The headers of every request.
    pub(super) fn own_headers(&self) -> HeaderMap {
        HeaderMap::from_iter([
            (USER_AGENT, self.user_agent.clone()),
            (ACCEPT, ACCEPTED_TYPES),
        ])
    }

    /// The headers that a request is sent with, but for `Host`.
    #[must_use]
    pub fn headers_of(&self, request: &FetchRequest) -> HeaderMap {
        let conditions = request.unless.as_ref().map(Validators::headers);
        let mut headers = self.own_headers();
        headers.insert(
            ACCEPT_ENCODING,
            HeaderValue::from_static(encoding::ACCEPTED),
        );
        headers.extend(conditions.unwrap_or_default());
        headers.extend(request.cookies.iter().map(|value| (COOKIE, value.clone())));
        for (name, value) in request.headers.iter().flat_map(|more| more.iter()) {
            headers.insert(name, value.clone());
        }
        headers
    }
}

#[async_trait]
impl Fetcher for HttpFetcher {
    async fn fetch(&self, request: FetchRequest) -> Result<Answer, FetchError> {
        if !self.guard.allows_host_of(&request.url) {
            return Err(FetchError::BlockedAddress);
        }
        let deadline = Instant::now() + request.timeout;
        let response = timeout_at(deadline, self.send(&request))
            .await
            .map_err(|_elapsed| timed_out())?
            .map_err(|error| translate(&error))?;
        let (head, body) = response.into_parts();
        let encoded = body::punctual(body, deadline, self.idle);
        let decoded = encoding::decoded(&head.headers, encoded);
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body::bounded(decoded, request.max_body_bytes),
        })
    }
}
