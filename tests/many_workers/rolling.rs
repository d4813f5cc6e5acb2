//! A deploy of all workers, one after the other, in the middle of a crawl that many watch.

use std::time::{Duration, Instant};

use e2e::{Cluster, Seen, Site, Watcher, eventually};
use futures_util::future::join_all;
use serde_json::json;

use crate::schedule::WORKERS;

const PAGES: usize = 150;

/// Findings of a deploy.
pub(crate) struct Deploy {
    /// Reconnects in each second after each stop, in order.
    pub(crate) reconnects: Vec<Vec<usize>>,
}

impl Deploy {
    /// The most reconnects in one second, as a multiple of the even share over the seconds in which there were any.
    pub(crate) fn peak(&self) -> f64 {
        let peaks = self.reconnects.iter().filter_map(|seconds| {
            let (most, sum) = (seconds.iter().max()?, seconds.iter().sum::<usize>());
            let first = seconds.iter().position(|count| *count > 0)?;
            let span = seconds.len() - first;
            Some(as_f64(*most) * as_f64(span) / as_f64(sum))
        });
        peaks.fold(0.0, f64::max)
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Restarts each worker while `watchers` watch one job; each must see all of its log, and the log must be right.
///
/// # Panics
/// If somebody lost or repeated an event, or a page is missing.
pub(crate) async fn deploy(watchers: usize) -> Deploy {
    let mut cluster = Cluster::of(WORKERS).await;
    let site = Site::tree(PAGES).await;
    let last = site.hold(Site::tree_paths(PAGES).last().expect("there are pages"));
    let crawl = json!({ "url": site.url("/"), "delayMs": 50 });
    let job = cluster.api().submit(crawl).await;
    let mut crowd: Vec<Watcher> = (0..watchers).map(|_| job.watch()).collect();
    join_all(crowd.iter_mut().map(|watcher| watcher.until_events(2))).await;

    let mut stops = Vec::new();
    for worker in 0..WORKERS {
        stops.push(Instant::now());
        restart(&mut cluster, worker).await;
        let back = crowd
            .iter_mut()
            .map(|watcher| watcher.until("it is back", is_connected));
        join_all(back).await;
    }
    last.open();

    let log = cluster.workers[0].api();
    let log = job.through(log).watch().until_over().await;
    let done = log.check_ended("done");
    assert_eq!(done["counts"]["fetched"], PAGES);
    let mut asked = Vec::new();
    for mut watcher in crowd {
        let seen = watcher.until_over().await;
        assert!(seen.events().eq(log.events()), "{}", seen.tell());
        assert!(!seen.has("reset"), "{}", seen.tell());
        asked.extend(reconnects(&seen));
    }
    Deploy {
        reconnects: by_second(&stops, &asked),
    }
}

async fn restart(cluster: &mut Cluster, worker: usize) {
    let worker = &mut cluster.workers[worker];
    worker.terminate();
    assert_eq!(worker.exit().await.code(), Some(0));
    worker.restart().await;
    let api = worker.api();
    eventually("the new worker is ready", || async {
        (api.get("/readyz").await.status == 200).then_some(())
    })
    .await;
}

fn is_connected(seen: &Seen) -> bool {
    let link = seen.links.last();
    link.is_some_and(|link| {
        link.body_end.is_none() && link.frames.iter().any(|frame| frame.name == "hello")
    })
}

/// Times of all connections but the first.
fn reconnects(seen: &Seen) -> Vec<Instant> {
    let links = seen.links.iter().skip(1);
    links.filter_map(|link| link.asked).collect()
}

/// Counts times by stop and by second after it.
fn by_second(stops: &[Instant], asked: &[Instant]) -> Vec<Vec<usize>> {
    let mut counts = vec![Vec::new(); stops.len()];
    for at in asked {
        let Some(stop) = stops.iter().rposition(|stop| stop <= at) else {
            continue;
        };
        let second = whole_seconds(*at - stops[stop]);
        let seconds = &mut counts[stop];
        seconds.resize(seconds.len().max(second + 1), 0);
        seconds[second] += 1;
    }
    counts
}

fn whole_seconds(span: Duration) -> usize {
    usize::try_from(span.as_secs()).expect("a run does not last for ages")
}
