//! The robots.txt of a host: asking for it, and telling the frontier and the watchers what it says.

use std::sync::Arc;

use shared::event::NoticeCode;

use super::Interrupt;
use super::in_flight::{Report, RequestKind};
use super::run::Engine;
use crate::crawl::host_name::HostName;
use crate::crawl::robots::RobotsVerdict;

impl Engine<'_> {
    /// Asks a host for its robots.txt.
    pub(super) fn start_robots(&mut self, host: HostName) {
        let reading = self.robots.clone().read(host.clone());
        let request = async move { Report::Robots(reading.await) };
        self.in_flight.start(host, RequestKind::Robots, request);
    }

    /// Judges the result of asking for a robots.txt, and tells the frontier.
    pub(super) async fn settle_robots(
        &mut self,
        host: &HostName,
        report: Option<Report>,
    ) -> Result<(), Interrupt> {
        let verdict = match report {
            Some(Report::Robots(Ok(verdict))) => verdict,
            Some(Report::Robots(Err(fault))) => {
                self.frontier.ask_robots_again(host);
                return self.could_not_ask(fault).await;
            }
            Some(Report::Page(_) | Report::Sitemap(_)) | None => {
                RobotsVerdict::Unreachable("reading it failed".to_owned())
            }
        };
        match &verdict {
            RobotsVerdict::Unreachable(reason) => {
                let text = format!("{host}/robots.txt: {reason}; nothing there is crawled");
                self.ledger.notice(NoticeCode::RobotsUnreachable, text);
            }
            RobotsVerdict::Rules(_) => self.outage.answered(),
            RobotsVerdict::Blocked => {}
        }
        self.ledger.robots(host, verdict.state(host));
        self.tell_delay(host, &verdict);
        self.frontier.learn_robots(host, Arc::new(verdict));
        Ok(())
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
}
