//! The requests that run beside the engine.
//!
//! It owns their tasks: each runs on its own, so that bodies keep arriving while a step waits to be durable, and a panic
//! ends one request only. Dropping the crew aborts them all.

use hashbrown::HashMap;
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

/// What a request is for. The engine keeps this while the request runs.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A page, asked for under this URL.
    Page(Visit, Url),
    /// A host's robots.txt.
    Robots,
    /// A sitemap.
    Sitemap(SitemapVisit),
}

/// What a request brought.
#[derive(Debug)]
pub(crate) enum Report {
    /// Of a page.
    Page(PageAnswer),
    /// Of a robots.txt.
    Robots(Result<RobotsVerdict, LocalFault>),
    /// Of a sitemap.
    Sitemap(Result<SitemapAnswer, LocalFault>),
}

/// The requests that run.
#[derive(Debug, Default)]
pub(crate) struct Crew {
    tasks: JoinSet<Report>,
    errands: HashMap<Id, (HostName, Errand)>,
}

/// A request that has ended.
#[derive(Debug)]
pub(crate) struct Return {
    /// At which host.
    pub(crate) host: HostName,
    /// What it was for.
    pub(crate) errand: Errand,
    /// What it brought; nothing if it panicked.
    pub(crate) report: Option<Report>,
}

impl Crew {
    /// Starts a request.
    pub(crate) fn send(
        &mut self,
        host: HostName,
        errand: Errand,
        request: impl Future<Output = Report> + Send + 'static,
    ) {
        let task = self.tasks.spawn(request.in_current_span());
        self.errands.insert(task.id(), (host, errand));
    }

    /// How many requests run.
    pub(crate) fn len(&self) -> usize {
        self.errands.len()
    }

    /// Whether no request runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.errands.is_empty()
    }

    /// The next request that ends; nothing if none runs.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> Option<Return> {
        let (id, report) = match self.tasks.join_next_with_id().await? {
            Ok((id, report)) => (id, Some(report)),
            Err(error) => {
                tracing::error!(%error, "a request of the crawl ended abnormally");
                (error.id(), None)
            }
        };
        let (host, errand) = self.errands.remove(&id)?;
        Some(Return {
            host,
            errand,
            report,
        })
    }

    /// Tells every request to end at once.
    pub(crate) fn abort(&mut self) {
        self.tasks.abort_all();
    }

    /// Aborts every request, waits until all are gone, and answers the pages that were asked for.
    pub(crate) async fn recall(&mut self) -> Vec<Visit> {
        self.tasks.shutdown().await;
        let errands = std::mem::take(&mut self.errands);
        errands
            .into_values()
            .filter_map(|(_, errand)| match errand {
                Errand::Page(visit, _) => Some(visit),
                Errand::Robots | Errand::Sitemap(_) => None,
            })
            .collect()
    }
}
