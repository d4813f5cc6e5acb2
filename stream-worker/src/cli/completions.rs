//! `completions`: what a shell completes.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use super::exit::{Exit, Failure};

/// Options of `completions`.
#[derive(Debug, Clone, Args)]
pub(super) struct CompletionsOptions {
    /// bash, elvish, fish, powershell or zsh.
    #[arg(value_enum, value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

/// Prints the completions of `program`.
pub(super) fn run(
    options: &CompletionsOptions,
    mut program: clap::Command,
) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut program, "crawlcast", &mut text);
    io::stdout().write_all(&text).map_err(Failure::stdout)?;
    Ok(Exit::Done)
}
