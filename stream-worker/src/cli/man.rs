//! `man`: the manual.

use std::io::{self, Write};

use clap::Args;
use clap_mangen::Man;

use super::exit::{Exit, Failure};

/// The program and its version, at the foot of each page.
const SOURCE: &str = concat!("crawlcast ", env!("CARGO_PKG_VERSION"));

/// Options of `man`.
#[derive(Debug, Clone, Args)]
pub(super) struct ManOptions {
    /// The command whose page is wanted; the program's own, if none is named.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints a page about `program`.
pub(super) fn run(options: &ManOptions, mut program: clap::Command) -> Result<Exit, Failure> {
    program.build();
    let manual = match &options.command {
        None => Man::new(program),
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let command = found.ok_or_else(|| unknown(&program, name))?;
            // Pages are named as those of git are.
            Man::new(command)
                .title(format!("crawlcast-{name}"))
                .source(SOURCE)
        }
    };
    let mut page = Vec::new();
    manual.render(&mut page).map_err(Failure::stdout)?;
    io::stdout().write_all(&page).map_err(Failure::stdout)?;
    Ok(Exit::Done)
}

fn unknown(program: &clap::Command, name: &str) -> Failure {
    let names: Vec<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    Failure::Usage(format!(
        "there is no command {name}; there are {}",
        names.join(", ")
    ))
}
