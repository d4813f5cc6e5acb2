//! Fetches pages over HTTP, with reqwest.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT, ACCEPT_ENCODING, COOKIE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder, Response};
use tokio::time::{Instant, timeout_at};

use super::failure::{broke_off, timed_out, translate};
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
    pub roots: Vec<Certificate>,
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
#[error("could not set up the connector")]
pub struct SetUpError(#[from] reqwest::Error);

/// The `Accept` header: HTML first, but anything.
const ACCEPTED_TYPES: HeaderValue =
    HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

/// Default of [`FetchConfig::connect`].
const CONNECT: Duration = Duration::from_secs(10);
/// Default of [`FetchConfig::idle`].
const IDLE: Duration = Duration::from_secs(15);
/// Connections to one host that are kept for its next pages, and for how long: as many as a crawl uses at once unless it is told
/// otherwise. A fast host answers several requests before the crawl asks again: with four, a third of its pages would need a new
/// connection.
pub(super) const IDLE_CONNECTIONS: usize = 16;
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// Fetches over HTTP/1.1 and HTTP/2. It keeps no cookies, sends no referrer, follows no redirect and asks no proxy.
pub struct HttpFetcher {
    pub(super) http: Client,
    pub(super) guard: Arc<AddressGuard>,
    user_agent: HeaderValue,
    idle: Duration,
}

impl HttpFetcher {
    /// Sets up a connector.
    ///
    /// # Errors
    /// [`SetUpError`] when the system offers no certificates, or the user agent is not a header's value.
    pub fn new(config: FetchConfig) -> Result<Self, SetUpError> {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    /// A connector that asks `lookup` for the addresses of names.
    pub(super) fn with_lookup(
        config: FetchConfig,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, SetUpError> {
        let guard = Arc::new(config.guard);
        let http = Client::builder()
            .user_agent(config.user_agent.as_str())
            .default_headers(HeaderMap::from_iter([(ACCEPT, ACCEPTED_TYPES)]))
            .dns_resolver(Arc::new(GuardedResolver::new(guard.clone(), lookup)))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(config.connect)
            .tls_certs_merge(config.roots)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_CONNECTION)
            // As browsers do: the line that is wrong is left out, not the page. What could smuggle an answer (two lengths, a NUL,
            // a length beside a transfer coding) is refused all the same.
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .build()?;
        Ok(Self {
            http,
            guard,
            user_agent: HeaderValue::from_str(&config.user_agent)
                .expect("the builder has taken it for a header's value"),
            idle: config.idle,
        })
    }
}

impl HttpFetcher {
    /// Asks once, and once again if the connection broke off: a server may close one that was kept just when it is used.
    async fn send(&self, request: &FetchRequest) -> reqwest::Result<Response> {
        match self.get(request).send().await {
            Err(error) if broke_off(&error) => self.get(request).send().await,
            answered => answered,
        }
    }

    fn get(&self, request: &FetchRequest) -> RequestBuilder {
        let get = self.http.get(request.url.clone());
        get.headers(self.headers_of(request))
    }

    /// The headers that a request is sent with, but for `Host`.
    #[must_use]
    pub fn headers_of(&self, request: &FetchRequest) -> HeaderMap {
        let conditions = request.unless.as_ref().map(Validators::headers);
        let mut headers = HeaderMap::from_iter([
            (USER_AGENT, self.user_agent.clone()),
            (ACCEPT, ACCEPTED_TYPES),
            (
                ACCEPT_ENCODING,
                HeaderValue::from_static(encoding::ACCEPTED),
            ),
        ]);
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
        let mut response = timeout_at(deadline, self.send(&request))
            .await
            .map_err(|_elapsed| timed_out())?
            .map_err(|error| translate(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let encoded = body::punctual(response, deadline, self.idle);
        let decoded = encoding::decoded(&headers, encoded);
        Ok(Answer {
            status,
            headers,
            body: body::bounded(decoded, request.max_body_bytes),
        })
    }
}
