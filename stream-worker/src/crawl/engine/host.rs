//! What hosts say of themselves: robots.txt and sitemaps.

use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashSet;
use shared::event::NoticeCode;
use shared::request::SitemapMode;
use tokio::time::Instant;
use url::Url;

use super::Ending;
use super::run::Engine;
use crate::crawl::crew::{Errand, Report};
use crate::crawl::frontier::{HostName, host_name};
use crate::crawl::intake::{Find, Mention, Refusals};
use crate::crawl::robots::{RobotsVerdict, custom_sitemap};
use crate::crawl::sitemap::{self, MAX_NESTING, MAX_SITEMAPS, SitemapAnswer};
use crate::crawl::sitemap_file::SitemapFile;
use crate::crawl::visit::{SitemapLead, SitemapVisit, Work};

/// Which sitemaps are read: those of the start pages' hosts, each once.
#[derive(Debug)]
pub(super) struct SitemapPlan {
    mode: SitemapMode,
    /// Hosts whose sitemaps are wanted.
    sites: HashSet<String>,
    /// Hosts whose robots rules are still to come.
    unplanned: Vec<Url>,
    known: HashSet<Url>,
}

impl SitemapPlan {
    /// No sitemap yet.
    pub(super) fn new(mode: SitemapMode) -> Self {
        Self {
            mode,
            sites: HashSet::new(),
            unplanned: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Wants the sitemaps of the host that `url` is on.
    pub(super) fn add_site(&mut self, url: &Url) {
        if self.mode != SitemapMode::Skip && self.sites.insert(host_name(url)) {
            self.unplanned.push(url.clone());
        }
    }

    fn admit(&mut self, url: &Url) -> bool {
        self.known.len() < MAX_SITEMAPS && self.known.insert(url.clone())
    }
}

impl Engine<'_> {
    /// A robots.txt was read, or not.
    pub(super) fn settle_robots(&mut self, host: &HostName, report: Option<Report>) {
        let verdict = match report {
            Some(Report::Robots(verdict)) => verdict,
            Some(Report::Page(_) | Report::Sitemap(_)) | None => {
                RobotsVerdict::Unreachable("reading it failed".to_owned())
            }
        };
        if let RobotsVerdict::Unreachable(reason) = &verdict {
            let text = format!("{host}/robots.txt: {reason}; nothing there is crawled");
            self.ledger.notice(NoticeCode::RobotsUnreachable, text);
        }
        self.tell_delay(host, &verdict);
        self.frontier.learn_robots(host, Arc::new(verdict));
        self.plan_sitemaps();
    }

    fn tell_delay(&mut self, host: &HostName, verdict: &RobotsVerdict) {
        let (wish, delay) = (verdict.wished_delay(), verdict.crawl_delay());
        if delay.is_zero() {
            return;
        }
        let wish = wish.as_secs_f64();
        let text = if verdict.wished_delay() > delay {
            let delay = delay.as_secs();
            format!("{host} asks for {wish} s between requests; it gets {delay} s")
        } else {
            format!("{host} asks for {wish} s between requests")
        };
        self.ledger.notice(NoticeCode::CrawlDelay, text);
    }

    /// Queues the sitemaps of each wanted host whose robots rules are known by now. They come after what waits there
    /// already: start pages do not wait for sitemaps.
    pub(super) fn plan_sitemaps(&mut self) {
        for url in std::mem::take(&mut self.sitemaps.unplanned) {
            let Some(rules) = self.frontier.robots(&url) else {
                self.sitemaps.unplanned.push(url);
                continue;
            };
            for named in rules.sitemaps() {
                self.queue_sitemap(named, 0, SitemapLead::Named);
            }
            if let Some(custom) = custom_sitemap(&url) {
                self.queue_sitemap(&custom, 0, SitemapLead::Custom);
            }
        }
    }

    fn queue_sitemap(&mut self, url: &Url, nesting: u32, lead: SitemapLead) {
        let is_web = matches!(url.scheme(), "http" | "https");
        if is_web && self.sitemaps.admit(url) {
            let visit = SitemapVisit {
                url: url.clone(),
                nesting,
                lead,
            };
            self.frontier.push(url, Work::Sitemap(visit));
        }
    }

    /// A sitemap's turn has come. Rules about pages do not bind a sitemap that the site itself names.
    pub(super) fn start_sitemap(
        &mut self,
        host: HostName,
        visit: SitemapVisit,
        rules: &RobotsVerdict,
    ) {
        let is_invited =
            visit.lead == SitemapLead::Named && matches!(rules, RobotsVerdict::Rules(_));
        if !is_invited && rules.objection(&visit.url).is_some() {
            return self.frontier.passed_over(&host);
        }
        self.frontier.started(&host, Instant::now());
        let timeout = Duration::from_millis(self.request.timeout_ms);
        let reading = sitemap::read(Arc::clone(&self.fetcher), visit.url.clone(), timeout);
        let request = async move { Report::Sitemap(reading.await) };
        self.crew.send(host, Errand::Sitemap(visit), request);
    }

    /// A sitemap was read, or not. A long one makes several steps.
    pub(super) async fn settle_sitemap(
        &mut self,
        visit: &SitemapVisit,
        report: Option<Report>,
    ) -> Result<(), Ending> {
        let fault = match report {
            Some(Report::Sitemap(SitemapAnswer::Listed(file))) => self.list(visit, file).await?,
            Some(Report::Sitemap(SitemapAnswer::Broken(reason))) => Some(reason),
            Some(Report::Sitemap(SitemapAnswer::Missing)) => {
                (visit.lead == SitemapLead::Named).then(|| "it is missing".to_owned())
            }
            Some(Report::Page(_) | Report::Robots(_)) | None => {
                Some("reading it failed".to_owned())
            }
        };
        if let Some(fault) = fault {
            let text = format!("{}: {fault}", visit.url);
            self.ledger.notice(NoticeCode::SitemapBroken, text);
        }
        Ok(())
    }

    async fn list(
        &mut self,
        visit: &SitemapVisit,
        file: SitemapFile,
    ) -> Result<Option<String>, Ending> {
        let mut fault = file.fault;
        if visit.nesting < MAX_NESTING {
            for child in &file.sitemaps {
                self.queue_sitemap(child, visit.nesting + 1, SitemapLead::Named);
            }
        } else if !file.sitemaps.is_empty() {
            fault = Some("sitemap indexes are nested too deeply".to_owned());
        }
        let find = Find {
            depth: 1,
            referrer: Some(visit.url.as_str()),
            mention: Mention::Sitemap,
        };
        for url in &file.pages {
            let mut refusals = Refusals::default();
            self.take_in(url, find, &mut refusals);
            refusals.record(&mut self.ledger);
            if self.ledger.is_full() {
                self.hand_over().await?;
            }
        }
        Ok(fault)
    }
}
