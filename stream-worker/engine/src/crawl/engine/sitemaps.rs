//! The sitemaps of a host: looking for them, reading them, and taking in what they list.

use std::sync::Arc;
use std::time::Duration;

use shared::event::NoticeCode;
use tokio::time::Instant;
use url::Url;

use super::Interrupt;
use super::in_flight::{Report, RequestKind};
use super::run::Engine;
use crate::crawl::admission::intake::{Find, Mention, Refusals};
use crate::crawl::frontier::visit::Work;
use crate::crawl::host_name::{HostName, plain_host};
use crate::crawl::robots::{RobotsVerdict, default_sitemap};
use crate::crawl::sitemap::file::SitemapFile;
use crate::crawl::sitemap::reader::{self, MAX_NESTING, SitemapAnswer};
use crate::crawl::sitemap::visit::{SitemapLead, SitemapVisit};

impl Engine<'_> {
    /// Wants the sitemaps of the host that `url` is on. They are looked for after what waits there already: start pages do not
    /// wait for sitemaps.
    pub(super) fn want_sitemaps(&mut self, url: &Url) {
        if self.sitemaps.add_site(url) {
            self.frontier.push(url, Work::SitemapSearch(url.clone()));
        }
    }

    /// The host that `url` is on says which sitemaps it has.
    pub(super) fn find_sitemaps(&mut self, host: &HostName, url: &Url, rules: &RobotsVerdict) {
        let visit = |sitemap: &Url, lead| SitemapVisit {
            url: sitemap.clone(),
            nesting: 0,
            lead,
            sponsor: plain_host(url),
        };
        for named in rules.sitemaps() {
            self.admit_sitemap(visit(named, SitemapLead::Named));
        }
        if let Some(default) = default_sitemap(url) {
            self.admit_sitemap(visit(&default, SitemapLead::Default));
        }
        self.frontier.passed_over(host);
        self.queue_sitemaps();
    }

    fn admit_sitemap(&mut self, visit: SitemapVisit) {
        if matches!(visit.url.scheme(), "http" | "https") {
            self.sitemaps.admit(visit);
        }
    }

    fn queue_sitemaps(&mut self) {
        while let Some(visit) = self.sitemaps.next() {
            let url = visit.url.clone();
            self.frontier.push(&url, Work::Sitemap(visit));
        }
    }

    fn end_sitemap(&mut self) {
        self.sitemaps.end();
        self.queue_sitemaps();
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
            self.frontier.passed_over(&host);
            return self.end_sitemap();
        }
        self.frontier.started(&host, Instant::now());
        let timeout = Duration::from_millis(self.request.timeout_ms);
        let reading = reader::read(Arc::clone(&self.fetcher), visit.url.clone(), timeout);
        let request = async move { Report::Sitemap(reading.await) };
        self.in_flight
            .start(host, RequestKind::Sitemap(visit), request);
    }

    /// A sitemap was read, or not. A long one makes several steps.
    pub(super) async fn settle_sitemap(
        &mut self,
        visit: SitemapVisit,
        report: Option<Report>,
    ) -> Result<(), Interrupt> {
        let fault = match report {
            Some(Report::Sitemap(Err(fault))) => {
                let url = visit.url.clone();
                self.frontier.push_first(&url, Work::Sitemap(visit));
                return self.could_not_ask(fault).await;
            }
            Some(Report::Sitemap(Ok(SitemapAnswer::Listed(file)))) => {
                self.outage.answered();
                self.list(&visit, file).await?
            }
            Some(Report::Sitemap(Ok(SitemapAnswer::Broken(reason)))) => Some(reason),
            Some(Report::Sitemap(Ok(SitemapAnswer::Missing))) => {
                self.outage.answered();
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
        self.end_sitemap();
        Ok(())
    }

    async fn list(
        &mut self,
        visit: &SitemapVisit,
        file: SitemapFile,
    ) -> Result<Option<String>, Interrupt> {
        let mut fault = file.fault;
        if visit.nesting < MAX_NESTING {
            for child in &file.sitemaps {
                self.admit_sitemap(SitemapVisit {
                    url: child.clone(),
                    nesting: visit.nesting + 1,
                    lead: SitemapLead::Named,
                    sponsor: visit.sponsor.clone(),
                });
            }
        } else if !file.sitemaps.is_empty() {
            fault = Some("sitemap indexes are nested too deeply".to_owned());
        }
        let find = Find {
            depth: 1,
            referrer: Some(visit.url.as_str()),
            mention: Mention::Sitemap,
        };
        let mut strangers = 0_usize;
        for url in &file.pages {
            if !visit.may_list(url) {
                strangers += 1;
                continue;
            }
            let mut refusals = Refusals::default();
            self.take_in(url, find, &mut refusals);
            refusals.record(&mut self.ledger);
            if self.ledger.is_full() {
                self.hand_over().await?;
            }
        }
        if strangers > 0 {
            fault.get_or_insert_with(|| {
                format!("it lists {strangers} URLs of hosts whose robots.txt does not name it")
            });
        }
        Ok(fault)
    }
}
