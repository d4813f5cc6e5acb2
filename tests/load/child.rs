//! A process under test: what it says, what it uses.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Clock ticks of `/proc/<pid>/stat` in a second; the same on every Linux that we know.
const TICKS: f64 = 100.0;

/// A child that speaks in lines. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// The address that it listens on.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts this program again in another role.
    pub(crate) async fn role(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        Self::start(command).await
    }

    /// Starts a process that says `listening on http://<address>` first.
    pub(crate) async fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("the child has no stdin")?;
        let output = child.stdout.take().context("the child has no stdout")?;
        let mut output = BufReader::new(output).lines();
        let first = output
            .next_line()
            .await?
            .context("the child ended before it listened")?;
        let address = first
            .trim_start_matches("listening on http://")
            .parse()
            .with_context(|| format!("unexpected: {first}"))?;
        Ok(Self {
            child,
            input,
            output,
            address,
        })
    }

    /// Tells the child something and waits for its answer.
    pub(crate) async fn ask(&mut self, line: &str) -> anyhow::Result<String> {
        self.input.write_all(format!("{line}\n").as_bytes()).await?;
        self.output
            .next_line()
            .await?
            .with_context(|| format!("the child ended at `{line}`"))
    }

    /// CPU time used so far, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        let after_name = stat.rsplit_once(')').context("no name in stat")?.1;
        let ticks: u64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap_or(0))
            .sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "CPU times are far below 2^52 ticks"
        )]
        Ok(Duration::from_secs_f64(ticks as f64 / TICKS))
    }

    /// Resident memory in bytes.
    pub(crate) fn rss(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS in status")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Ends it at once, as a crash would, and waits for its end.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the child has ended")
    }
}
