//! A program of this folder in another language, run as somebody would run it who has pasted it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{exe, within};

/// A program that runs, and the lines that it has printed. It is killed when this is dropped.
pub struct Program {
    name: String,
    child: Child,
    /// Closed when the program has closed its stdout.
    lines: watch::Receiver<Vec<String>>,
    complaints: Arc<Mutex<String>>,
    /// Owns the tasks that read what the program says; they end with it.
    readers: TaskTracker,
    /// A copy of a Node program, beside the packages that it imports.
    _home: Option<TempDir>,
}

impl Program {
    /// Starts `tests/<path>` with what its ending asks for: Node (`.mjs`), Python (`.py`) or bash (`.sh`).
    ///
    /// # Panics
    /// When that or a package of it is missing, or the ending is another.
    pub async fn start(path: &str, arguments: &[&str]) -> Self {
        Self::start_with(path, arguments, &[]).await
    }

    /// The same with environment variables. The program sees no others but `PATH`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_with(path: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let file = exe::workspace().join("tests").join(path);
        let (interpreter, file, home) = match path.rsplit('.').next() {
            Some("mjs") => {
                let (file, home) = beside_packages(&file).await;
                (exe::program("node", "nodejs"), file, Some(home))
            }
            Some("py") => (exe::tools(), file, None),
            Some("sh") => (exe::program("bash", "bash"), file, None),
            ending => panic!("nothing runs {ending:?}"),
        };
        let mut child = Command::new(interpreter)
            .arg(file)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("an interpreter can be run");
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let ((said, lines), complaints) = (watch::channel(Vec::new()), Arc::default());
        let readers = TaskTracker::new();
        readers.spawn(read(stdout, said));
        readers.spawn(keep(stderr, Arc::clone(&complaints)));
        readers.close();
        Self {
            name: path.to_owned(),
            child,
            lines,
            complaints,
            readers,
            _home: home,
        }
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    /// Waits until the lines are as `enough` wants them.
    ///
    /// # Panics
    /// When they never are, or the program ends before; the failed test shows its lines and complaints.
    pub async fn until(&self, what: &str, enough: impl Fn(&[String]) -> bool) -> Vec<String> {
        let mut lines = self.lines.clone();
        let waited = within(what, lines.wait_for(|lines| enough(lines))).await;
        let Ok(lines) = waited else {
            panic!("{} has ended before: {what}", self.name);
        };
        lines.clone()
    }

    /// Waits until the program has ended by itself; answers how, and all its lines.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn end(mut self) -> (ExitStatus, Vec<String>) {
        let what = format!("{} ends", self.name);
        let status = within(&what, self.child.wait()).await;
        within(&what, self.readers.wait()).await;
        (status.expect("a child can be waited for"), self.lines())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (name, lines) = (&self.name, self.lines().join("\n"));
            let complaints = self.complaints.lock();
            eprintln!("--- {name} ---\n{lines}\n--- its stderr ---\n{complaints}\n---");
        }
    }
}

/// A directory with a copy of a Node program and the packages that tests/run has installed: Node looks for them there.
async fn beside_packages(file: &Path) -> (PathBuf, TempDir) {
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    let modules = home.path().join("node_modules");
    tokio::fs::symlink(exe::node_modules(), modules)
        .await
        .expect("a link can be made");
    let copy = home
        .path()
        .join(file.file_name().expect("a file has a name"));
    tokio::fs::copy(file, &copy)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    (copy, home)
}

async fn read(stdout: ChildStdout, lines: watch::Sender<Vec<String>>) {
    let mut said = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = said.next_line().await {
        lines.send_modify(|lines| lines.push(line));
    }
}

async fn keep(stderr: ChildStderr, complaints: Arc<Mutex<String>>) {
    let mut said = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = said.next_line().await {
        let mut complaints = complaints.lock();
        complaints.push_str(&line);
        complaints.push('\n');
    }
}
