//! `crawl`: from a site to its pages, here and now.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use shared::request::Format;
use shared::{CrawlRequest, Position};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::exit::{Exit, Failure};
use super::journal_feed::JournalFeed;
use super::output::{Cursors, Form, Outputs, Target};
use super::output_options::OutputOptions;
use super::own_nets::own_nets;
use super::plan::Plan;
use super::request_options::{RequestOptions, judged};
use super::runtime::block_on;
use super::session::Session;
use crate::app::{LocalConfig, LocalCrawl};
use crate::archive::Spool;
use crate::config::FetchOptions;
use crate::drain::{StopSignal, StopSignals};

/// Interval at which the bar is drawn while nothing comes.
const TICK: Duration = Duration::from_millis(250);

/// Options of `crawl`.
#[derive(Debug, Clone, Args)]
pub(super) struct CrawlOptions {
    #[command(flatten)]
    request: RequestOptions,

    #[command(flatten)]
    output: OutputOptions,

    /// Directory for the crawl's state. The same command with the same directory goes on where it stopped, after Ctrl-C and after
    /// a crash; without it, a crawl that stopped begins anew.
    #[arg(long, value_name = "DIR", help_heading = "How to crawl")]
    state: Option<PathBuf>,

    #[command(flatten)]
    fetch: FetchOptions,
}

/// Directory of the state, which goes with the process if nobody has named one.
enum Home {
    Kept(PathBuf),
    Passing(TempDir),
}

/// Runs the command.
pub(super) fn run(options: &CrawlOptions) -> Result<Exit, Failure> {
    let targets = Target::parse_all(&options.output.output).map_err(Failure::Usage)?;
    check(&options.output, &targets)?;
    let request = request(&options.request, &targets)?;
    block_on(crawl(options, request, &targets))
}

/// Checks that the outputs go together.
pub(super) fn check(options: &OutputOptions, targets: &[Target]) -> Result<(), Failure> {
    if options.json && targets.iter().any(|target| target.form == Form::Stdout) {
        let both = "--json and --output - both write to stdout: give one of them";
        return Err(Failure::Usage(both.to_owned()));
    }
    Ok(())
}

/// The request, with the format that a directory of Markdown needs.
fn request(options: &RequestOptions, targets: &[Target]) -> Result<CrawlRequest, Failure> {
    let mut fields = options.to_json()?;
    add_markdown(&mut fields, targets);
    let request = judged(fields)?;
    for (name, is_there) in [
        ("webhook", request.webhook.is_some()),
        ("since", request.since.is_some()),
    ] {
        if is_there {
            return Err(Failure::Usage(format!(
                "{name} needs a server: use `crawlcast submit`"
            )));
        }
    }
    Ok(request)
}

/// Asks for Markdown if a target is made of it.
pub(super) fn add_markdown(fields: &mut serde_json::Map<String, Value>, targets: &[Target]) {
    if !targets.iter().any(|target| target.form == Form::Tree) {
        return;
    }
    let formats = fields
        .entry("formats")
        .or_insert_with(|| json!([Format::Metadata]));
    let markdown = json!(Format::Markdown);
    if let Value::Array(formats) = formats
        && !formats.contains(&markdown)
    {
        formats.push(markdown);
    }
}

async fn crawl(
    options: &CrawlOptions,
    mut request: CrawlRequest,
    targets: &[Target],
) -> Result<Exit, Failure> {
    // Before anything is started, so that a signal in between is not lost.
    let mut signals = StopSignals::listen().context("could not listen for signals")?;
    let home = Home::of(options.state.as_deref())?;
    let crawl = open(options, &request, home.path()).await?;
    let secrets = request.take_secrets();
    let archives = targets.iter().any(|target| target.form == Form::Warc);
    let plan = Plan::of(home.path(), request, archives, crawl.clock())?;
    let spool = plan
        .archives
        .then(|| Spool::open(home.path().join("answers")).map(Arc::new));
    let spool = spool
        .transpose()
        .context("could not keep answers for the archive")?;
    let outputs = Outputs::open(targets, home.cursors()?, spool.as_ref())?;
    let channel = plan.job.channel_id;
    let before = crawl
        .journal()
        .snapshot(channel)
        .await
        .context("could not read the crawl's state")?;
    let shown = before.map_or(Position(0), |snapshot| snapshot.head.position);
    let mut session = Session::new(outputs, &options.output, shown);
    if shown > Position(0) {
        session.screen().note(&format!(
            "going on with the crawl in {}",
            home.path().display()
        ));
    }
    let mut feed = JournalFeed::new(&crawl.journal(), channel);
    crawl.run(&plan.job, secrets, spool.clone()).await?;

    let followed = follow(
        &crawl,
        &mut feed,
        &mut session,
        &mut signals,
        spool.as_deref(),
    )
    .await;
    let conclusion = async {
        crawl.stop().await;
        let stopped = followed?;
        // What was committed before the stop.
        loop {
            let told = feed
                .ready()
                .await
                .context("could not read the crawl's journal")?;
            if told.is_empty() {
                break;
            }
            block_in_place(|| session.take(&told))?;
        }
        block_in_place(|| session.finish())?;
        Ok::<_, Failure>(stopped)
    };
    let stopped = tokio::select! {
        stopped = conclusion => stopped,
        signal = signals.next() => return Ok(Exit::Stopped(signal)),
    };
    let result = stopped.map(|stopped| conclude(&home, &mut session, stopped));
    crawl.close().await;
    result
}

async fn open(
    options: &CrawlOptions,
    request: &CrawlRequest,
    state: &Path,
) -> Result<LocalCrawl, Failure> {
    let settings = options
        .fetch
        .settings()
        .map_err(|faults| Failure::Usage(faults.to_string()))?;
    let mut allow_nets = settings.allow_nets;
    allow_nets.extend(own_nets(request).await);
    let config = LocalConfig {
        state: state.to_owned(),
        user_agent: settings.user_agent,
        allow_nets,
        extra_ca: settings.extra_ca,
    };
    LocalCrawl::open(config).map_err(Failure::Other)
}

/// Takes events in until the job has ended, or a signal comes, which is answered.
async fn follow(
    crawl: &LocalCrawl,
    feed: &mut JournalFeed,
    session: &mut Session,
    signals: &mut StopSignals,
    spool: Option<&Spool>,
) -> Result<Option<StopSignal>, Failure> {
    let mut tick = tokio::time::interval(TICK);
    while session.state().is_none() {
        tokio::select! {
            signal = signals.next() => return Ok(Some(signal)),
            why = crawl.failure() => return Err(full(&why)),
            told = feed.next() => {
                let told = told.context("could not read the crawl's journal")?;
                block_in_place(|| session.take(&told))?;
            }
            _ = tick.tick() => session.screen().tick(),
        }
        if let Some(error) = spool.and_then(Spool::take_failure) {
            let error = anyhow::Error::new(error);
            return Err(error
                .context("could not keep an answer for the archive")
                .into());
        }
    }
    Ok(None)
}

fn full(why: &str) -> Failure {
    Failure::Other(anyhow::anyhow!(
        "could not write the crawl's state: {why}; nothing that was written is lost: with --state, make room and repeat the command"
    ))
}

/// The last word, and the exit status.
fn conclude(home: &Home, session: &mut Session, stopped: Option<StopSignal>) -> Exit {
    match (session.state(), stopped) {
        (Some(state), _) => session.exit(state),
        (None, Some(signal)) => {
            let how = match home {
                Home::Kept(_) => "repeat the command to go on",
                Home::Passing(_) => "with --state DIR the same command would go on",
            };
            session.screen().note(&format!("stopped; {how}"));
            Exit::Stopped(signal)
        }
        (None, None) => Exit::Unsuccessful,
    }
}

impl Home {
    fn of(state: Option<&Path>) -> Result<Self, Failure> {
        if let Some(directory) = state {
            return Ok(Self::Kept(directory.to_owned()));
        }
        let made = tempfile::Builder::new().prefix("crawlcast-").tempdir();
        let place = std::env::temp_dir();
        let made = made.with_context(|| {
            format!(
                "could not make a directory in {}: set TMPDIR, or name one with --state",
                place.display()
            )
        })?;
        Ok(Self::Passing(made))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Passing(directory) => directory.path(),
        }
    }

    fn cursors(&self) -> Result<Option<Cursors>, Failure> {
        let file = self.path().join("outputs.json");
        let cursors = Cursors::open(file.clone())
            .with_context(|| format!("could not read {}", file.display()))?;
        Ok(Some(cursors))
    }
}
