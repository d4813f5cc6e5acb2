//! Exit statuses, and what is said about a failure.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use shared::Terminal;

use super::terminal::error_prefix;
use crate::drain::StopSignal;

/// End of a command that did what it could. Each number is an exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It did what was asked. 0.
    Done,
    /// The job failed, nothing could be fetched, or `--fail-on` struck. 1.
    Unsuccessful,
    /// The job was cancelled. 4.
    Cancelled,
    /// A signal has stopped it; 130 for Ctrl-C.
    Stopped(StopSignal),
}

/// A command that could not do what was asked. Each number is an exit status.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The command line is wrong. 2.
    #[error("{0}")]
    Usage(String),
    /// An examination could not be made. 2.
    #[error("{0}")]
    NotRun(String),
    /// The server refused. 3.
    #[error("{0}")]
    Refused(String),
    /// Whoever reads the output has gone. Nothing is said. 0.
    #[error("the output is closed")]
    ClosedPipe,
    /// Anything else. 1.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl Failure {
    /// A failure to write to stdout.
    pub(super) fn stdout(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Other(anyhow::Error::new(error).context("could not write to stdout")),
        }
    }
}

impl From<Terminal> for Exit {
    fn from(terminal: Terminal) -> Self {
        match terminal {
            Terminal::Done => Self::Done,
            Terminal::Failed => Self::Unsuccessful,
            Terminal::Cancelled => Self::Cancelled,
        }
    }
}

/// Says what went wrong, if something did; answers the exit status.
pub(super) fn report(result: Result<Exit, Failure>) -> ExitCode {
    let failure = match result {
        Ok(exit) => return status(exit),
        Err(failure) => failure,
    };
    let code = match &failure {
        Failure::ClosedPipe => return ExitCode::SUCCESS,
        Failure::Usage(_) | Failure::NotRun(_) => 2,
        Failure::Refused(_) => 3,
        Failure::Other(_) => 1,
    };
    let text = match &failure {
        Failure::Other(error) => format!("{error:#}"),
        other => other.to_string(),
    };
    // Whoever closed stderr does not want to know.
    let _closed = writeln!(io::stderr(), "{} {text}", error_prefix());
    ExitCode::from(code)
}

fn status(exit: Exit) -> ExitCode {
    match exit {
        Exit::Done => ExitCode::SUCCESS,
        Exit::Unsuccessful => ExitCode::FAILURE,
        Exit::Cancelled => ExitCode::from(4),
        Exit::Stopped(signal) => ExitCode::from(signal.exit_status()),
    }
}
