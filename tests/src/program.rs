//! A program of this folder in another language, run as somebody would run it who has pasted it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{exe, within};

/// A program that runs, and the lines that it has printed. It is killed when this is dropped.
pub struct Program {
    name: String,
    child: Child,
    /// For a program that is talked with.
    stdin: Option<ChildStdin>,
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
    /// If that or a package of it is missing, or the ending is another.
    pub async fn start(path: &str, arguments: &[&str]) -> Self {
        Self::start_with(path, arguments, &[]).await
    }

    /// The same with environment variables. The program sees no others but `PATH`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_with(path: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let (command, home) = command(path, None).await;
        Self::run(path, command, home, arguments, variables, Stdio::null())
    }

    /// The same for a program that is [told](Self::tell) lines; if it is Node's, on this one instead of the system's.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn talking(path: &str, node: Option<PathBuf>, arguments: &[&str]) -> Self {
        let (command, home) = command(path, node).await;
        Self::run(path, command, home, arguments, &[], Stdio::piped())
    }

    /// A program out of a package from npm that is told lines, on the newest Node.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn of_package(path: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(exe::newest_node());
        command.arg(exe::packages("clients").join(path));
        Self::run(path, command, None, &[], variables, Stdio::piped())
    }

    /// A binary of this workspace.
    ///
    /// # Panics
    /// If it is not built.
    #[must_use]
    pub fn binary(name: &str, arguments: &[&str]) -> Self {
        let command = Command::new(exe::binary(name));
        Self::run(name, command, None, arguments, &[], Stdio::null())
    }

    fn run(
        name: &str,
        mut command: Command,
        home: Option<TempDir>,
        arguments: &[&str],
        variables: &[(&str, &str)],
        stdin: Stdio,
    ) -> Self {
        let mut child = command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs(variables.iter().copied())
            .stdin(stdin)
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
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines,
            complaints,
            readers,
            _home: home,
        }
    }

    /// Tells it one line.
    ///
    /// # Panics
    /// If it is not one that is talked with, or has ended.
    pub async fn tell(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("the program is talked with");
        let line = format!("{line}\n");
        let telling = stdin.write_all(line.as_bytes());
        within(&format!("{} takes a line", self.name), telling)
            .await
            .expect("the program runs");
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    /// Waits until the lines are as `enough` wants them.
    ///
    /// # Panics
    /// If they never are, or the program ends before; the failed test shows its lines and complaints.
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
    /// If it does not end.
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

/// The command that runs `tests/<path>`, and a directory that must last as long.
async fn command(path: &str, node: Option<PathBuf>) -> (Command, Option<TempDir>) {
    let file = exe::workspace().join("tests").join(path);
    let (interpreter, file, home) = match path.rsplit('.').next() {
        Some("mjs") => {
            let (file, home) = beside_packages(path, &file).await;
            let node = node.unwrap_or_else(|| exe::program("node", "nodejs"));
            (node, file, Some(home))
        }
        Some("py") => (exe::tools(), file, None),
        Some("sh") => (exe::program("bash", "bash"), file, None),
        ending => panic!("nothing runs {ending:?}"),
    };
    let mut command = Command::new(interpreter);
    command.arg(file);
    (command, home)
}

/// A directory with a copy of a Node program, the modules of its folder, and the packages that tests/run has installed for
/// it: Node looks for them there. A folder without a `package.json` uses those of `clients`.
async fn beside_packages(path: &str, file: &Path) -> (PathBuf, TempDir) {
    let folder = file.parent().expect("a program is in a folder");
    let packages = match path.rsplit_once('/') {
        Some((name, _)) if folder.join("package.json").is_file() => name,
        _ => "clients",
    };
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    tokio::fs::symlink(exe::packages(packages), home.path().join("node_modules"))
        .await
        .expect("a link can be made");
    for entry in std::fs::read_dir(folder).expect("a program is in a folder") {
        let module = entry.expect("a folder can be read").path();
        if module.extension().is_some_and(|ending| ending == "mjs") {
            let name = module.file_name().expect("a file has a name");
            std::fs::copy(&module, home.path().join(name))
                .unwrap_or_else(|error| panic!("{}: {error}", module.display()));
        }
    }
    let name = file.file_name().expect("a file has a name");
    (home.path().join(name), home)
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
