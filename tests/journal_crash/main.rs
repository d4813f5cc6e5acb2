//! A process that writes the journal is killed at random moments: what it was told to be durable is there, and nothing is
//! there by half.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside its test functions"
)]

mod record;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use shared::{EventId, Position, sse};
use store::journal::{Ordinal, Page};

use self::record::{EVENTS_PER_STEP, JOBS, channel, counts, discovered, events, open};

const ROUNDS: usize = 100;

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

fn start(path: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_journal-under-load"))
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
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

/// Notes a line `ack <job> <steps>;`; false unless it ends in the semicolon, which says that the line is whole.
fn note(line: &str, acks: &mut HashMap<u8, u64>) -> bool {
    let ack = line
        .strip_prefix("ack ")
        .and_then(|ack| ack.strip_suffix(';'))
        .and_then(|ack| ack.split_once(' '));
    let Some((job, steps)) = ack else {
        return false;
    };
    acks.insert(job.parse().unwrap(), steps.parse().unwrap());
    true
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

        let read = journal.read(channel, EventId::START, usize::MAX).await;
        let Ok(Page::Next(frames)) = read else {
            panic!("{context}: the log of job {job} does not begin at its start: {read:?}")
        };
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
