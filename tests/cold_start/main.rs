//! Measures cold starts of the function, one build beside another: one table, as in `tests/load/README.md`.
//!
//! Each start is a process of its own under a stand-in for the Lambda service. The queue is moto behind TLS, and the process
//! has the system's certificates to read, as it would have in the cloud. What is timed holds everything: the process, the
//! stand-in, TLS, and the queue's own answer, which is in the line of the second request too.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use e2e::{Front, Function, Mint, Rss, Sqs};
use serde_json::json;

const STARTS: usize = 21;
/// File of the authorities that the system trusts.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// One start.
struct Sample {
    until_ready: Duration,
    first: Duration,
    second: Duration,
    peak: Rss,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let builds: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(PathBuf::from)
        .collect();
    if builds.is_empty() {
        bail!("name the builds to be compared, as `tests/cold_start/run` does");
    }
    let sqs = Sqs::start().await;
    let port = sqs
        .endpoint()
        .rsplit(':')
        .next()
        .context("an endpoint has a port")?
        .parse()?;
    let tls = Front::plain(port).tls().start().await;
    let trusted = tempfile::NamedTempFile::new()?;
    let authorities = [
        std::fs::read(AUTHORITIES)?,
        std::fs::read(tls.certificate())?,
    ]
    .concat();
    std::fs::write(trusted.path(), authorities)?;
    let mut variables = sqs.variables();
    let keys = Mint::of("k1", 7);
    variables.extend(
        [
            ("AWS_ENDPOINT_URL_SQS", tls.base()),
            ("SSL_CERT_FILE", trusted.path().display().to_string()),
            ("CRAWLCAST_QUEUE_URL", sqs.url().to_owned()),
            (
                "CRAWLCAST_PUBLIC_URL",
                "https://live.example.com".to_owned(),
            ),
            ("CRAWLCAST_TOKEN_KEYS", keys.spelled().to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    println!(
        "| build | zip | exec → ready | first request | second request | peak memory |\n|---|---:|---:|---:|---:|---:|"
    );
    let mut samples: Vec<Vec<Sample>> = builds.iter().map(|_| Vec::new()).collect();
    // In turn, so that a noisy minute is everybody's.
    for _ in 0..STARTS {
        for (build, samples) in builds.iter().zip(&mut samples) {
            samples.push(start(build, &variables).await);
        }
    }
    for (build, samples) in builds.iter().zip(samples) {
        tell(build, &samples)?;
    }
    Ok(())
}

async fn start(build: &Path, variables: &[(String, String)]) -> Sample {
    let request = json!({ "url": "https://example.com/" });
    let began = Instant::now();
    let mut function = Function::start_binary(build, variables).await;
    function.ready().await;
    let until_ready = began.elapsed();
    let began = Instant::now();
    function.post(&request).await;
    let first = began.elapsed();
    let began = Instant::now();
    function.post(&request).await;
    Sample {
        until_ready,
        first,
        second: began.elapsed(),
        peak: function.peak_rss(),
    }
}

fn tell(build: &Path, samples: &[Sample]) -> anyhow::Result<()> {
    let median = |of: fn(&Sample) -> Duration| {
        let mut all: Vec<Duration> = samples.iter().map(of).collect();
        all.sort();
        format!("{:.1} ms", all[all.len() / 2].as_secs_f64() * 1000.0)
    };
    let zip = std::fs::metadata(build.with_extension("zip"))?.len();
    let peak = samples
        .iter()
        .map(|sample| sample.peak.0)
        .max()
        .unwrap_or_default();
    println!(
        "| {} | {:.2} MB | {} | {} | {} | {:.1} MB |",
        build
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default()
            .display(),
        zip as f64 / 1e6,
        median(|sample| sample.until_ready),
        median(|sample| sample.first),
        median(|sample| sample.second),
        peak as f64 / 1024.0,
    );
    Ok(())
}
