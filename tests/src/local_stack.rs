//! The split as `tests/local-stack` starts it.

use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{Answer, Api, eventually, exe};

/// Queue, function, worker and nginx, until this is dropped.
pub struct LocalStack {
    script: Child,
    submit: Api,
    watch: Api,
    demo: String,
}

impl LocalStack {
    /// Starts it; the worker may ask loopback addresses.
    ///
    /// # Panics
    /// If it does not come up.
    pub async fn start() -> Self {
        let mut script = Command::new(exe::workspace().join("tests/local-stack"))
            // A test's time is not for compiling: tests/run has built the programs.
            .arg("--built")
            .env("CRAWLCAST_ALLOW_NETS", "127.0.0.0/8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script can be run");
        let mut lines = BufReader::new(script.stdout.take().expect("stdout is piped")).lines();
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await.expect("stdout can be read") {
            let ready = line.starts_with("ready");
            said.push(line);
            if ready {
                break;
            }
        }
        let place = |name: &str| {
            let line = said.iter().find(|line| line.starts_with(name));
            let line = line.unwrap_or_else(|| panic!("{name} is told in {said:?}"));
            line.split_whitespace()
                .last()
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            submit: Api::at(place("submit").trim_end_matches("/v1/crawls")),
            watch: Api::at(&place("watch")),
            demo: place("demo site"),
            script,
        }
    }

    /// The function, as HTTP reaches it.
    #[must_use]
    pub const fn submit(&self) -> &Api {
        &self.submit
    }

    /// The worker behind nginx.
    #[must_use]
    pub const fn watch(&self) -> &Api {
        &self.watch
    }

    /// A site to crawl.
    #[must_use]
    pub fn demo(&self) -> &str {
        &self.demo
    }

    /// Gives the function an event, as AWS's own tools do.
    pub async fn invoke(&self, event: &Value) -> Answer {
        let path = "/2015-03-31/functions/lambda-submit/invocations";
        self.submit.post(path, event.to_string()).await
    }

    /// Presses Ctrl-C, and waits for everything to be gone.
    ///
    /// # Panics
    /// If a part of it stays.
    pub async fn interrupt(mut self) -> ExitStatus {
        self.signal();
        let status = self.script.wait().await.expect("a child can be waited for");
        for api in [&self.submit, &self.watch] {
            eventually("nothing listens any more", || async {
                api.http()
                    .get(api.base())
                    .send()
                    .await
                    .is_err()
                    .then_some(())
            })
            .await;
        }
        status
    }

    fn signal(&self) {
        let pid = self.script.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _gone = kill_process(pid, Signal::INT);
        }
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        self.signal();
    }
}
