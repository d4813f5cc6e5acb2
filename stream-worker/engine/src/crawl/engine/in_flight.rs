//! The requests that run beside the engine.
//!
//! It owns their tasks: each runs on its own, so that bodies keep arriving while a step waits to be durable, and a panic
//! ends one request only. It refuses to judge what they report. Dropping it aborts them all.

use hashbrown::HashMap;
use http::HeaderValue;
use tokio::task::{Id, JoinSet};
use tracing::Instrument;

use crate::crawl::frontier::visit::Visit;
use crate::crawl::host_name::HostName;
use crate::crawl::page::reader::PageAnswer;
use crate::crawl::robots::RobotsVerdict;
use crate::crawl::sitemap::reader::SitemapAnswer;
use crate::crawl::sitemap::visit::SitemapVisit;
use crate::fetch::LocalFault;
use url::Url;

/// The subject of a request, kept while the request runs.
#[derive(Debug)]
pub(crate) enum RequestKind {
    /// A page.
    Page(Visit, Asked),
    /// A host's robots.txt.
    Robots,
    /// A sitemap.
    Sitemap(SitemapVisit),
}

/// The parts of a request for a page that differ from hop to hop of a redirect.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The candidate's URL, or the target of a redirect.
    pub(crate) url: Url,
    /// The `Cookie` header.
    pub(crate) cookies: Option<HeaderValue>,
}

/// The result of a request, by its kind.
#[derive(Debug)]
pub(crate) enum Report {
    /// The answer to a request for a page.
    Page(PageAnswer),
    /// The verdict of a host's robots.txt, or the local reason why it could not be asked for.
    Robots(Result<RobotsVerdict, LocalFault>),
    /// The listed URLs of a sitemap, or the local reason why it could not be asked for.
    Sitemap(Result<SitemapAnswer, LocalFault>),
}

/// The requests that run, each with its host and kind.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    tasks: JoinSet<Report>,
    kinds: HashMap<Id, (HostName, RequestKind)>,
}

/// A request that has ended.
#[derive(Debug)]
pub(crate) struct Completed {
    /// The host that was asked.
    pub(crate) host: HostName,
    /// The subject of the request.
    pub(crate) kind: RequestKind,
    /// `None` if the request panicked.
    pub(crate) report: Option<Report>,
}

impl InFlight {
    /// Starts a request.
    pub(crate) fn start(
        &mut self,
        host: HostName,
        kind: RequestKind,
        request: impl Future<Output = Report> + Send + 'static,
    ) {
        let task = self.tasks.spawn(request.in_current_span());
        self.kinds.insert(task.id(), (host, kind));
    }

    /// The number of requests that run.
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// True if no request runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Waits for the next request to end. `None` if none runs.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> Option<Completed> {
        let (id, report) = match self.tasks.join_next_with_id().await? {
            Ok((id, report)) => (id, Some(report)),
            Err(error) => {
                tracing::error!(%error, "a request of the crawl ended abnormally");
                (error.id(), None)
            }
        };
        let (host, kind) = self.kinds.remove(&id)?;
        Some(Completed { host, kind, report })
    }

    /// Tells every request to end at once, and does not wait for it.
    pub(crate) fn abort(&mut self) {
        self.tasks.abort_all();
    }

    /// Aborts every request, waits until all are gone, and returns the visits of the pages that were asked for.
    pub(crate) async fn abort_all(&mut self) -> Vec<Visit> {
        self.tasks.shutdown().await;
        let kinds = std::mem::take(&mut self.kinds);
        kinds
            .into_values()
            .filter_map(|(_, kind)| match kind {
                RequestKind::Page(visit, _) => Some(visit),
                RequestKind::Robots | RequestKind::Sitemap(_) => None,
            })
            .collect()
    }
}
