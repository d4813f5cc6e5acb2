//! One job of a run: its site, those who watch it, and what must be true of it at the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::{Api, Cluster, Job, Seen, Site, SseFrame, Watcher, eventually};
use serde_json::{Value, json};

/// Pages of each site.
const PAGES: usize = 150;
/// Time between two requests to a site, in milliseconds.
const DELAY: u64 = 50;
/// Time within which a cancel must be obeyed.
const OBEYED: Duration = Duration::from_secs(1);

pub(crate) struct Watched {
    site: Site,
    job: Job,
    watchers: Vec<Watcher>,
    /// Watchers that left with an end that has been lost since.
    gone: Vec<Watcher>,
    /// Times that a tail of the log may have been lost.
    lost_tails: usize,
    /// Time at which the cancel was accepted.
    cancelled: Option<Instant>,
}

impl Watched {
    /// Submits a crawl through `api`, and watches it twice.
    pub(crate) async fn begin(api: &Api, number: usize) -> Self {
        let site = Site::tree(PAGES).await;
        // A job that its watchers keep alive, and one that goes on without.
        let on_disconnect = ["cancel", "continue"][number % 2];
        let crawl =
            json!({ "url": site.url("/"), "delayMs": DELAY, "onDisconnect": on_disconnect });
        let job = submit(api, &crawl, &format!("job {number}")).await;
        let mut watched = Self {
            site,
            job,
            watchers: Vec::new(),
            gone: Vec::new(),
            lost_tails: 0,
            cancelled: None,
        };
        watched.join();
        watched.join();
        watched
    }

    /// One more watcher, from the beginning.
    pub(crate) fn join(&mut self) {
        self.watchers.push(self.job.watch_with().hurried().open());
    }

    /// Notes that what the log had last may be lost: those who have seen its end do not come back to hear of another.
    pub(crate) fn lose_tail(&mut self) {
        self.lost_tails += 1;
        let gone = |watcher: &mut Watcher| watcher.seen().is_over();
        self.gone.extend(self.watchers.extract_if(.., gone));
    }

    /// Cancels it, unless it has ended; returns when its end is seen.
    pub(crate) async fn cancel(&mut self) {
        let Some(watcher) = self.watchers.first_mut() else {
            return;
        };
        if watcher.seen().is_over() {
            return;
        }
        // A proxy that has just lost a worker may answer in its place, or break off.
        eventually("the cancel is accepted", || async {
            let answer = self.job.try_cancel().await?;
            (answer.status == 202).then_some(())
        })
        .await;
        let accepted = Instant::now();
        let seen = watcher.until_over().await;
        // It may have ended by itself before the cancel came.
        self.cancelled = seen.has("cancelled").then_some(accepted);
    }

    /// Waits for the end of the job and of its watchers; holds all of it against the log as `worker` tells it, and against
    /// what the site has seen. Answers the log.
    pub(crate) async fn judge(self, cluster: &Cluster, worker: usize) -> Seen {
        let api = cluster.workers[worker].api();
        let log = self.job.through(api).watch().until_over().await;
        let end = if self.cancelled.is_some() {
            "cancelled"
        } else {
            "done"
        };
        let ended = log.check_ended(end);
        assert_eq!(
            Some(cluster.head(&self.job.channel).await),
            log.events().last().and_then(|event| event.id.clone()),
            "the record's head is the last event"
        );
        self.judge_site(&log, &ended);
        for watcher in self.gone {
            check(&watcher.seen());
        }
        for mut watcher in self.watchers {
            let seen = watcher.until_over().await;
            assert!(
                self.lost_tails > 0 || !seen.has("reset"),
                "nothing was lost: {}",
                seen.tell()
            );
            check(&seen);
            assert!(
                seen.kept().into_iter().eq(log.events()),
                "a watcher saw {}\nand the log is {}",
                seen.tell(),
                log.tell()
            );
        }
        log
    }

    /// The pages are the right ones, and the site was not asked more often than the attempts explain.
    fn judge_site(&self, log: &Seen, ended: &Value) {
        let mut pages = log.pages();
        pages.sort_unstable();
        pages.dedup();
        let mut all = Site::tree_paths(PAGES);
        all.sort_unstable();
        match self.cancelled {
            None => assert_eq!(pages, all, "{ended}"),
            Some(at) => self.asked_nothing_after(at + OBEYED),
        }
        // An attempt may be lost with the tail that it has written.
        let attempts = 1 + log.named("resumed").count() + self.lost_tails;
        let mut visits: BTreeMap<String, usize> = BTreeMap::new();
        for visit in self.site.visits() {
            *visits.entry(visit.path).or_default() += 1;
        }
        let often: Vec<_> = visits
            .iter()
            .filter(|(_, times)| **times > attempts)
            .collect();
        assert!(
            often.is_empty(),
            "{attempts} attempts do not explain these visits: {often:?}"
        );
    }

    fn asked_nothing_after(&self, moment: Instant) {
        let visits = self.site.visits().into_iter();
        let late: Vec<_> = visits
            .filter(|visit| visit.at > moment)
            .map(|visit| (visit.path, visit.at - moment))
            .collect();
        assert!(
            late.is_empty(),
            "asked for more than {OBEYED:?} after the cancel: {late:?}"
        );
    }
}

/// Holds what a watcher has in the end against its promise: neither gap nor repetition.
fn check(seen: &Seen) {
    seen.check_frames();
    let positions = seen.kept().into_iter().map(SseFrame::position);
    assert!(
        positions.eq(1..=seen.kept().len() as u64),
        "positions are consecutive: {}",
        seen.tell()
    );
}

/// Submits until it is accepted: a proxy that has just lost a worker may answer in its place, and the key makes the retry the
/// same job.
async fn submit(api: &Api, crawl: &Value, key: &str) -> Job {
    let key = format!("{key} of {}", crawl["url"]).replace(',', " ");
    let answer = eventually("the submission is accepted", || async {
        let request = api
            .request("POST", "/v1/crawls")
            .header("content-type", "application/json")
            .header("idempotency-key", &key)
            .body(crawl.to_string());
        let answer = api.try_send(request).await?;
        (answer.status == 202).then_some(answer)
    })
    .await;
    Job::accepted(api.clone(), &answer.json())
}
