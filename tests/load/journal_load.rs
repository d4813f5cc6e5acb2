//! Measures how many commits and events a second become durable.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use e2e::RedisServer;
use shared::Clock;
use shared::{ChannelId, Counts, EventId};
use store::journal::{
    Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogReader, LogWriter, RedisJournal,
    RedisJournalConfig,
};
use store::redis::RedisLink;
use store::sqlite::{DataDir, unobserved};
use tokio::task::JoinSet;

use crate::Row;
use crate::server::{event, job};

/// Jobs that write at the same time, commits of each, events in a commit.
const LOADS: [(u32, u32, usize); 3] = [(1, 2_000, 1), (64, 500, 1), (64, 200, 16)];

pub(crate) async fn commits() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for load in LOADS {
        let directory = tempfile::tempdir()?;
        let data_dir = DataDir::open(directory.path())?;
        let journal: Arc<dyn Journal> = Arc::new(EmbeddedJournal::open(
            &data_dir,
            EmbeddedConfig::default(),
            clock(),
            unobserved(),
        )?);
        rows.push(measure("journal, fsync before visible", &journal, load).await?);
        journal.close().await;
    }
    for fsync in ["always", "everysec"] {
        let settings = [("appendonly", "yes"), ("appendfsync", fsync)];
        let server = RedisServer::start_with(&settings).await;
        rows.extend(commits_to(&server, fsync).await?);
    }
    Ok(rows)
}

/// The same, and a replay, with the journal in a Redis of this machine.
async fn commits_to(server: &RedisServer, fsync: &str) -> anyhow::Result<Vec<Row>> {
    let link = Arc::new(RedisLink::open(server.url().parse()?, "load:"));
    let config = RedisJournalConfig::default();
    let unobserved = Arc::new(|_measurement| {});
    let journal = RedisJournal::open(link.clone(), None, config, clock(), unobserved);
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let mut rows = Vec::new();
    for load in LOADS {
        let what = format!("journal in Redis, appendfsync {fsync}");
        rows.push(measure(&what, &journal, load).await?);
    }
    rows.extend(long_log(&journal, server, fsync).await?);
    journal.close().await;
    link.close().await;
    Ok(rows)
}

async fn measure(
    what: &str,
    journal: &Arc<dyn Journal>,
    (jobs, commits, events): (u32, u32, usize),
) -> anyhow::Result<Row> {
    let mut writers = JoinSet::new();
    let began = Instant::now();
    for _ in 0..jobs {
        writers.spawn(write(journal.clone(), ChannelId::mint(), commits, events));
    }
    while let Some(written) = writers.join_next().await {
        written??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let commits = f64::from(jobs) * f64::from(commits);
    #[expect(clippy::cast_precision_loss, reason = "a handful of events")]
    let written = commits * events as f64;
    Ok(Row::new(
        format!("{what}; jobs at once: {jobs}, events a commit: {events}"),
        format!(
            "{:.0} commits/s, {:.0} events/s",
            commits / seconds,
            written / seconds
        ),
    ))
}

/// Writes a log, asks the server what it takes, and reads it from its start to its head.
async fn long_log(
    journal: &Arc<dyn Journal>,
    server: &RedisServer,
    fsync: &str,
) -> anyhow::Result<Vec<Row>> {
    const EVENTS: f64 = 80_000.0;
    let channel = ChannelId::mint();
    let before = info(server, "memory", "used_memory").await?;
    write(journal.clone(), channel, 5_000, 16).await?;
    let taken = info(server, "memory", "used_memory").await? - before;
    let mut reader = LogReader::new(journal.clone(), channel, 1 << 20);
    let (mut bytes, began) = (0, Instant::now());
    loop {
        let page = reader.frames().await?;
        if page.is_empty() {
            break;
        }
        bytes += page.iter().map(|frame| frame.bytes.len()).sum::<usize>();
    }
    #[expect(clippy::cast_precision_loss, reason = "far below what a float counts")]
    let speed = bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
    let row = |what: &str, figure: String| {
        let log = "80,000 events, 16 a commit";
        Row::new(
            format!("journal in Redis, appendfsync {fsync}; {what} of {log}"),
            figure,
        )
    };
    Ok(vec![
        row(
            "memory of the server for each",
            format!("{:.0} B", taken / EVENTS),
        ),
        row("replay", format!("{speed:.0} MB/s")),
    ])
}

/// A number that the server tells of itself.
pub(crate) async fn info(server: &RedisServer, section: &str, name: &str) -> anyhow::Result<f64> {
    let text = server.command(&format!("INFO {section}")).await;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.with_context(|| format!("INFO {section} has no {name}"))?;
    Ok(number.trim().parse()?)
}

fn clock() -> Clock {
    Clock::new(|| std::time::SystemTime::now().into())
}

async fn write(
    journal: Arc<dyn Journal>,
    channel: ChannelId,
    commits: u32,
    events: usize,
) -> anyhow::Result<()> {
    let clock = clock();
    let job = job(channel, clock.now())?;
    let Acquired::Fresh(lease, _) = journal
        .acquire(&job, "load", std::time::Duration::from_secs(600))
        .await?
    else {
        anyhow::bail!("a minted channel is known already")
    };
    let mut writer = LogWriter::new(journal, lease, EventId::START);
    let batch = vec![event(clock.now(), 0); events];
    for _ in 0..commits {
        writer
            .append(&batch, Vec::new(), Vec::new(), Counts::default())
            .await?;
    }
    Ok(())
}
