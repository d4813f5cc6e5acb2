//! The display of a running crawl: a line for each page on stdout, a bar and notes on stderr.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use console::{style, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::event::{NoticeCode, PageResult, Progress};
use shared::{Counts, Event};

use super::output_options::OutputOptions;
use super::terminal::{can_draw, stdout_width};
use super::told::Told;
use super::words::{count, plain, word};

/// Silence after which the bar says what is waited for.
const SILENCE: Duration = Duration::from_secs(2);

/// Output on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Printed {
    /// Nothing: pages go elsewhere.
    Nothing,
    /// A line for each page.
    Lines,
    /// Every event as JSON.
    Json,
}

/// The two terminals.
pub(super) struct Screen {
    printed: Printed,
    quiet: bool,
    bar: ProgressBar,
    counts: Counts,
    /// Pages when this process began: the rate is its own.
    before: Option<u64>,
    began: Instant,
    last_page: Instant,
    waits_for: Option<String>,
}

impl Screen {
    /// A screen as the options want it.
    pub(super) fn new(options: &OutputOptions) -> Self {
        let printed = match (options.json, options.output.is_empty() && !options.quiet) {
            (true, _) => Printed::Json,
            (false, true) => Printed::Lines,
            (false, false) => Printed::Nothing,
        };
        let draws = can_draw() && !options.quiet;
        let target = if draws {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{bar:20} {pos} of {len} · {wide_msg}");
        bar.set_style(style.expect("the template is sound").progress_chars("━╸─"));
        Self {
            printed,
            quiet: options.quiet,
            bar,
            counts: Counts::default(),
            before: None,
            began: Instant::now(),
            last_page: Instant::now(),
            waits_for: None,
        }
    }

    /// Shows events; those that an earlier run has shown are counted only, except in JSON.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub(super) fn show(&mut self, told: &[Told], is_old: impl Fn(&Told) -> bool) -> io::Result<()> {
        let mut lines = String::new();
        for event in told {
            let is_old = is_old(event);
            self.take(event, is_old);
            match (self.printed, &event.event) {
                (Printed::Json, _) => {
                    lines.push_str(&String::from_utf8_lossy(&event.data));
                    lines.push('\n');
                }
                (Printed::Lines, Some(Event::Progress(page))) if !is_old => {
                    lines.push_str(&line(page))
                }
                (Printed::Lines | Printed::Nothing, _) => {}
            }
        }
        self.print(&lines)?;
        self.tick();
        Ok(())
    }

    fn take(&mut self, told: &Told, is_old: bool) {
        match &told.event {
            Some(Event::Progress(page)) => {
                self.counts = page.counts;
                self.last_page = Instant::now();
                self.waits_for = None;
                if is_old {
                    self.before = Some(page.counts.finished());
                }
            }
            Some(Event::Notice(notice)) if !is_old => {
                let text = plain(&notice.text);
                let waits = matches!(
                    notice.code,
                    NoticeCode::CrawlDelay | NoticeCode::BackOff | NoticeCode::WorkerFault
                );
                if waits {
                    self.waits_for = Some(text.clone());
                }
                self.note(&format!("{} {text}", style("note:").for_stderr().yellow()));
            }
            Some(Event::Done(ended) | Event::Cancelled(ended) | Event::Failed(ended)) => {
                self.counts = ended.counts;
            }
            Some(Event::Started(_) | Event::Skipped(_) | Event::Notice(_) | Event::Resumed(_))
            | None => {}
        }
    }

    /// Draws the bar anew, also while nothing comes.
    pub(super) fn tick(&mut self) {
        self.bar.set_length(self.counts.discovered);
        self.bar.set_position(self.counts.finished());
        self.bar.set_message(self.message());
    }

    fn message(&self) -> String {
        if self.last_page.elapsed() > SILENCE {
            return match &self.waits_for {
                Some(what) => format!("waits: {what}"),
                None => format!("waits for {}", count(self.counts.in_flight, "answer")),
            };
        }
        let new = self
            .counts
            .finished()
            .saturating_sub(self.before.unwrap_or(0));
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = new as f64 / seconds;
        let failed = match self.counts.failed {
            0 => String::new(),
            failed => format!(" · {failed} failed"),
        };
        format!("{rate:.0} pages/s{failed}")
    }

    /// Prints a line of JSON, if JSON is what is printed.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub(super) fn json(&self, line: impl FnOnce() -> String) -> io::Result<()> {
        match self.printed {
            Printed::Json => self.print(&(line() + "\n")),
            Printed::Lines | Printed::Nothing => Ok(()),
        }
    }

    fn print(&self, lines: &str) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.bar.suspend(|| {
            let mut out = io::stdout().lock();
            out.write_all(lines.as_bytes())?;
            out.flush()
        })
    }

    /// Says something on stderr, above the bar.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| {
                let _closed = writeln!(io::stderr(), "{text}");
            });
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A page's line: status or kind of failure, URL, title or reason.
fn line(page: &Progress) -> String {
    let url = plain(&page.url);
    let line = match &page.result {
        PageResult::Fetched(fetched) => {
            let title = plain(fetched.title.as_deref().unwrap_or_default());
            let status = style(format!("{:>7}", fetched.status)).green();
            format!("{status} {url}  {}", style(title).dim())
        }
        PageResult::Failed { error } => {
            let kind = error
                .status
                .map_or_else(|| word(&error.code), |status| status.to_string());
            let kind = style(format!("{kind:>7}")).red();
            let from = page
                .referrer
                .as_ref()
                .map(|from| format!("  ← {}", plain(from)));
            format!("{kind} {url}{}", from.unwrap_or_default())
        }
    };
    let line = line.trim_end();
    match stdout_width() {
        Some(width) => format!("{}\n", truncate_str(line, width, "…")),
        None => format!("{line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use shared::Timestamp;
    use shared::event::{ErrorCode, FetchFailure, Fetched};

    use super::*;

    fn page(result: PageResult) -> Progress {
        Progress {
            at: Timestamp::from_millis(0),
            url: "https://a.example/".to_owned(),
            depth: 1,
            referrer: Some("https://b.example/".to_owned()),
            result,
            counts: Counts::default(),
            percent: 0,
        }
    }

    #[test]
    fn a_line_tells_what_came_of_a_page_and_obeys_no_title() {
        let fetched = Fetched {
            status: 200,
            title: Some("A\u{1b}[31m\nB".to_owned()),
            ..Fetched::default()
        };
        let text = line(&page(PageResult::Fetched(Box::new(fetched))));
        assert_eq!(
            console::strip_ansi_codes(&text),
            "    200 https://a.example/  A\u{fffd}[31m B\n"
        );
        let error = FetchFailure {
            code: ErrorCode::Timeout,
            message: String::new(),
            status: None,
        };
        let text = line(&page(PageResult::Failed { error }));
        assert_eq!(
            console::strip_ansi_codes(&text),
            "timeout https://a.example/  ← https://b.example/\n"
        );
    }
}
