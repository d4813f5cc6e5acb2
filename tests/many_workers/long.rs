//! The long form: many seeds, one after the other, and a deploy before a crowd. It prints what it has seen.
//!
//! `--seeds N` runs N random seeds (30), `--seed S` one of them again, `--rounds N` each kind of fault N times in each run (2),
//! `--watchers N` a deploy before N watchers (1,000; 0 leaves it out).

mod schedule;
mod watched;
mod run;
mod rolling;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use self::run::Report;

/// Times its even share of the reconnects that a second may have, at most.
const MOST_AT_ONCE: f64 = 2.0;

fn main() -> anyhow::Result<ExitCode> {
    let wanted = Wanted::parse(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(wanted.run()))
}

struct Wanted {
    seeds: Vec<u64>,
    rounds: usize,
    watchers: usize,
}

impl Wanted {
    fn parse(arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut wanted = Self {
            seeds: Vec::new(),
            rounds: 2,
            watchers: 1_000,
        };
        let mut count = 30;
        // What cargo adds by itself.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| anyhow::anyhow!("{name} needs a number"))?;
            match name.as_str() {
                "--seeds" => count = value.parse()?,
                "--seed" => wanted.seeds.push(value.parse()?),
                "--rounds" => wanted.rounds = value.parse()?,
                "--watchers" => wanted.watchers = value.parse()?,
                _ => anyhow::bail!("{name} is not --seeds, --seed, --rounds or --watchers"),
            }
        }
        if wanted.seeds.is_empty() {
            wanted.seeds = (0..count).map(|_| fastrand::u64(..1_000_000)).collect();
        }
        Ok(wanted)
    }

    async fn run(self) -> ExitCode {
        let (mut reports, mut failed) = (Vec::new(), Vec::new());
        let runs = TaskTracker::new();
        for seed in &self.seeds {
            // A panic is the finding of one seed, not the end of all.
            match runs.spawn(run::run(*seed, self.rounds)).await {
                Ok(report) => reports.push(report),
                Err(_) => failed.push(*seed),
            }
        }
        print(&reports, &failed);
        let deployed = self.watchers == 0 || deploy(&runs, self.watchers).await;
        if failed.is_empty() && deployed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

async fn deploy(runs: &TaskTracker, watchers: usize) -> bool {
    let Ok(deploy) = runs.spawn(rolling::deploy(watchers)).await else {
        println!("a deploy before {watchers} watchers failed");
        return false;
    };
    println!("\nreconnects of {watchers} watchers in each second after each stop:");
    for seconds in &deploy.reconnects {
        println!("  {seconds:?}");
    }
    println!("at the peak {:.1} times the even share", deploy.peak());
    deploy.peak() <= MOST_AT_ONCE
}

fn print(reports: &[Report], failed: &[u64]) {
    println!("\n{} seeds passed, {} failed", reports.len(), failed.len());
    if !failed.is_empty() {
        println!("failed: {failed:?} (again with `--seed`)");
    }
    let mut faults: BTreeMap<&str, usize> = BTreeMap::new();
    let mut takeovers: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for report in reports {
        for fault in &report.faults {
            *faults.entry(fault.kind()).or_default() += 1;
        }
        for (fault, time) in &report.takeovers {
            takeovers.entry(fault.kind()).or_default().push(*time);
        }
    }
    println!("\n| fault | times | takeovers | p50 | p99 | worst |\n|---|---:|---:|---:|---:|---:|");
    for (kind, times) in faults {
        let mut spans = takeovers.remove(kind).unwrap_or_default();
        spans.sort_unstable();
        let at = |percent: usize| told(spans.get(spans.len().saturating_sub(1) * percent / 100));
        println!(
            "| {kind} | {times} | {} | {} | {} | {} |",
            spans.len(),
            at(50),
            at(99),
            at(100)
        );
    }
}

fn told(span: Option<&Duration>) -> String {
    span.map_or_else(
        || "–".to_owned(),
        |span| format!("{:.1} s", span.as_secs_f64()),
    )
}
