//! The command line, as it is typed.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use super::completions::CompletionsOptions;
use super::crawl::CrawlOptions;
use super::doctor::DoctorOptions;
use super::man::ManOptions;
use super::order::{Order, OrderOptions};
use super::results::ResultsOptions;
use super::serve::USAGE;
use super::status::StatusOptions;
use super::submit::SubmitOptions;
use super::terminal::Colors;
use super::watch::WatchOptions;
use super::{completions, crawl, doctor, exit, man, results, serve, status, submit, watch};
use crate::config::ServeOptions;

/// Text below the list of commands in the help.
const EXIT_STATUSES: &str = "Exit status: 0 it did what was asked · 1 the job failed, or --fail-on struck · 2 wrong usage · \
    3 the server refused · 4 the job was cancelled · 130 after Ctrl-C.";

/// Submit a crawl, watch it live.
///
/// `crawl` needs no server: it goes from a site to its pages here and now. Without a command the worker is started, as by `serve`.
#[derive(Debug, Parser)]
#[command(name = "crawlcast", version, about, max_term_width = 110, after_help = EXIT_STATUSES)]
pub(super) struct CommandLine {
    /// The command; `serve` if none is given.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Use of colours.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "Use of colours: auto (on a terminal, unless NO_COLOR is set), always or never"
    )]
    pub color: Colors,
}

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Crawl here and now, without a server.
    ///
    /// It is a worker's crawl: robots.txt is obeyed, hosts are spared, every URL in scope is told of once. Addresses that are not
    /// public are crawled if a start page names them. Ctrl-C ends it and keeps what is written; with --state, the same command goes
    /// on, also after a crash.
    ///
    /// crawlcast crawl https://example.com/ -o pages/ -o pages.csv
    Crawl(Box<CrawlOptions>),
    /// Submit a crawl to a server.
    ///
    /// Its answer is one line of JSON on stdout, which the commands below take as a file, as `-` from a pipe, or by its URLs.
    Submit(Box<SubmitOptions>),
    /// Follow a job's stream to its end.
    ///
    /// What cuts the stream (networks, proxies, restarts, a laptop's sleep) is told and waited out; each event comes once. A stream
    /// has pages of up to 256 KiB whole; larger ones are cut, and whole in `crawlcast results`.
    Watch(Box<WatchOptions>),
    /// Tell where a job stands.
    Status(StatusOptions),
    /// Download every page that a job has so far.
    Results(ResultsOptions),
    /// Hold a job's stream back from all its watchers; the job runs on.
    Pause(OrderOptions),
    /// Let a paused stream go on from where it stopped.
    Resume(OrderOptions),
    /// Stop a job.
    Cancel(OrderOptions),
    /// Tell why no events arrive.
    ///
    /// Sends probes through the whole chain of proxies, and says of each promise whether it is kept, how that is known, and the line
    /// of configuration that mends it. Exit status: 0 nothing is broken · 1 something is · 2 it could not be examined.
    ///
    /// crawlcast doctor https://crawl.example.com
    Doctor(DoctorOptions),
    /// Take crawl jobs, run them, and stream their results to browsers: the worker.
    ///
    /// Its exit statuses are those of supervisors: 64 for wrong settings, 143 and 130 after a second signal.
    Serve(Box<ServeOptions>),
    /// Print what a shell completes: bash, elvish, fish, powershell or zsh.
    ///
    /// crawlcast completions bash > ~/.local/share/bash-completion/completions/crawlcast
    Completions(CompletionsOptions),
    /// Print the manual, as in `crawlcast man crawl | man -l -`.
    Man(ManOptions),
}

/// Does what the command line says, from `main` on.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match parse(&arguments) {
        Ok(command) => run_command(command),
        Err(ended) => ended,
    }
}

/// Reads the command line. Without a command, `serve` is meant. Help and version are answers, not errors; whatever there is to
/// say has been said when this returns an exit status.
fn parse(arguments: &[OsString]) -> Result<Command, ExitCode> {
    let parsed = CommandLine::try_parse_from(arguments).and_then(|line| {
        line.color.apply();
        match line.command {
            Some(command) => Ok(command),
            None => serve_by_default(),
        }
    });
    parsed.map_err(|error| {
        let _closed = error.print();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
            _ if is_serve(arguments) => ExitCode::from(USAGE),
            _ => ExitCode::from(2),
        }
    })
}

fn run_command(command: Command) -> ExitCode {
    exit::report(match command {
        Command::Serve(options) => return serve::run(*options),
        Command::Crawl(options) => crawl::run(&options),
        Command::Submit(options) => submit::run(&options),
        Command::Watch(options) => watch::run(&options),
        Command::Status(options) => status::run(&options),
        Command::Results(options) => results::run(&options),
        Command::Pause(options) => Order::Pause.give(&options),
        Command::Resume(options) => Order::Resume.give(&options),
        Command::Cancel(options) => Order::Cancel.give(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Completions(options) => completions::run(&options, CommandLine::command()),
        Command::Man(options) => man::run(&options, CommandLine::command()),
    })
}

/// The worker with nothing but what the environment says.
fn serve_by_default() -> Result<Command, clap::Error> {
    let line = CommandLine::try_parse_from(["crawlcast", "serve"])?;
    Ok(line.command.expect("serve is a command"))
}

/// True if `serve` is what was typed: its supervisors know the exit statuses of sysexits.
fn is_serve(arguments: &[OsString]) -> bool {
    arguments.get(1).is_none_or(|word| word == "serve")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_worker_is_meant() {
        let command = parse(&["crawlcast".into()]).unwrap();
        assert!(matches!(command, Command::Serve(_)));
    }
}
