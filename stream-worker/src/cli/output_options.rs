//! Options for output files, shared by `crawl`, `submit` and `watch`.

use clap::{Args, ValueEnum};

/// Options for the files that pages are written to, and for what is shown.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What comes out")]
pub(super) struct OutputOptions {
    /// Write pages to this file or directory; may be repeated. Its ending says how: `.ndjson` (one JSON object a line), `.csv`,
    /// `.warc.gz` (`crawl` only: a web archive), `DIR/` (a Markdown file for each page, with links that work offline), `-` (NDJSON
    /// on stdout). Without any, a line for each page is printed.
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Vec<String>,

    /// Print every event, and at the end the summary, as one JSON object a line.
    #[arg(long)]
    pub json: bool,

    /// Show nothing but errors.
    #[arg(short, long)]
    pub quiet: bool,

    /// Exit with 1 if a page failed, or was skipped: a link checker for CI.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_enum)]
    pub fail_on: Vec<FailOn>,
}

/// Outcome of pages that makes a finished crawl count as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// A page that could not be fetched.
    Failed,
    /// A URL in scope that was refused.
    Skipped,
}
