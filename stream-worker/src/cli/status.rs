//! `status`: where a job stands.

use std::io::{self, Write};

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::channel_options::ChannelOptions;
use super::exit::{Exit, Failure};
use super::runtime::block_on;
use super::server::send_for_json;
use super::words::plain;

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub(super) struct StatusOptions {
    #[command(flatten)]
    job: ChannelOptions,

    /// Print the server's answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(options: &StatusOptions) -> Result<Exit, Failure> {
    let request = options.job.channel()?.request(Method::GET, "")?;
    let status = block_on(send_for_json(request))?;
    let text = if options.json {
        status.to_string()
    } else {
        described(&status)
    };
    writeln!(io::stdout(), "{text}").map_err(Failure::stdout)?;
    Ok(Exit::Done)
}

/// The answer in three lines.
fn described(status: &Value) -> String {
    let text = |value: &Value| value.as_str().map(plain);
    let counts = &status["counts"];
    let number = |name: &str| counts[name].as_u64().unwrap_or_default();
    let paused = if status["paused"] == true {
        ", paused"
    } else {
        ""
    };
    let mut lines = vec![format!(
        "{}{paused}, {} %",
        text(&status["state"]).unwrap_or_default(),
        status["percent"].as_u64().unwrap_or_default()
    )];
    lines.push(format!(
        "{} fetched, {} failed, {} skipped, {} waiting, {} in flight, of {} known",
        number("fetched"),
        number("failed"),
        number("skipped"),
        number("queued"),
        number("inFlight"),
        number("discovered")
    ));
    if let Some(started) = text(&status["startedAt"]) {
        let ended = text(&status["endedAt"]).map(|ended| format!(", ended {ended}"));
        lines.push(format!("started {started}{}", ended.unwrap_or_default()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_told_in_words() {
        let status = json!({"state": "running", "percent": 40, "paused": true, "startedAt": "2026-01-01T00:00:00.000Z",
            "counts": {"discovered": 5, "fetched": 1, "failed": 1, "skipped": 0, "queued": 2, "inFlight": 1}});
        let text = "running, paused, 40 %\n1 fetched, 1 failed, 0 skipped, 2 waiting, 1 in flight, of 5 known\nstarted \
                    2026-01-01T00:00:00.000Z";
        assert_eq!(described(&status), text);
    }
}
