//! One run: jobs are crawled and watched while one thing after the other goes wrong.

use std::time::{Duration, SystemTime};

use e2e::{Api, Cluster, Relay, Seen, Standby, eventually, lasting};
use shared::Timestamp;

use crate::schedule::{Fault, Step, WORKERS, schedule};
use crate::watched::Watched;

/// Every so many jobs one is cancelled.
const CANCELLED: usize = 3;

/// Findings of a run.
pub(crate) struct Report {
    /// Each fault, in order.
    pub(crate) faults: Vec<Fault>,
    /// Time from a fault to the first event of each attempt that followed it.
    pub(crate) takeovers: Vec<(Fault, Duration)>,
}

/// Runs the schedule of `seed`, and judges what everybody has seen.
///
/// # Panics
/// If a promise was broken; the schedule has been printed.
pub(crate) async fn run(seed: u64, rounds: usize) -> Report {
    let steps = schedule(seed, rounds);
    println!("seed {seed}: {steps:#?}");
    let mut world = World::start().await;
    let connections = world.cluster.connections().await;
    let jobs = world.suffer_all(&steps).await;
    let logs = world.judge(jobs, connections).await;
    Report {
        takeovers: world.takeovers(&logs),
        faults: world.begun.into_iter().map(|(fault, _)| fault).collect(),
    }
}

struct World {
    cluster: Cluster,
    /// The way of all watchers.
    door: Relay,
    /// The replica that will take over.
    standby: Option<Standby>,
    /// Each fault, with the time of its beginning.
    begun: Vec<(Fault, Timestamp)>,
}

impl World {
    async fn start() -> Self {
        let cluster = Cluster::of(WORKERS).await;
        let door = Relay::to(cluster.nginx.port()).await;
        Self {
            cluster,
            door,
            standby: None,
            begun: Vec::new(),
        }
    }

    /// A job begins before each step; the one before has one more watcher after it, or is cancelled.
    async fn suffer_all(&mut self, steps: &[Step]) -> Vec<Watched> {
        let api = Api::at(&self.door.base());
        let mut jobs: Vec<Watched> = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            self.is_whole().await;
            if number % CANCELLED == 1 {
                jobs[number - 1].cancel().await;
            }
            jobs.push(Watched::begin(&api, number).await);
            lasting(step.quiet).await;
            self.suffer(step).await;
            if step.fault == Fault::Promote {
                jobs.iter_mut().for_each(Watched::lose_tail);
            }
            jobs[number].join();
        }
        jobs
    }

    /// Waits until every worker says that it is ready.
    async fn is_whole(&self) {
        for worker in &self.cluster.workers {
            let api = worker.api();
            eventually("the worker is ready", || async {
                (api.get("/readyz").await.status == 200).then_some(())
            })
            .await;
        }
    }

    async fn suffer(&mut self, step: &Step) {
        self.begin(step.fault).await;
        if let Some(fault) = step.meanwhile {
            self.begin(fault).await;
            lasting(step.span / 2).await;
            self.end(fault).await;
        }
        if step.fault.lasts() {
            lasting(step.span / if step.meanwhile.is_some() { 2 } else { 1 }).await;
        }
        self.end(step.fault).await;
    }

    async fn begin(&mut self, fault: Fault) {
        self.begun.push((fault, SystemTime::now().into()));
        match fault {
            Fault::Kill(worker) => self.cluster.workers[worker].kill().await,
            Fault::Restart(worker) => self.cluster.workers[worker].terminate(),
            Fault::Freeze(worker) => self.cluster.workers[worker].freeze(),
            // The length of some text in an answer: what follows is cut.
            Fault::Cut(worker) => self.cluster.wires[worker].cut_all_after("\r\n$"),
            Fault::CutOff(worker) => {
                self.cluster.wires[worker].lead_nowhere();
                self.cluster.wires[worker].cut_all();
            }
            Fault::RedisKill => self.cluster.redis.kill().await,
            Fault::RedisFreeze => self.cluster.redis.freeze(),
            Fault::Promote => {
                let standby = Standby::of(&self.cluster.redis).await;
                standby.falls_behind();
                self.standby = Some(standby);
            }
            Fault::ScriptFlush => {
                let flushed = self.cluster.redis.command("SCRIPT FLUSH").await;
                assert_eq!(flushed, "+OK");
            }
            Fault::WatchersCut => self.door.cut_all_after("\ndata:{"),
        }
    }

    async fn end(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(worker) => self.cluster.workers[worker].restart().await,
            Fault::Restart(worker) => {
                let status = self.cluster.workers[worker].exit().await;
                assert_eq!(status.code(), Some(0), "worker {worker} stops in time");
                self.cluster.workers[worker].restart().await;
            }
            Fault::Freeze(worker) => self.cluster.workers[worker].thaw(),
            Fault::CutOff(worker) => {
                self.cluster.wires[worker].lead_to(self.cluster.redis.port());
            }
            Fault::RedisKill => self.cluster.redis.restart().await,
            Fault::RedisFreeze => self.cluster.redis.thaw(),
            Fault::Promote => {
                let standby = self.standby.take().expect("a replica was started");
                self.cluster.fail_over(standby).await;
            }
            Fault::Cut(_) | Fault::ScriptFlush | Fault::WatchersCut => {}
        }
    }

    /// Judges each job by the log of another worker, then what is left behind.
    async fn judge(&self, jobs: Vec<Watched>, connections: usize) -> Vec<Seen> {
        let mut logs = Vec::new();
        for (number, job) in jobs.into_iter().enumerate() {
            logs.push(job.judge(&self.cluster, number % WORKERS).await);
        }
        self.cluster.queue_becomes_empty(0).await;
        let kept = self.cluster.keys_for_ever().await;
        assert!(kept.is_empty(), "these would never go: {kept:?}");
        eventually("as many connections to Redis as before", || async {
            (self.cluster.connections().await == connections).then_some(())
        })
        .await;
        logs
    }

    /// Time from the last fault before each new attempt to its first event.
    fn takeovers(&self, logs: &[Seen]) -> Vec<(Fault, Duration)> {
        let resumed = logs.iter().flat_map(|log| log.named("resumed"));
        let takeover = |at: Timestamp| {
            let mut before = self.begun.iter().rev();
            let (fault, begun) =
                before.find(|(fault, begun)| fault.ends_attempts() && *begun <= at)?;
            Some((*fault, at.since(*begun)))
        };
        let times = resumed.map(|event| {
            let at = event.json()["at"].as_str().map(str::parse);
            at.expect("every event says when").expect("in a time")
        });
        times.filter_map(takeover).collect()
    }
}
