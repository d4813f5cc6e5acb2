//! How many commits and events a second become durable.

use std::sync::Arc;
use std::time::Instant;

use shared::Clock;
use shared::{ChannelId, Counts, EventId};
use store::journal::{Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter};
use store::sqlite::{DataDir, unobserved};
use tokio::task::JoinSet;

use crate::Row;
use crate::server::{event, job};

/// Jobs that write at the same time, commits of each, events in a commit.
const LOADS: [(u32, u32, usize); 3] = [(1, 2_000, 1), (64, 500, 1), (64, 200, 16)];

pub(crate) async fn commits() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (jobs, commits, events) in LOADS {
        let directory = tempfile::tempdir()?;
        let data_dir = DataDir::open(directory.path())?;
        let clock = Clock::new(|| std::time::SystemTime::now().into());
        let journal: Arc<dyn Journal> = Arc::new(EmbeddedJournal::open(
            &data_dir,
            EmbeddedConfig::default(),
            clock.clone(),
            unobserved(),
        )?);
        let mut writers = JoinSet::new();
        let began = Instant::now();
        for _ in 0..jobs {
            writers.spawn(write(journal.clone(), clock.clone(), commits, events));
        }
        while let Some(written) = writers.join_next().await {
            written??;
        }
        let seconds = began.elapsed().as_secs_f64();
        let commits = f64::from(jobs) * f64::from(commits);
        #[expect(clippy::cast_precision_loss, reason = "a handful of events")]
        let written = commits * events as f64;
        rows.push(Row::new(
            format!(
                "journal, fsync before visible; jobs at once: {jobs}, events a commit: {events}"
            ),
            format!(
                "{:.0} commits/s, {:.0} events/s",
                commits / seconds,
                written / seconds
            ),
        ));
        journal.close().await;
    }
    Ok(rows)
}

async fn write(
    journal: Arc<dyn Journal>,
    clock: Clock,
    commits: u32,
    events: usize,
) -> anyhow::Result<()> {
    let job = job(ChannelId::mint(), clock.now())?;
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
