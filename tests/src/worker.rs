//! A worker process: the real binary on a data directory and a port of its own.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_util::task::TaskTracker;

use crate::log::Log;
use crate::{Api, Metrics, Rss, eventually, exe, free_port, within};

/// Settings of a worker that has not been started.
#[derive(Debug, Clone, Default)]
pub struct WorkerOptions {
    settings: Vec<(String, String)>,
    arguments: Vec<String>,
}

impl WorkerOptions {
    /// Sets an environment variable, named without its prefix `CRAWLCAST_`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings
            .push((format!("CRAWLCAST_{name}"), value.into()));
        self
    }

    /// Sets an environment variable that is not Crawlcast's own.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds an argument to the command line.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Starts the worker; it serves when this returns.
    ///
    /// # Panics
    /// If it does not start; its log is in the message.
    pub async fn start(self) -> Worker {
        let data = tempfile::tempdir().expect("a temporary directory can be made");
        let port = free_port();
        let process = Process::start(&self, data.path(), port).await;
        Worker {
            options: self,
            data,
            port,
            process,
        }
    }

    /// Runs the program to its end with nothing but these settings; for command lines that must be refused.
    ///
    /// # Panics
    /// If it does not end by itself.
    pub async fn refused(self) -> Refused {
        let mut command = command(&self);
        let output = within("the program refuses its command line", command.output())
            .await
            .expect("the binary runs");
        Refused {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// End of a program that was not to start.
#[derive(Debug)]
pub struct Refused {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A worker that runs. Its process is killed when this is dropped; a failed test shows its log.
pub struct Worker {
    options: WorkerOptions,
    data: TempDir,
    port: u16,
    process: Process,
}

impl Worker {
    /// Settings of a worker that may crawl loopback, and takes a dead attempt's job over after two seconds.
    #[must_use]
    pub fn options() -> WorkerOptions {
        WorkerOptions::default()
            .set("ALLOW_NETS", "127.0.0.0/8")
            .set("VISIBILITY", "2s")
            .set("LOG", "info")
    }

    /// A worker with [`options`](Self::options).
    pub async fn start() -> Self {
        Self::options().start().await
    }

    /// Its API.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::at(&self.base())
    }

    /// Its address as the start of a URL, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The demo site's root, if it was started with `--demo`.
    ///
    /// # Panics
    /// If it was not.
    #[must_use]
    pub fn demo(&self) -> &str {
        self.process
            .demo
            .as_deref()
            .expect("the worker was started with --demo")
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Its resident memory.
    #[must_use]
    pub fn rss(&self) -> Rss {
        Rss::of(self.process.pid())
    }

    /// The most resident memory that it has had.
    #[must_use]
    pub fn peak_rss(&self) -> Rss {
        Rss::peak(self.process.pid())
    }

    /// Its metrics.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn metrics(&self) -> Metrics {
        Metrics::new(self.api().get("/metrics").await.text())
    }

    /// Waits until a metric has a value.
    pub async fn metric_becomes(&self, name: &str, value: f64) {
        eventually(&format!("{name} becomes {value}"), || async {
            let now = self.metrics().await.get(name)?;
            ((now - value).abs() < f64::EPSILON).then_some(())
        })
        .await;
    }

    /// Its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log.text()
    }

    /// Waits until its log says `words`.
    pub async fn logs(&self, words: &str) {
        self.process.log.says(words).await;
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.exit().await;
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has ended already.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.process.pid()).expect("process IDs fit");
        kill_process(
            Pid::from_raw(pid).expect("process IDs are positive"),
            signal,
        )
        .expect("the worker runs");
    }

    /// Stops all its threads (SIGSTOP): connections stay, nothing is answered.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Sets how many descriptors it may open.
    ///
    /// # Panics
    /// If the process has ended already.
    pub fn limit_descriptors(&self, most: u64) {
        let pid = i32::try_from(self.process.pid()).expect("process IDs fit");
        let pid = Pid::from_raw(pid).expect("process IDs are positive");
        let most = Some(most);
        let limit = Rlimit {
            current: most,
            maximum: getrlimit(Resource::Nofile).maximum,
        };
        prlimit(Some(pid), Resource::Nofile, limit).expect("the worker's limit may be set");
    }

    /// Descriptors that it has open.
    ///
    /// # Panics
    /// If the process has ended already.
    #[must_use]
    pub fn descriptors(&self) -> u64 {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.process.pid()));
        open.expect("the worker runs").count() as u64
    }

    /// Asks it to stop, as a container platform does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn exit(&mut self) -> ExitStatus {
        within("the worker ends", self.process.child.wait())
            .await
            .expect("a child can be waited for")
    }

    /// Starts it again, on the same data directory and port.
    pub async fn restart(&mut self) {
        self.process = Process::start(&self.options, self.data.path(), self.port).await;
    }
}

/// One life of a worker.
struct Process {
    child: Child,
    pid: u32,
    demo: Option<String>,
    log: Arc<Log>,
    /// Owns the tasks that read what the process says; they end with it.
    readers: TaskTracker,
}

impl Process {
    async fn start(options: &WorkerOptions, data: &Path, port: u16) -> Self {
        let mut child = command(options)
            .env("CRAWLCAST_LISTEN", format!("127.0.0.1:{port}"))
            .env("CRAWLCAST_DATA_DIR", data)
            .spawn()
            .expect("the worker's binary can be run");
        let pid = child
            .id()
            .expect("a child that was not waited for has an ID");
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let (log, readers) = (Arc::new(Log::default()), TaskTracker::new());
        readers.spawn(log.clone().read(stderr));
        let mut said = BufReader::new(stdout);
        let mut process = Self {
            child,
            pid,
            demo: None,
            log,
            readers,
        };
        let wanted = usize::from(
            options
                .arguments
                .iter()
                .any(|argument| argument == "--demo"),
        ) + 1;
        let announced = within(
            "the worker announces itself",
            announcement(&mut said, wanted),
        )
        .await;
        let Some(lines) = announced else {
            let status = process.child.wait().await;
            // Its log is in the message.
            process.readers.close();
            process.readers.wait().await;
            panic!("the worker ended before it served: {status:?}");
        };
        assert_eq!(lines[0], format!("listening on http://127.0.0.1:{port}"));
        process.demo = lines.get(1).map(|line| {
            let root = line
                .strip_prefix("demo site on ")
                .expect("the second line names the demo site");
            root.trim_end_matches('/').to_owned()
        });
        process
    }

    const fn pid(&self) -> u32 {
        self.pid
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = self.log.text();
            let from = text.char_indices().rev().nth(8000).map_or(0, |(at, _)| at);
            eprintln!(
                "--- the worker's log ---\n{}\n------------------------",
                &text[from..]
            );
        }
    }
}

fn command(options: &WorkerOptions) -> Command {
    let mut command = Command::new(exe::worker());
    // Nothing from outside, a proxy above all, changes what is tested.
    command
        .env_clear()
        .args(if options.arguments.is_empty() {
            &[][..]
        } else {
            &["serve"]
        })
        .args(&options.arguments)
        .envs(options.settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The first lines of stdout; nothing if it ends before.
async fn announcement(said: &mut (impl AsyncBufRead + Unpin), lines: usize) -> Option<Vec<String>> {
    let mut announced = Vec::new();
    while announced.len() < lines {
        let mut line = String::new();
        let read = said.read_line(&mut line).await.expect("stdout can be read");
        if read == 0 {
            return None;
        }
        announced.push(line.trim_end().to_owned());
    }
    Some(announced)
}
