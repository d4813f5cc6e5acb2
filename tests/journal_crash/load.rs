//! The process that is killed: it writes all jobs at once into the directory that it is given, and says what is durable.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside its test functions"
)]

mod record;

use std::sync::Arc;
use std::time::Duration;

use shared::queue_message::VERSION;
use shared::{CrawlRequest, JobMessage, Timestamp};
use store::journal::{Acquired, Journal, LogWriter, Ordinal};

use self::record::{EVENTS_PER_STEP, JOBS, channel, counts, discovered, events, open};

#[tokio::main]
async fn main() {
    let path = std::env::args().nth(1).expect("the directory is named");
    let journal = open(&path);
    let writers = (0..JOBS).map(|job| write_until_killed(journal.clone(), job));
    futures_util::future::join_all(writers).await;
}

async fn write_until_killed(journal: Arc<dyn Journal>, job: u8) {
    let message = message(job);
    let acquired = journal.acquire(&message, "w", Duration::from_secs(60));
    let (lease, checkpoint) = match acquired.await.unwrap() {
        Acquired::Fresh(lease, checkpoint) | Acquired::Resumed(lease, checkpoint) => {
            (lease, checkpoint)
        }
        refused @ (Acquired::Held(_) | Acquired::Finished) => panic!("{refused:?}"),
    };
    let head = checkpoint.head;
    let mut writer = LogWriter::new(journal, lease, head);
    for step in head.position.0 / EVENTS_PER_STEP + 1.. {
        let (events, completed) = (events(job, step), vec![Ordinal(step)]);
        let discovered = discovered(step).collect();
        let append = writer.append(&events, discovered, completed, counts(step));
        append.await.unwrap();
        println!("ack {job} {step};");
    }
}

fn message(job: u8) -> JobMessage {
    JobMessage {
        version: VERSION,
        channel_id: channel(job),
        tenant: "t".into(),
        submitted_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(0),
        request: CrawlRequest::parse(br#"{"url":"https://example.com"}"#).unwrap(),
        sealed: None,
    }
}
