//! The way from a request's path and method to its endpoint.

use std::sync::Arc;

use http::header::{HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request};
use hyper::body::Incoming;
use shared::Problem;
use shared::answer::{let_origins_read, method_not_allowed, preflight};

use super::HttpState;
use super::answer::Answer;
use super::doctor::Probe;
use super::endpoints::{channel, doctor, events, page, service, submit, tenant};
use super::{firecrawl, openapi};

/// An endpoint. Paths and what they take are in [`Router::new`].
#[derive(Debug, Clone, Copy)]
enum Route {
    Submit,
    Events,
    Channel,
    Results,
    Pause,
    Resume,
    Cancel,
    Channels,
    Usage,
    Healthz,
    Readyz,
    Metrics,
    OpenApi,
    Index,
    PageAsset,
    Doctor(Probe),
    Firecrawl(firecrawl::Call),
}

impl Route {
    const fn methods(self) -> &'static str {
        match self {
            Self::Submit | Self::Pause | Self::Resume | Self::Cancel => "POST, OPTIONS",
            Self::Doctor(probe) => probe.methods(),
            Self::Firecrawl(call) => call.methods(),
            Self::Events
            | Self::Channel
            | Self::Results
            | Self::Channels
            | Self::Usage
            | Self::Healthz
            | Self::Readyz
            | Self::Metrics
            | Self::OpenApi
            | Self::Index
            | Self::PageAsset => "GET, HEAD, OPTIONS",
        }
    }
}

/// Finds the endpoint of a request and lets it answer.
pub(super) struct Router {
    routes: matchit::Router<Route>,
    state: Arc<HttpState>,
}

impl Router {
    pub(super) fn new(state: Arc<HttpState>) -> Self {
        let paths = [
            ("/v1/crawls", Route::Submit),
            ("/v1/usage", Route::Usage),
            ("/v1/channels", Route::Channels),
            ("/v1/channels/{id}", Route::Channel),
            ("/v1/channels/{id}/events", Route::Events),
            ("/v1/channels/{id}/results", Route::Results),
            ("/v1/channels/{id}/pause", Route::Pause),
            ("/v1/channels/{id}/resume", Route::Resume),
            ("/v1/channels/{id}/cancel", Route::Cancel),
            ("/healthz", Route::Healthz),
            ("/readyz", Route::Readyz),
            ("/metrics", Route::Metrics),
            ("/openapi.json", Route::OpenApi),
            ("/", Route::Index),
            ("/page/{*asset}", Route::PageAsset),
        ];
        let mut routes = matchit::Router::new();
        let probes = Probe::PATHS.map(|(path, probe)| (path, Route::Doctor(probe)));
        let calls = firecrawl::PATHS.map(|(path, call)| (path, Route::Firecrawl(call)));
        for (path, route) in paths.into_iter().chain(probes).chain(calls) {
            routes
                .insert(path, route)
                .expect("the paths above do not collide");
        }
        Self { routes, state }
    }

    pub(super) const fn state(&self) -> &Arc<HttpState> {
        &self.state
    }

    /// Answers a request. Every error is a problem document by now.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Answer {
        let headers = request.headers().clone();
        let mut answer = self.route(request).await.unwrap_or_else(Answer::from);
        if let Answer::Response(response) = &answer {
            self.state.metrics.answered(response.status());
        }
        if let Some(answer) = answer.headers_mut() {
            let_origins_read(&self.state.cors, &headers, answer);
            answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            // Tokens may stand in URLs.
            answer.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            answer
                .entry(HeaderName::from_static("cross-origin-resource-policy"))
                .or_insert(HeaderValue::from_static("cross-origin"));
        }
        answer
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Answer, Problem> {
        let path = request.uri().path().to_owned();
        let found = self.routes.at(&path).map_err(|_error| {
            Problem::not_found("no such path; /openapi.json names every path of this service")
        })?;
        let route = *found.value;
        let id = found.params.get("id").unwrap_or_default();
        let taken = route
            .methods()
            .split(", ")
            .any(|method| method == request.method().as_str());
        if !taken {
            return Ok(method_not_allowed(route.methods()).into());
        }
        if request.method() == Method::OPTIONS {
            return Ok(preflight(request.headers()).into());
        }
        let state = &self.state;
        match route {
            Route::Submit => submit::submit(state, request).await,
            Route::Events => events::events(state, &request, id).await,
            Route::Channel => channel::status(state, &request, id).await,
            Route::Results => channel::results(state, &request, id).await,
            Route::Pause => channel::pause(state, request, id).await,
            Route::Resume => channel::resume(state, request, id).await,
            Route::Cancel => channel::cancel(state, &request, id).await,
            Route::Doctor(probe) => doctor::answer(state, probe, request, id).await,
            Route::Firecrawl(call) => Ok(firecrawl::answer(state, call, request, id).await),
            Route::Channels => tenant::channels(state, &request).await,
            Route::Usage => tenant::usage(state, &request).await,
            Route::Healthz => Ok(service::healthz()),
            Route::Readyz => Ok(service::readyz(state)),
            Route::Metrics => Ok(service::metrics(state)),
            Route::OpenApi => Ok(openapi::openapi()),
            Route::Index => Ok(page::index(state, request.headers())),
            Route::PageAsset => page::asset(
                state,
                request.headers(),
                found.params.get("asset").unwrap_or_default(),
            ),
        }
    }
}
