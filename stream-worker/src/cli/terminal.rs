//! Colours, and what is known of the two terminals.

use std::io::IsTerminal;

use clap::ValueEnum;
use console::{Term, style};

/// Use of colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Colors {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into pipes and files.
    Always,
    /// Nowhere.
    Never,
}

impl Colors {
    /// Uses them from now on.
    pub(super) fn apply(self) {
        let enabled = match self {
            // What the terminals and the environment say already rules.
            Self::Auto => return,
            Self::Always => true,
            Self::Never => false,
        };
        console::set_colors_enabled(enabled);
        console::set_colors_enabled_stderr(enabled);
    }
}

/// The name of the program before an error, as it is said on stderr.
pub(super) fn error_prefix() -> String {
    style("crawlcast:").for_stderr().red().bold().to_string()
}

/// The width of stdout's terminal at this moment; nothing if it is none.
pub(super) fn stdout_width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let (_rows, columns) = Term::stdout().size_checked()?;
    Some(usize::from(columns))
}

/// True if stderr is a terminal that can draw a bar.
pub(super) fn can_draw() -> bool {
    Term::stderr().features().is_attended()
}
