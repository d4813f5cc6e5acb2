//! A command of the program, run as somebody would type it, in a directory of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{exe, within};

/// A directory in which commands are typed.
pub struct Shell {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// End of a command, and its output.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; none if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A command that runs. It is killed when this is dropped.
pub struct Running {
    child: Child,
    stdout: Arc<Said>,
    stderr: Arc<Said>,
    /// Owns the tasks that read what it says; they end with it.
    readers: TaskTracker,
}

impl Default for Shell {
    fn default() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        Self {
            directory,
            variables: Vec::new(),
        }
    }
}

impl Shell {
    /// Sets an environment variable. Commands see no others.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path in the directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The text of a file in the directory.
    ///
    /// # Panics
    /// If there is no such file, or it is no text.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Starts `crawlcast` with these arguments, in the directory.
    ///
    /// # Panics
    /// If the binary cannot be run.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::spawn(self.command(exe::worker(), arguments))
    }

    /// Runs `crawlcast` to its end.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end().await
    }

    /// Runs `crawlcast` to its end, with `input` on stdin.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(exe::worker(), arguments);
        command.stdin(Stdio::piped());
        let mut running = Running::spawn(command);
        let mut stdin = running.child.stdin.take().expect("stdin is piped");
        // It may have refused its command line already.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        running.end().await
    }

    /// Runs a program from PyPI that tests/run has installed.
    ///
    /// # Panics
    /// If it is missing or does not end.
    pub async fn tool(&self, name: &str, arguments: &[&str]) -> Ended {
        Running::spawn(self.command(exe::tool(name), arguments))
            .end()
            .await
    }

    /// Runs a script to its end; `$CRAWLCAST` is the program.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn bash(&self, script: &str) -> Ended {
        let mut command = self.command(exe::program("bash", "bash"), &["-c", script]);
        command
            .env("CRAWLCAST", exe::worker())
            .env("PATH", "/usr/bin:/bin");
        Running::spawn(command).end().await
    }

    fn command(&self, program: PathBuf, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("TMPDIR", self.directory.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Running {
    fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program can be run");
        let (stdout, stderr, readers) = (
            Arc::new(Said::default()),
            Arc::new(Said::default()),
            TaskTracker::new(),
        );
        readers.spawn(
            stdout
                .clone()
                .read(child.stdout.take().expect("stdout is piped")),
        );
        readers.spawn(
            stderr
                .clone()
                .read(child.stderr.take().expect("stderr is piped")),
        );
        readers.close();
        Self {
            child,
            stdout,
            stderr,
            readers,
        }
    }

    /// Sends a signal; nothing happens if it has ended.
    ///
    /// # Panics
    /// Never: process IDs fit.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id() {
            let pid = i32::try_from(pid).expect("process IDs fit");
            let _ended = kill_process(
                Pid::from_raw(pid).expect("process IDs are positive"),
                signal,
            );
        }
    }

    /// Waits until it has printed `words`.
    ///
    /// # Panics
    /// If it ends before.
    pub async fn prints(&self, words: &str) {
        self.stdout.contains(words).await;
    }

    /// Waits until it has said `words` on stderr.
    ///
    /// # Panics
    /// If it ends before.
    pub async fn says(&self, words: &str) {
        self.stderr.contains(words).await;
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn end(mut self) -> Ended {
        let status = within("the command ends", self.child.wait()).await;
        within("its output ends", self.readers.wait()).await;
        Ended {
            code: status.expect("a child can be waited for").code(),
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }
}

/// Output of a command so far.
struct Said {
    bytes: Mutex<Vec<u8>>,
    grown: watch::Sender<()>,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            bytes: Mutex::default(),
            grown: watch::Sender::new(()),
        }
    }
}

impl Said {
    async fn read(self: Arc<Self>, mut output: impl AsyncRead + Unpin) {
        let mut piece = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = output.read(&mut piece).await {
            self.bytes.lock().extend_from_slice(&piece[..read]);
            self.grown.send_replace(());
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock()).into_owned()
    }

    async fn contains(&self, words: &str) {
        let mut grown = self.grown.subscribe();
        within(&format!("the command says `{words}`"), async {
            while !self.text().contains(words) {
                grown.changed().await.expect("this outlives the wait");
            }
        })
        .await;
    }
}

/// Every file below a directory, as paths from there.
///
/// # Panics
/// If a directory cannot be read.
#[must_use]
pub fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a directory can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(root).expect("it is below").to_owned());
            }
        }
    }
    found.sort();
    found
}
