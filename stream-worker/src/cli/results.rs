//! `results`: every page so far.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use futures_util::StreamExt;
use reqwest::{Method, Response};
use shared::EventId;
use tokio::task::block_in_place;

use super::channel_options::ChannelOptions;
use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::server::{send, unreachable};

/// Options of `results`.
#[derive(Debug, Clone, Args)]
pub(super) struct ResultsOptions {
    #[command(flatten)]
    job: ChannelOptions,

    /// One JSON object a line, or RFC 4180 with a header line. By default what --output ends with, else ndjson.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// Only pages that were fetched, or that failed; or the URLs that were skipped. By default what was fetched and what failed.
    #[arg(long, value_name = "STATE", value_parser = ["fetched", "failed", "skipped"], hide_possible_values = true)]
    state: Option<String>,

    /// Only what came after this event, as in 1-42: the `head` of a status, or the ID of an event.
    #[arg(long, value_name = "ID")]
    after: Option<EventId>,

    /// A byte order mark before CSV, so that Excel reads it as UTF-8.
    #[arg(long)]
    bom: bool,

    /// Write to this file instead of stdout. It appears when it is whole.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Ndjson,
    Csv,
}

/// Runs the command.
pub(super) fn run(options: &ResultsOptions) -> Result<Exit, Failure> {
    let format = options.format();
    if options.bom && format != Format::Csv {
        return Err(Failure::Usage("--bom goes with --format csv".to_owned()));
    }
    let format = match format {
        Format::Ndjson => "ndjson",
        Format::Csv => "csv",
    };
    let mut query = vec![("format", format)];
    query.extend(options.bom.then_some(("bom", "1")));
    query.extend(options.state.as_deref().map(|state| ("state", state)));
    let after = options.after.map(|after| after.to_string());
    query.extend(after.as_deref().map(|after| ("after", after)));
    let request = options
        .job
        .channel()?
        .request_with(Method::GET, "results", &query)?;
    block_on(async {
        let response = send(request).await?;
        match options
            .output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
        {
            None => copy(response, io::stdout(), Failure::stdout).await?,
            Some(path) => save(response, path).await?,
        }
        Ok(Exit::Done)
    })
}

impl ResultsOptions {
    fn format(&self) -> Format {
        let ending = self.output.as_deref().and_then(Path::extension);
        let by_ending = if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            Format::Csv
        } else {
            Format::Ndjson
        };
        self.format.unwrap_or(by_ending)
    }
}

/// Writes beside the file first: a download that breaks off leaves what was there.
async fn save(response: Response, path: &Path) -> Result<(), Failure> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let unwritten = |error: io::Error| {
        let what = format!("could not write {}", path.display());
        Failure::Other(anyhow::Error::new(error).context(what))
    };
    let file = File::create(&draft).map_err(unwritten)?;
    let saved = match copy(response, &file, unwritten).await {
        Ok(()) => file
            .sync_all()
            .and_then(|()| fs::rename(&draft, path))
            .map_err(unwritten),
        Err(failure) => Err(failure),
    };
    if saved.is_err() {
        let _left_behind = fs::remove_file(&draft);
    }
    saved
}

async fn copy(
    response: Response,
    mut to: impl Write,
    unwritten: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(unreachable)?;
        block_in_place(|| to.write_all(&piece)).map_err(&unwritten)?;
    }
    block_in_place(|| to.flush()).map_err(&unwritten)
}
