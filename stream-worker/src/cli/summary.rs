//! The summary of a crawl, in a few lines that fit into a report.

use std::collections::BTreeMap;
use std::time::Duration;

use console::style;
use serde::Serialize;
use shared::event::{Ended, PageResult, Progress};
use shared::{Counts, Event, Terminal};

use super::output_options::FailOn;
use super::told::Told;
use super::words::{bytes, count, plain, time, word};

/// Slowest pages that are named.
const SLOWEST: usize = 5;
/// Broken pages that are named.
const BROKEN: usize = 50;

/// Totals of a crawl so far. Bounded: lists are cut, and say so.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// The final state, once there is one.
    state: Option<Terminal>,
    /// Reason for the end.
    reason: Option<String>,
    elapsed_ms: u64,
    counts: Counts,
    bytes: u64,
    /// Numbers of pages by status, or by the kind of failure where there was none.
    by_status: BTreeMap<String, u64>,
    /// Numbers of skipped URLs by reason.
    skipped: BTreeMap<String, u64>,
    slowest: Vec<SlowPage>,
    broken: Vec<BrokenPage>,
    /// Broken pages beyond those that are named.
    more_broken: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SlowPage {
    url: String,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BrokenPage {
    url: String,
    status: Option<u16>,
    error: String,
    /// The page where the link was found first; none for start pages.
    linked_from: Option<String>,
}

impl Summary {
    /// Counts one event.
    pub(super) fn take(&mut self, told: &Told) {
        match &told.event {
            Some(Event::Progress(page)) => self.page(page),
            Some(Event::Skipped(skipped)) => {
                *self.skipped.entry(word(&skipped.reason)).or_default() += 1;
                self.counts.skipped = self.counts.skipped.max(self.skipped.values().sum());
            }
            Some(Event::Done(ended)) => self.end(Terminal::Done, ended),
            Some(Event::Cancelled(ended)) => self.end(Terminal::Cancelled, ended),
            Some(Event::Failed(ended)) => self.end(Terminal::Failed, ended),
            Some(Event::Started(_) | Event::Notice(_) | Event::Resumed(_)) | None => {}
        }
    }

    fn page(&mut self, page: &Progress) {
        self.counts = page.counts;
        let kind = match &page.result {
            PageResult::Fetched(fetched) => {
                self.bytes += fetched.bytes;
                self.slow(&page.url, fetched.elapsed_ms);
                fetched.status.to_string()
            }
            PageResult::Failed { error } => {
                let kind = error
                    .status
                    .map_or_else(|| word(&error.code), |status| status.to_string());
                let broken = BrokenPage {
                    url: page.url.clone(),
                    status: error.status,
                    error: error.message.clone(),
                    linked_from: page.referrer.clone(),
                };
                if self.broken.len() < BROKEN {
                    self.broken.push(broken);
                } else {
                    self.more_broken += 1;
                }
                kind
            }
        };
        *self.by_status.entry(kind).or_default() += 1;
    }

    fn slow(&mut self, url: &str, elapsed_ms: u64) {
        let place = self
            .slowest
            .partition_point(|page| page.elapsed_ms >= elapsed_ms);
        if place < SLOWEST {
            let url = url.to_owned();
            self.slowest.insert(place, SlowPage { url, elapsed_ms });
            self.slowest.truncate(SLOWEST);
        }
    }

    fn end(&mut self, state: Terminal, ended: &Ended) {
        self.state = Some(state);
        self.reason = Some(ended.reason.clone());
        self.elapsed_ms = ended.elapsed_ms;
        self.counts = ended.counts;
    }

    /// The final state, once there is one.
    pub(super) const fn state(&self) -> Option<Terminal> {
        self.state
    }

    /// True if something happened that is to count as a failure, or nothing at all could be fetched.
    pub(super) fn is_unsuccessful(&self, fail_on: &[FailOn]) -> bool {
        let struck = fail_on.iter().any(|what| match what {
            FailOn::Failed => self.counts.failed > 0,
            FailOn::Skipped => self.counts.skipped > 0,
        });
        struck || self.counts.fetched == 0
    }

    /// The summary as one JSON object.
    pub(super) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            r#type: &'static str,
            #[serde(flatten)]
            summary: &'a Summary,
        }
        let line = Line {
            r#type: "summary",
            summary: self,
        };
        serde_json::to_string(&line).expect("texts and numbers serialise")
    }

    /// The summary in lines for a person, on stderr.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        if !self.skipped.is_empty() {
            let reasons: Vec<String> = self
                .skipped
                .iter()
                .map(|(reason, number)| format!("{number} {reason}"))
                .collect();
            lines.push(format!("skipped: {}", reasons.join(", ")));
        }
        if self.slowest.len() > 1 {
            lines.push("slowest:".to_owned());
            lines.extend(self.slowest.iter().map(|page| {
                let took = time(Duration::from_millis(page.elapsed_ms));
                format!("  {took:>8}  {}", plain(&page.url))
            }));
        }
        if !self.broken.is_empty() {
            let all = self.broken.len() as u64 + self.more_broken;
            lines.push(
                style(format!("broken ({all}):"))
                    .for_stderr()
                    .red()
                    .to_string(),
            );
            for page in &self.broken {
                let what = page
                    .status
                    .map_or_else(|| page.error.clone(), |status| status.to_string());
                lines.push(format!("  {}  {}", plain(&page.url), plain(&what)));
                if let Some(linked_from) = &page.linked_from {
                    lines.push(format!("    linked from {}", plain(linked_from)));
                }
            }
            if self.more_broken > 0 {
                lines.push(format!("  and {} more", self.more_broken));
            }
        }
        lines
    }

    fn headline(&self) -> String {
        let elapsed = Duration::from_millis(self.elapsed_ms);
        let took = match self.state {
            Some(_) => format!(" in {}", time(elapsed)),
            None => String::new(),
        };
        let statuses: Vec<String> = self
            .by_status
            .iter()
            .map(|(status, number)| format!("{number} × {status}"))
            .collect();
        let why = match (self.state, self.reason.as_deref()) {
            (Some(Terminal::Done), Some("complete") | None) | (None, _) => String::new(),
            (Some(Terminal::Done), Some(reason)) => format!(" (the crawl's {reason} is reached)"),
            (Some(state), reason) => format!(" ({}: {})", word(&state), reason.unwrap_or_default()),
        };
        format!(
            "{}{took}{}, {}{}{}",
            style(count(self.counts.fetched, "page"))
                .for_stderr()
                .bold(),
            plain(&why),
            bytes(self.bytes),
            if statuses.is_empty() { "" } else { ": " },
            statuses.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;
    use shared::Position;

    use super::*;

    fn summary(events: &[serde_json::Value]) -> Summary {
        let mut summary = Summary::default();
        for (place, event) in events.iter().enumerate() {
            let data = Bytes::from(serde_json::to_vec(event).unwrap());
            let told = Told::new(Position(place as u64 + 1), data);
            assert!(told.event.is_some(), "{event}");
            summary.take(&told);
        }
        summary
    }

    fn page(url: &str, result: &serde_json::Value, fetched: u64, failed: u64) -> serde_json::Value {
        let known = fetched + failed;
        json!({"type": "progress", "at": "2026-01-01T00:00:00Z", "url": url, "depth": 1,
            "referrer": "https://a.example/", "result": result, "percent": 100,
            "counts": {"discovered": known, "fetched": fetched, "failed": failed, "skipped": 0, "queued": 0, "inFlight": 0}})
    }

    #[test]
    fn a_summary_names_what_is_broken_and_who_links_there() {
        let fetched = json!({"outcome": "fetched", "status": 200, "bytes": 1500, "elapsedMs": 20, "links": 1});
        let missing = json!({"outcome": "failed", "error": {"code": "status", "message": "404 Not Found", "status": 404}});
        let summary = summary(&[
            page("https://a.example/", &fetched, 1, 0),
            page("https://a.example/gone", &missing, 1, 1),
        ]);
        let text = console::strip_ansi_codes(&summary.lines().join("\n")).into_owned();
        assert_eq!(
            text,
            "1 page, 1.5 kB: 1 × 200, 1 × 404\nbroken (1):\n  https://a.example/gone  404\n    linked from https://a.example/"
        );
        assert!(summary.is_unsuccessful(&[FailOn::Failed]));
        assert!(!summary.is_unsuccessful(&[FailOn::Skipped]));
        assert!(summary.to_json().starts_with(r#"{"type":"summary","#));
    }

    #[test]
    fn a_crawl_that_fetched_nothing_did_not_succeed() {
        let lost = json!({"outcome": "failed", "error": {"code": "dns", "message": "the name has no address"}});
        assert!(summary(&[page("https://a.invalid/", &lost, 0, 1)]).is_unsuccessful(&[]));
    }
}
