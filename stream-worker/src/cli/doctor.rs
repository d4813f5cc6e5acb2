//! `doctor`: tells why no events arrive, and the line that mends it.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use clap::Args;
use console::{StyledObject, measure_text_width, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::Clock;
use url::Url;

use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::terminal::can_draw;
use super::words::{count, plain};
use crate::config::KeyOptions;
use crate::doctor::{Asked, Caller, Check, CheckId, Report, Verdict, examine};

/// Columns for the name of a check.
const NAME: usize = 15;
/// Columns before the text of a line.
const INDENT: usize = 2 + 2 + NAME;
/// Columns of a line of evidence.
const WIDTH: usize = 78;

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub(super) struct DoctorOptions {
    /// The address of the service, as browsers reach it.
    #[arg(value_name = "URL")]
    url: Url,

    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,

    /// Make only this check; may be repeated.
    #[arg(long, value_name = "ID", value_parser = check_id)]
    only: Vec<CheckId>,

    /// Find also a limit on the age of streams, which takes as long as the worker lets one live: ten minutes by default.
    #[arg(long)]
    long: bool,

    #[command(flatten)]
    key: KeyOptions,
}

fn check_id(text: &str) -> Result<CheckId, String> {
    let known = |id: &&CheckId| id.as_str().eq_ignore_ascii_case(text);
    CheckId::ALL.iter().find(known).copied().ok_or_else(|| {
        let names: Vec<&str> = CheckId::ALL.iter().map(|id| id.as_str()).collect();
        format!("the checks are {}", names.join(", "))
    })
}

/// Runs the command.
pub(super) fn run(options: &DoctorOptions) -> Result<Exit, Failure> {
    if !matches!(options.url.scheme(), "http" | "https") {
        return Err(Failure::Usage(format!("{} is no http(s) URL", options.url)));
    }
    let key = options.key.api_key().context("could not read the API key");
    let key = key.map_err(|error| Failure::NotRun(format!("{error:#}")))?;
    let caller = Caller::new(&options.url, key)
        .map_err(|error| Failure::NotRun(format!("could not set up HTTP: {error}")))?;
    let asked = Asked {
        only: options.only.clone(),
        long: options.long,
    };
    let report = block_on(look(
        &caller,
        &asked,
        &Clock::new(|| SystemTime::now().into()),
    ))?;
    let text = match options.json {
        true => serde_json::to_string(&report).expect("a report is strings and numbers") + "\n",
        false => told(&report),
    };
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::stdout)?;
    Ok(match report.healthy {
        true => Exit::Done,
        false => Exit::Unsuccessful,
    })
}

async fn look(caller: &Caller, asked: &Asked, clock: &Clock) -> Result<Report, Failure> {
    let spinner = spinner();
    let examined = examine(caller, asked, clock).await;
    spinner.finish_and_clear();
    let examination = examined.map_err(|refusal| Failure::NotRun(plain(&refusal.to_string())))?;
    Ok(Report::of(&examination))
}

fn spinner() -> ProgressBar {
    let target = match can_draw() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let spinner = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
    spinner.set_style(style.expect("the template is sound"));
    spinner.set_message("probing; silence and idle connections take about a minute");
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// The report for a person: a line a check, and what mends those that are broken.
fn told(report: &Report) -> String {
    let via: Vec<&str> = report.via.iter().map(|product| product.name()).collect();
    let through = match via.as_slice() {
        [] => "no proxy recognised".to_owned(),
        names => format!("through {}", names.join(", ")),
    };
    let target = style(plain(&report.target)).bold();
    let mut text = format!("{target}  {}\n\n", style(through).dim());
    // Without a worker nothing else could be tried, which goes without saying.
    let shown = if reached(report) {
        report.checks.len()
    } else {
        1
    };
    for check in report.checks.iter().take(shown) {
        line(check, &mut text);
    }
    text.push('\n');
    text.push_str(&summary(report));
    text.push('\n');
    text
}

/// False if the first check says that there is no worker.
fn reached(report: &Report) -> bool {
    let first = report.checks.first();
    first.is_none_or(|first| first.id != CheckId::Reachable || first.verdict == Verdict::Kept)
}

fn line(check: &Check, text: &mut String) {
    let mark = mark(check.verdict);
    let mut evidence = plain(&check.evidence);
    if let Some(kind) = &check.kind {
        evidence = format!("{}: {evidence}", plain(kind));
    }
    let mut lines = wrapped(&evidence).into_iter();
    let first = lines.next().unwrap_or_default();
    text.push_str(&format!("  {mark} {:NAME$}{first}\n", check.id.as_str()));
    let margin = " ".repeat(INDENT);
    for more in lines {
        text.push_str(&format!("{margin}{more}\n"));
    }
    for cure in &check.cures {
        let product = style(format!("{}:", cure.product.name())).dim();
        let setting = style(plain(&cure.setting)).green().bold();
        text.push_str(&format!(
            "{margin}{} {product} {setting}\n",
            style("→").green()
        ));
    }
}

fn mark(verdict: Verdict) -> StyledObject<&'static str> {
    match verdict {
        Verdict::Kept => style("✓").green(),
        Verdict::Broken => style("✗").red().bold(),
        Verdict::Unknown => style("?").yellow(),
    }
}

fn summary(report: &Report) -> String {
    let number = |verdict| {
        let of = report
            .checks
            .iter()
            .filter(|check| check.verdict == verdict);
        of.count() as u64
    };
    let (broken, unknown) = (number(Verdict::Broken), number(Verdict::Unknown));
    let open = match unknown * u64::from(reached(report)) {
        0 => String::new(),
        unknown => format!("; {} could not be decided", count(unknown, "check")),
    };
    match broken {
        0 => format!("{}{open}", style("Nothing is broken").green()),
        1 => format!("{}{open}", style("1 promise is broken").red()),
        broken => format!(
            "{}{open}",
            style(format!("{broken} promises are broken")).red()
        ),
    }
}

/// The text in lines that fit beside the names.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is a line");
        let wide = measure_text_width(last) + 1 + measure_text_width(word);
        if last.is_empty() {
            last.push_str(word);
        } else if wide <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use console::strip_ansi_codes;
    use serde_json::Map;

    use super::*;

    #[test]
    fn a_report_is_a_line_a_check() {
        let check = |id, verdict, kind: Option<&str>, evidence: &str| Check {
            id,
            verdict,
            kind: kind.map(str::to_owned),
            evidence: evidence.to_owned(),
            measured: Map::new(),
            cures: Vec::new(),
        };
        let report = Report {
            target: "https://a.example".to_owned(),
            healthy: false,
            via: Vec::new(),
            checks: vec![
                check(CheckId::Reachable, Verdict::Kept, None, "it answers"),
                check(
                    CheckId::Buffering,
                    Verdict::Broken,
                    Some("untilEnd"),
                    "frames\u{1b}[2J wait",
                ),
                check(
                    CheckId::KeepAlive,
                    Verdict::Unknown,
                    None,
                    "several workers",
                ),
            ],
        };
        let text = told(&report);
        let lines = "https://a.example  no proxy recognised\n\n\
            \u{20} ✓ reachable      it answers\n\
            \u{20} ✗ buffering      untilEnd: frames\u{fffd}[2J wait\n\
            \u{20} ? keepAlive      several workers\n\n\
            1 promise is broken; 1 check could not be decided\n";
        assert_eq!(strip_ansi_codes(&text), lines);
    }

    #[test]
    fn a_check_that_is_none_is_told_what_there_are() {
        assert_eq!(check_id("idletimeout"), Ok(CheckId::IdleTimeout));
        assert!(check_id("speed").is_err_and(|why| why.contains("buffering")));
    }

    #[test]
    fn long_evidence_is_wrapped_between_words() {
        let text = "word ".repeat(60);
        let lines = wrapped(text.trim());
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= WIDTH));
    }
}
