//! The sitemaps of a host: looking for them, reading them, and taking in what they list.

use shared::event::NoticeCode;
use tokio::time::Instant;
use url::Url;

use super::Interrupt;
use super::in_flight::{Report, RequestKind};
use super::run::Engine;
use crate::crawl::admission::intake::{Find, Mention, Refusals};
use crate::crawl::frontier::visit::Work;
use crate::crawl::host_name::HostName;
use crate::crawl::robots::RobotsVerdict;
use crate::crawl::sitemap::file::SitemapFile;
use crate::crawl::sitemap::reader::{MAX_NESTING, SitemapAnswer};
use crate::crawl::sitemap::visit::{SitemapLead, SitemapVisit};

impl Engine<'_> {
    /// Queues the sitemaps of the host that `url` is on, now that its robots.txt is known.
    pub(super) fn find_sitemaps(&mut self, host: &HostName, url: &Url, rules: &RobotsVerdict) {
        self.frontier.passed_over(host);
        self.sitemaps.found(url, rules, &mut self.frontier);
    }

    /// Asks for a sitemap whose turn has come, unless its host's robots.txt objects. Rules about pages do not bind a sitemap
    /// that the site itself names.
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
            return self.sitemaps.ended(&mut self.frontier);
        }
        self.frontier.started(&host, Instant::now());
        let reading = self.sitemaps.read(visit.url.clone());
        let request = async move { Report::Sitemap(reading.await) };
        self.in_flight
            .start(host, RequestKind::Sitemap(visit), request);
    }

    /// Judges the result of asking for a sitemap, and takes in what it lists. A long one makes several steps.
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
        self.sitemaps.ended(&mut self.frontier);
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
                self.sitemaps.admit(SitemapVisit {
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
