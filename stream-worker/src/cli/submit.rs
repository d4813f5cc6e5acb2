//! `submit`: a job for a server.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use shared::EventId;
use url::Url;

use super::channel_ref::ChannelRef;
use super::crawl::add_markdown;
use super::exit::{Exit, Failure};
use super::output::Target;
use super::output_options::OutputOptions;
use super::request_options::RequestOptions;
use super::runtime::block_on;
use super::server::{authorized, http, send_for_json};
use super::watch::{targets, watch};
use crate::config::{ServerOptions, webhook_secret};

/// Options of `submit`.
#[derive(Debug, Clone, Args)]
pub(super) struct SubmitOptions {
    #[command(flatten)]
    request: RequestOptions,

    /// The channel of an earlier crawl: what it fetched is asked for only if it has changed since.
    #[arg(long, value_name = "CHANNEL", help_heading = "What to crawl")]
    since: Option<String>,

    /// What happens when the last watcher has left: cancel or continue. [default: cancel]
    #[arg(long, value_name = "FATE", help_heading = "What to crawl", hide_possible_values = true,
          value_parser = ["cancel", "continue"])]
    on_disconnect: Option<String>,

    /// The User-Agent header for every page. robots.txt is asked for, and its rules are chosen, under the server's own name all the
    /// same.
    #[arg(long, value_name = "TEXT", help_heading = "On behalf of a user")]
    user_agent: Option<String>,

    /// A server to which events are posted as well; CRAWLCAST_WEBHOOK_SECRET signs them, or --webhook-secret-file.
    #[arg(long, value_name = "URL", help_heading = "Webhook")]
    webhook: Option<String>,

    /// Events that are posted, comma-separated. [default: done,cancelled,failed]
    #[arg(
        long,
        value_name = "EVENTS",
        value_delimiter = ',',
        requires = "webhook",
        help_heading = "Webhook"
    )]
    webhook_events: Option<Vec<String>>,

    /// A file with the secret that signs what is posted.
    #[arg(
        long,
        value_name = "FILE",
        requires = "webhook",
        help_heading = "Webhook"
    )]
    webhook_secret_file: Option<PathBuf>,

    /// Makes a retry safe: the same key with the same options is the same job.
    #[arg(long, value_name = "KEY", help_heading = "Server")]
    idempotency_key: Option<String>,

    #[command(flatten)]
    server: ServerOptions,

    /// Go on as `watch`; the answer then goes to stderr.
    #[arg(long)]
    watch: bool,

    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
pub(super) fn run(options: &SubmitOptions) -> Result<Exit, Failure> {
    if !options.watch && (!options.output.output.is_empty() || !options.output.fail_on.is_empty()) {
        let why = "--output and --fail-on need --watch: without it nothing of the job is seen";
        return Err(Failure::Usage(why.to_owned()));
    }
    let targets = targets(&options.output)?;
    let body = body(options, &targets)?;
    block_on(submit(options, &body, &targets))
}

async fn submit(
    options: &SubmitOptions,
    body: &Map<String, Value>,
    targets: &[Target],
) -> Result<Exit, Failure> {
    let key = options
        .server
        .key
        .api_key()
        .context("could not read the API key")?;
    let body = serde_json::to_vec(body).context("a request serialises")?;
    let mut request = http()?.post(crawls_url(&options.server.server)?).body(body);
    request = request.header(CONTENT_TYPE, "application/json");
    if let Some(key) = &options.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    let answer = send_for_json(authorized(request, key.as_deref())).await?;
    let line = answer.to_string();
    if !options.watch {
        writeln!(io::stdout(), "{line}").map_err(Failure::stdout)?;
        return Ok(Exit::Done);
    }
    if !options.output.quiet {
        let _closed = writeln!(io::stderr(), "{line}");
    }
    let channel = ChannelRef::of_answer(line.as_bytes(), key)
        .map_err(|why| Failure::Refused(format!("the server's answer {why}")))?;
    watch(channel, EventId::START, &options.output, targets).await
}

fn crawls_url(server: &str) -> Result<Url, Failure> {
    let base = Url::parse(server)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(mut url) = base else {
        return Err(Failure::Usage(format!(
            "--server must be a URL such as https://crawl.example.com/, not {server}"
        )));
    };
    let path = format!("{}/v1/crawls", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(None);
    Ok(url)
}

fn body(options: &SubmitOptions, targets: &[Target]) -> Result<Map<String, Value>, Failure> {
    let mut fields = options.request.to_json()?;
    add_markdown(&mut fields, targets);
    if let Some(since) = &options.since {
        fields.insert("since".to_owned(), json!(since));
    }
    if let Some(fate) = &options.on_disconnect {
        fields.insert("onDisconnect".to_owned(), json!(fate));
    }
    if let Some(user_agent) = &options.user_agent {
        fields.insert("userAgent".to_owned(), json!(user_agent));
    }
    if let Some(url) = &options.webhook {
        let secret = match &options.webhook_secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text = text.with_context(|| format!("could not read {}", file.display()))?;
                Some(text.trim().to_owned())
            }
            None => webhook_secret(),
        };
        let webhook = json!({"url": url, "events": options.webhook_events, "secret": secret});
        fields.insert("webhook".to_owned(), webhook);
    }
    Ok(fields)
}
