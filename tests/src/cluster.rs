//! Workers that share a Redis, behind the nginx that the project ships a configuration for.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{
    Api, Front, Mint, Nginx, RedisServer, Relay, Standby, Worker, WorkerOptions, eventually,
    free_port,
};

/// Settings of workers that have not been started.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    workers: Vec<WorkerOptions>,
}

impl ClusterOptions {
    /// Sets an environment variable of every worker, named without its prefix `CRAWLCAST_`.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let workers = self.workers.into_iter();
        self.workers = workers.map(|options| options.set(name, value)).collect();
        self
    }

    /// Sets an environment variable of every worker that is not Crawlcast's own.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        let workers = self.workers.into_iter();
        self.workers = workers
            .map(|options| options.variable(name, value))
            .collect();
        self
    }

    /// Sets an environment variable of one worker.
    ///
    /// # Panics
    /// If there is no such worker.
    #[must_use]
    pub fn set_for(mut self, worker: usize, name: &str, value: &str) -> Self {
        let options = self.workers[worker].clone();
        self.workers[worker] = options.set(name, value);
        self
    }

    /// Starts Redis, the workers and nginx; all serve when this returns.
    ///
    /// # Panics
    /// If one of them does not start.
    pub async fn start(self) -> Cluster {
        let (redis, keys) = (RedisServer::start().await, Mint::of("k1", 7));
        let front = free_port();
        let mut wires = Vec::new();
        let mut starting = Vec::new();
        for options in self.workers {
            let wire = Relay::to(redis.port()).await;
            let options = options
                .set("REDIS_URL", format!("redis://127.0.0.1:{}", wire.port()))
                .set("TOKEN_KEYS", keys.spelled())
                .set("PUBLIC_URL", format!("http://127.0.0.1:{front}"));
            wires.push(wire);
            starting.push(options.start());
        }
        let workers = join_all(starting).await;
        let ports = workers.iter().map(Worker::port).collect();
        let nginx = Front::ours_before(ports).on(front).start().await;
        Cluster {
            nginx,
            workers,
            wires,
            redis,
        }
    }
}

/// Running workers and what they share. All of it ends when this is dropped.
pub struct Cluster {
    /// The proxy before the workers; they take turns.
    pub nginx: Nginx,
    /// The workers, each on a port and a data directory of its own.
    pub workers: Vec<Worker>,
    /// The way of each worker to Redis.
    pub wires: Vec<Relay>,
    /// The server that keeps queue and journal.
    pub redis: RedisServer,
}

impl Cluster {
    /// Length of a lease: short, so that a dead attempt's job is soon taken over.
    pub const LEASE: Duration = Duration::from_secs(4);

    /// Settings of `count` workers that share everything.
    #[must_use]
    pub fn options(count: usize) -> ClusterOptions {
        let worker = Worker::options().set("HEARTBEAT", "1s");
        ClusterOptions {
            workers: vec![worker; count],
        }
        .set("VISIBILITY", &format!("{}s", Self::LEASE.as_secs()))
    }

    /// So many workers with [`options`](Self::options).
    pub async fn of(count: usize) -> Self {
        Self::options(count).start().await
    }

    /// The API through nginx.
    #[must_use]
    pub fn api(&self) -> Api {
        self.nginx.api()
    }

    /// Number of the worker that runs the only job.
    ///
    /// # Panics
    /// If none does.
    pub async fn runner(&self) -> usize {
        eventually("a worker runs the job", || async {
            for (number, worker) in self.workers.iter().enumerate() {
                if worker.metrics().await.get("crawlcast_jobs_running") == Some(1.0) {
                    return Some(number);
                }
            }
            None
        })
        .await
    }

    /// Numbers of all workers but one, in order.
    #[must_use]
    pub fn others(&self, than: usize) -> Vec<usize> {
        (0..self.workers.len())
            .filter(|number| *number != than)
            .collect()
    }

    /// Waits until no message is left, neither ready nor hidden, as a worker measures it; no job may have been given up.
    ///
    /// # Panics
    /// If there are dead letters, or the queue does not become empty.
    pub async fn queue_becomes_empty(&self, seen_by: usize) {
        let worker = &self.workers[seen_by];
        worker.metric_becomes("crawlcast_queue_ready", 0.0).await;
        worker.metric_becomes("crawlcast_queue_hidden", 0.0).await;
        let dead = worker.metrics().await.get("crawlcast_queue_dead");
        assert_eq!(dead, Some(0.0), "nothing was given up");
    }

    /// Connections that the workers have to Redis.
    ///
    /// # Panics
    /// If Redis does not answer.
    pub async fn connections(&self) -> usize {
        let about = self.redis.command("INFO clients").await;
        let count = about
            .lines()
            .find_map(|line| line.strip_prefix("connected_clients:"))
            .and_then(|count| count.trim().parse::<usize>().ok());
        // The one that asks is not a worker's.
        count.expect("redis counts its clients") - 1
    }

    /// Kills Redis, promotes its replica, and lets everybody find it: what the replica lacks is lost.
    ///
    /// # Panics
    /// If the replica cannot be promoted.
    pub async fn fail_over(&mut self, standby: Standby) {
        self.redis.kill().await;
        self.redis = standby.promote().await;
        for wire in &self.wires {
            wire.lead_to(self.redis.port());
            wire.cut_all();
        }
    }

    /// Keys that would never go by themselves, those of the queue left out.
    pub async fn keys_for_ever(&self) -> Vec<String> {
        let script = "local left = {} for _, key in ipairs(redis.call('KEYS', '*')) do \
                      if redis.call('TTL', key) == -1 then left[#left + 1] = key end end \
                      return table.concat(left, ' ')";
        let answer = self.redis.command(&format!("EVAL \"{script}\" 0")).await;
        let keys = answer.lines().next().unwrap_or_default();
        keys.split_whitespace()
            .filter(|key| !key.contains("{queue}"))
            .map(str::to_owned)
            .collect()
    }

    /// The last event's ID in a channel's record.
    pub async fn head(&self, channel: &str) -> String {
        let answer = self
            .redis
            .command(&format!("HGET cc1:{{{channel}}} head"))
            .await;
        answer.lines().next().unwrap_or_default().to_owned()
    }
}
