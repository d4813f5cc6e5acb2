//! Memory that a log takes in the server, which is the dear part.

use shared::{EventId, Position, sse};

use super::Cluster;
use super::workers::begin;
use crate::journal::suite::world::{Pen, notice};
use crate::journal::{Entry, Step};
use crate::redis::Request;

/// As long as an event of a page without its text.
fn event(pen: &Pen, position: u64) -> Entry {
    let page = position * 7919;
    let text = format!(
        "https://www.example.org/articles/{page}/on-the-keeping-of-logs-{page} was fetched with status 200 and {page} bytes of \
         text/html in {position} ms; it links to https://www.example.org/articles/{position}, which was known. {}",
        "The counters of the crawl, its depth and the title of the page make up the rest of it. "
            .repeat(4)
    );
    let id = EventId::new(pen.lease.attempt, Position(position));
    Entry {
        frame: sse::encode(&notice(&text), id).frame,
        gist: None,
        whole: None,
    }
}

#[tokio::test]
async fn sixteen_events_a_step_take_less_than_120_bytes_each() {
    let cluster = Cluster::volatile().await;
    let worker = cluster.worker();
    let mut pen = begin(&worker).await;
    for _ in 0..200 {
        let step = Step {
            entries: (1..=16).map(|at| event(&pen, pen.head + at)).collect(),
            ..pen.step(0)
        };
        assert!(step.entries[0].frame.len() > 600);
        pen.commit(step).await.unwrap();
    }
    let log = worker.journal.inner.keys.channel(pen.channel()).log;
    let asked = Request::command("MEMORY")
        .bytes("USAGE")
        .bytes(log)
        .bytes("SAMPLES")
        .number(0);
    let each = worker.ask(asked).await.number().unwrap() / (200 * 16);
    assert!(each < 120, "{each} bytes an event");
}
