//! `watch`: follows a job's stream to its end.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use shared::{EventId, Position};
use tokio::task::block_in_place;

use super::channel_ref::ChannelRef;
use super::crawl::check;
use super::exit::{Exit, Failure};
use super::output::{Form, Outputs, Target};
use super::output_options::OutputOptions;
use super::runtime::block_on;
use super::session::Session;
use super::stream_feed::{Heard, StreamFeed};
use crate::config::KeyOptions;
use crate::drain::StopSignals;

/// Interval at which the bar is drawn while nothing comes.
const TICK: Duration = Duration::from_millis(250);

/// Options of `watch`.
#[derive(Debug, Clone, Args)]
pub(super) struct WatchOptions {
    /// A job's eventsUrl, a file with what `submit` printed, or `-` for stdin.
    #[arg(value_name = "EVENTS_URL")]
    channel: String,

    /// Begin after this event, as in 1-42; the whole log, if not given.
    #[arg(
        long,
        value_name = "ID",
        default_value = "0-0",
        hide_default_value = true
    )]
    after: EventId,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    key: KeyOptions,
}

/// Runs the command.
pub(super) fn run(options: &WatchOptions) -> Result<Exit, Failure> {
    let targets = targets(&options.output)?;
    let key = options
        .key
        .api_key()
        .context("could not read the API key")?;
    let channel = ChannelRef::read(&options.channel, key)?;
    block_on(watch(channel, options.after, &options.output, &targets))
}

/// The targets that a stream can be written to.
pub(super) fn targets(options: &OutputOptions) -> Result<Vec<Target>, Failure> {
    let targets = Target::parse_all(&options.output).map_err(Failure::Usage)?;
    check(options, &targets)?;
    if targets.iter().any(|target| target.form == Form::Warc) {
        let why = "--output: a stream does not have the answers that an archive (.warc.gz) holds: use `crawlcast crawl`";
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(targets)
}

/// Follows the stream of `channel` from `after` on.
pub(super) async fn watch(
    channel: ChannelRef,
    after: EventId,
    options: &OutputOptions,
    targets: &[Target],
) -> Result<Exit, Failure> {
    let mut signals = StopSignals::listen().context("could not listen for signals")?;
    let outputs = Outputs::open(targets, None, None)?;
    let mut session = Session::new(outputs, options, Position(0));
    let mut feed = StreamFeed::new(channel, after)?;
    let mut tick = tokio::time::interval(TICK);
    while session.state().is_none() {
        tokio::select! {
            signal = signals.next() => {
                block_in_place(|| session.finish())?;
                session.screen().note(&format!("stopped watching; --after {} would go on", feed.cursor()));
                return Ok(Exit::Stopped(signal));
            }
            heard = feed.next() => match heard? {
                Heard::Told(told) => block_in_place(|| session.take(&told))?,
                Heard::Note(note) => session.screen().note(&note),
                Heard::Over => {
                    session.screen().note("the job has ended; nothing follows that event");
                    return Ok(Exit::Done);
                }
            },
            _ = tick.tick() => session.screen().tick(),
        }
    }
    block_in_place(|| session.finish())?;
    Ok(session
        .state()
        .map_or(Exit::Unsuccessful, |state| session.exit(state)))
}
