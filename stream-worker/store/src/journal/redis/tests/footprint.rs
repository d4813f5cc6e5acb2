//! Memory that a log takes in the server, which is the dear part.

use shared::{Counts, EventId, Position, sse};

use super::bodies::{page_with, store_in};
use super::workers::begin;
use super::{Cluster, Worker};
use crate::journal::suite::world::{Pen, notice};
use crate::journal::{Entry, LogWriter, Step};
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
    let each = bytes_of_log(&worker, &pen).await / (200 * 16);
    assert!(each < 120, "{each} bytes an event");
}

async fn bytes_of_log(worker: &Worker, pen: &Pen) -> i64 {
    let log = worker.journal.inner.keys.channel(pen.channel()).log;
    let asked = Request::command("MEMORY")
        .bytes("USAGE")
        .bytes(log)
        .bytes("SAMPLES")
        .number(0);
    worker.ask(asked).await.number().unwrap()
}

/// HTML of 50 KB. As in a language, few words are most of the text.
fn html(random: &mut fastrand::Rng) -> String {
    let words: Vec<String> = (0..1500)
        .map(|_| {
            (0..random.usize(2..10))
                .map(|_| random.lowercase())
                .collect()
        })
        .collect();
    let mut html = String::from("<!doctype html><html><body>");
    while html.len() < 50_000 {
        let class = &words[random.usize(..20)];
        let text: Vec<&str> = (0..12)
            .map(|_| words[rank(random, words.len())].as_str())
            .collect();
        let text = text.join(" ");
        html.push_str(&format!("<div class=\"{class}\"><p>{text}</p></div>\n"));
    }
    html
}

/// A number below `most`, the smaller the likelier.
fn rank(random: &mut fastrand::Rng, most: usize) -> usize {
    (0..4).fold(most, |below, _| random.usize(..below) + 1) - 1
}

/// Bytes in the server for a page of 50 KB, written two a step.
async fn bytes_of_a_page(worker: &Worker) -> i64 {
    const STEPS: i64 = 50;
    let mut random = fastrand::Rng::with_seed(7);
    let pen = begin(worker).await;
    let mut writer = LogWriter::new(worker.journal.clone(), pen.lease.clone(), EventId::START);
    for _ in 0..STEPS {
        let pages = [(); 2].map(|()| page_with(1, &html(&mut random)));
        let appended = writer.append(&pages, Vec::new(), Vec::new(), Counts::default());
        appended.await.unwrap();
    }
    bytes_of_log(worker, &pen).await / (2 * STEPS)
}

#[tokio::test]
async fn a_page_of_50_kb_takes_less_than_700_bytes_beside_an_object_store() {
    let (cluster, directory) = (Cluster::volatile().await, tempfile::tempdir().unwrap());
    let here = bytes_of_a_page(&cluster.worker()).await;
    let bodies = store_in(directory.path()).await;
    let away = bytes_of_a_page(&Worker::new(cluster.link(), Some(bodies))).await;
    println!("{here} bytes a page in Redis, {away} beside an object store");
    assert!(here > 10 * away && away < 700, "{here} and {away} bytes");
}
