//! A process that writes the journal is killed at random moments: what it was told to be durable is there, and nothing is
//! there by half.
//!
//! The process is this test itself, started again with the name of the test that plays it. Each job's record is a function
//! of the number of its steps, so that the reopened journal can be held against it without any other note.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside its test functions"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use shared::event::{Notice, NoticeCode};
use shared::queue_message::VERSION;
use shared::{
    ChannelId, Counts, CrawlRequest, Event, EventId, JobMessage, Position, Timestamp, sse,
};
use stream_worker::clock::Clock;
use stream_worker::journal::{
    Acquired, EmbeddedConfig, EmbeddedJournal, Journal, LogWriter, Ordinal, Pending,
};
use stream_worker::sqlite::{DataDir, unobserved};

const ROUNDS: usize = 100;
const JOBS: u8 = 6;
const EVENTS_PER_STEP: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_journal_holds_every_acknowledged_step_and_no_half_of_any() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut acknowledged = HashMap::new();
    for round in 0..ROUNDS {
        let context = format!("seed {seed}, round {round}");
        let mut child = start(path);
        let acks = read_and_kill(&mut child, random.usize(0..80));
        for (job, steps) in acks {
            acknowledged.insert(job, steps);
        }
        hold_against(path, &acknowledged, &context).await;
    }
    let steps: u64 = acknowledged.values().sum();
    assert_eq!(acknowledged.len(), usize::from(JOBS));
    assert!(steps > ROUNDS as u64, "only {steps} steps were written");
}

/// The process that is killed: it writes all jobs at once and says what is durable.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the crash test starts it as a process of its own"]
async fn journal_under_load() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    if path.is_empty() {
        return;
    }
    let journal = open(path.trim_end());
    let writers = (0..JOBS).map(|job| write_until_killed(journal.clone(), job));
    futures_util::future::join_all(writers).await;
}

fn start(path: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "journal_under_load"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{path}").unwrap();
    child
}

/// Kills the process after it has acknowledged `after` steps; answers the steps that each job was told to be durable,
/// also in what was still on its way when the process died.
fn read_and_kill(child: &mut Child, after: usize) -> HashMap<u8, u64> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acks = HashMap::new();
    let mut seen = 0;
    while seen < after {
        let line = lines.next().expect("the process writes until it is killed");
        seen += usize::from(note(&line.unwrap(), &mut acks));
    }
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok) {
        note(&line, &mut acks);
    }
    acks
}

/// Reads `ack <job> <steps>;`, whose semicolon says that the line is whole. What else the test harness prints is not ours.
fn note(line: &str, acks: &mut HashMap<u8, u64>) -> bool {
    let ack = line
        .find("ack ")
        .and_then(|at| line[at + 4..].strip_suffix(';'))
        .and_then(|ack| ack.split_once(' '));
    let Some((job, steps)) = ack else {
        return false;
    };
    acks.insert(job.parse().unwrap(), steps.parse().unwrap());
    true
}

async fn write_until_killed(journal: Arc<EmbeddedJournal>, job: u8) {
    let message = message(job);
    let acquired = journal.acquire(&message, "w", Duration::from_secs(60));
    let (lease, checkpoint) = match acquired.await.unwrap() {
        Acquired::Fresh(lease, checkpoint) | Acquired::Resumed(lease, checkpoint) => {
            (lease, checkpoint)
        }
        refused @ (Acquired::Held(_) | Acquired::Finished) => panic!("{refused:?}"),
    };
    let head = checkpoint.head.position;
    let mut writer = LogWriter::new(journal, lease, head);
    for step in head.0 / EVENTS_PER_STEP + 1.. {
        let (events, completed) = (events(job, step), vec![Ordinal(step)]);
        let discovered = discovered(step).collect();
        let append = writer.append(&events, discovered, completed, counts(step), None);
        append.await.unwrap();
        println!("ack {job} {step};");
    }
}

async fn hold_against(path: &str, acknowledged: &HashMap<u8, u64>, context: &str) {
    let journal = open(path);
    for job in 0..JOBS {
        let channel = channel(job);
        let durable = acknowledged.get(&job).copied().unwrap_or(0);
        let Some(snapshot) = journal.snapshot(channel).await.unwrap() else {
            assert_eq!(durable, 0, "{context}: job {job} is gone");
            continue;
        };
        let head = snapshot.head.position.0;
        let steps = head / EVENTS_PER_STEP;
        assert!(
            steps >= durable,
            "{context}: {durable} of {steps} steps acknowledged"
        );
        assert_eq!(head % EVENTS_PER_STEP, 0, "{context}: half a step");
        assert_eq!(snapshot.counts, counts(steps), "{context}");

        let frames = journal
            .read(channel, Position(0), usize::MAX)
            .await
            .unwrap();
        let written = (1..=steps).flat_map(|step| events(job, step));
        assert_eq!(frames.len() as u64, head, "{context}");
        for ((position, frame), event) in (1..).zip(&frames).zip(written) {
            assert_eq!(frame.id.position, Position(position), "{context}");
            let id = EventId::new(frame.id.attempt, Position(position));
            assert_eq!(frame.bytes, sse::encode(&event, id).frame, "{context}");
        }
        let pending = journal
            .pending(channel, Ordinal(0), usize::MAX)
            .await
            .unwrap();
        let waiting = (1..=steps).flat_map(discovered);
        let waiting = waiting.filter(|pending| pending.ordinal.0 > steps);
        assert!(pending.into_iter().eq(waiting), "{context}");
    }
    journal.close().await;
}

fn open(path: &str) -> Arc<EmbeddedJournal> {
    let dir = DataDir::open(path).unwrap();
    let config = EmbeddedConfig::default();
    Arc::new(EmbeddedJournal::open(&dir, config, Clock::system(), unobserved()).unwrap())
}

const fn channel(job: u8) -> ChannelId {
    ChannelId::from_bytes([job; 16])
}

fn message(job: u8) -> JobMessage {
    JobMessage {
        version: VERSION,
        channel_id: channel(job),
        tenant: "t".into(),
        submitted_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(0),
        request: CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap(),
    }
}

fn events(job: u8, step: u64) -> Vec<Event> {
    let notice = |number| {
        Event::Notice(Notice {
            at: Timestamp::from_millis(0),
            code: NoticeCode::LinksCut,
            text: format!("job {job} step {step} event {number}").repeat(4),
        })
    };
    (0..EVENTS_PER_STEP).map(notice).collect()
}

/// Each step finds two URLs and completes the one with its own number.
fn discovered(step: u64) -> impl Iterator<Item = Pending> {
    (2 * step - 1..=2 * step).map(|ordinal| Pending {
        ordinal: Ordinal(ordinal),
        url: format!("https://example.com/{ordinal}"),
        depth: 1,
        referrer: None,
    })
}

const fn counts(steps: u64) -> Counts {
    Counts {
        discovered: 2 * steps,
        fetched: steps,
        failed: 0,
        skipped: 0,
        queued: steps,
        in_flight: 0,
    }
}
