//! The command line and the environment, as text.

use std::path::PathBuf;

use clap::Args;

/// The settings of a worker. Everything is text here; [`Config`](super::Config) parses it and names every fault.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// Address to listen on; port 0 picks a free one.
    // Loopback, because without API keys anyone who reaches the port may submit.
    #[arg(
        long,
        env = "CRAWLCAST_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: String,

    /// Directory of the queue and the journal; made if it is not there.
    #[arg(
        long,
        env = "CRAWLCAST_DATA_DIR",
        value_name = "DIRECTORY",
        default_value = "./crawlcast-data"
    )]
    pub data_dir: PathBuf,

    /// Base of the URLs in answers, as browsers reach this worker; by default the address that it listens on.
    #[arg(long, env = "CRAWLCAST_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Keys that sign tokens, the first signs, all verify: `id:base64,…`; by default made once in the data directory.
    #[arg(
        long,
        env = "CRAWLCAST_TOKEN_KEYS",
        value_name = "KEYS",
        hide_env_values = true
    )]
    pub token_keys: Option<String>,

    /// API keys that may submit, comma-separated, each as `name=hash` or `hash`: the SHA-256 of the key in hex, and the name of
    /// the tenant that it speaks for; without any, only loopback is served.
    #[arg(
        long,
        env = "CRAWLCAST_API_KEYS",
        value_name = "KEYS",
        hide_env_values = true
    )]
    pub api_keys: Option<String>,

    /// Limits of those who submit, as in `*:jobs=4,submissions=60;acme:pages=100000,watchers=50`: jobs at the same time and
    /// submissions a minute on this worker, pages a day, watchers; `*` is every name without an entry. By default none.
    #[arg(long, env = "CRAWLCAST_TENANT_LIMITS", value_name = "LIMITS")]
    pub tenant_limits: Option<String>,

    /// Origins whose pages may read answers, comma-separated; by default all, since no right comes from a cookie.
    #[arg(long, env = "CRAWLCAST_CORS_ORIGINS", value_name = "ORIGINS")]
    pub cors_origins: Option<String>,

    /// Networks (CIDR, comma-separated) that may be crawled although they are not public.
    #[arg(long, env = "CRAWLCAST_ALLOW_NETS", value_name = "NETS")]
    pub allow_nets: Option<String>,

    /// Let requests set `ignoreRobotsTxt`.
    #[arg(long, env = "CRAWLCAST_ALLOW_IGNORE_ROBOTS")]
    pub allow_ignore_robots: bool,

    /// Jobs that run at the same time at most; more wait in the queue.
    // A job has 16 requests in flight by default: 16 jobs stay well under 1,024 open files.
    #[arg(
        long,
        env = "CRAWLCAST_MAX_JOBS",
        value_name = "NUMBER",
        default_value = "16"
    )]
    pub max_jobs: String,

    /// Watchers at most; more are told to come back later.
    // Each needs an open file, and many systems allow 20,000.
    #[arg(
        long,
        env = "CRAWLCAST_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value = "15000"
    )]
    pub max_connections: String,

    /// Silence after which a stream says that it is alive.
    // Under the 30 s that CloudFront waits for the next byte.
    #[arg(
        long,
        env = "CRAWLCAST_HEARTBEAT",
        value_name = "DURATION",
        default_value = "20s"
    )]
    pub heartbeat: String,

    /// How long a connection may idle between requests; longer than any proxy in front keeps it for the next one.
    // Balancers and nginx give up after 60 s. Whoever closes first must be the side that asks.
    #[arg(
        long,
        env = "CRAWLCAST_IDLE_TIMEOUT",
        value_name = "DURATION",
        default_value = "75s"
    )]
    pub idle_timeout: String,

    /// How long a job that was watched runs on after its last watcher left, unless it says `onDisconnect: continue`.
    // Longer than a reload, a laptop's change of network, and the longest `retry` of a drain.
    #[arg(
        long,
        env = "CRAWLCAST_DISCONNECT_GRACE",
        value_name = "DURATION",
        default_value = "30s"
    )]
    pub disconnect_grace: String,

    /// The longest life of one connection; each ends after a random 80 to 100 % of it, and the browser comes back.
    // Reveals browsers whose death a proxy hides.
    #[arg(
        long,
        env = "CRAWLCAST_CONNECTION_LIFETIME",
        value_name = "DURATION",
        default_value = "10m"
    )]
    pub connection_lifetime: String,

    /// How long a job's record is kept after its end; tokens last as long.
    #[arg(
        long,
        env = "CRAWLCAST_RETENTION",
        value_name = "DURATION",
        default_value = "24h"
    )]
    pub retention: String,

    /// How long a stop may take before it is cut short.
    // Under the 30 s after which a container is killed.
    #[arg(
        long,
        env = "CRAWLCAST_DRAIN",
        value_name = "DURATION",
        default_value = "25s"
    )]
    pub drain: String,

    /// How long a job's leases last; they are renewed at half of it.
    // What another worker waits before it takes over from one that died.
    #[arg(
        long,
        env = "CRAWLCAST_VISIBILITY",
        value_name = "DURATION",
        default_value = "60s"
    )]
    pub visibility: String,

    /// The crawler's User-Agent header; up to the first `/` it is the name that robots.txt rules are matched against.
    #[arg(
        long,
        env = "CRAWLCAST_USER_AGENT",
        value_name = "TEXT",
        default_value = concat!("crawlcast/", env!("CARGO_PKG_VERSION"))
    )]
    pub user_agent: String,

    /// A PEM file of certificate authorities that sites under crawl may be signed by, beside the system's.
    #[arg(long, env = "CRAWLCAST_EXTRA_CA", value_name = "FILE")]
    pub extra_ca: Option<String>,

    /// An SQS queue to take jobs from, instead of the embedded one; credentials are found as AWS's own tools find them.
    #[arg(long, env = "CRAWLCAST_QUEUE_URL", value_name = "URL")]
    pub queue_url: Option<String>,

    /// A Redis (7.0 or newer, Valkey, MemoryDB) that keeps the journals of all workers, and their queue if no SQS queue is
    /// named: `redis://host:6379`, `rediss://user:password@host:6379` for TLS.
    #[arg(
        long,
        env = "CRAWLCAST_REDIS_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub redis_url: Option<String>,

    /// A PEM file of the certificate authority that has signed for a `rediss://` server, instead of the system's.
    #[arg(long, env = "CRAWLCAST_REDIS_CA", value_name = "FILE")]
    pub redis_ca: Option<String>,

    /// Use a Redis that keeps nothing on disk and has no replica: with its process every job is lost.
    #[arg(long, env = "CRAWLCAST_REDIS_VOLATILE")]
    pub redis_volatile: bool,

    /// An object store for the formats of pages, which would fill the Redis; the same for all workers that share it:
    /// `s3://bucket/prefix`, with credentials, region and endpoint found as AWS's own tools find them, or `file:///path` on a
    /// shared disk.
    #[arg(long, env = "CRAWLCAST_BODIES", value_name = "URL")]
    pub bodies: Option<String>,

    /// Bytes that one job may have in the Redis, as in 256MiB, before its pages come without their formats; no bound with
    /// `--bodies`.
    // A hundred jobs of that size need a server of 32 GiB.
    #[arg(
        long,
        env = "CRAWLCAST_REDIS_JOB_BYTES",
        value_name = "BYTES",
        default_value = "256MiB"
    )]
    pub redis_job_bytes: String,

    /// Replicas of the Redis that confirm each commit before anybody sees it, so that a failover to one of them loses nothing.
    /// 0 waits for none.
    #[arg(
        long,
        env = "CRAWLCAST_REDIS_REPLICAS",
        value_name = "N",
        default_value = "0"
    )]
    pub redis_replicas: String,

    /// What this worker does: `crawl` takes jobs and tells webhooks, `stream` serves watchers and the API, `both` does both.
    #[arg(
        long,
        env = "CRAWLCAST_ROLE",
        value_name = "ROLE",
        default_value = "both"
    )]
    pub role: String,

    /// Answer the probes of `crawlcast doctor`, which tell what proxies in front do to streams: `on` or `off`.
    #[arg(
        long,
        env = "CRAWLCAST_DOCTOR",
        value_name = "SWITCH",
        default_value = "on"
    )]
    pub doctor: String,

    /// Filter of log lines, as `level` or `target=level,…`.
    #[arg(
        long,
        env = "CRAWLCAST_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,

    /// `human` or `json`.
    #[arg(
        long,
        env = "CRAWLCAST_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "human"
    )]
    pub log_format: String,

    /// Serve a site to try crawls on, on a free port of 127.0.0.1.
    #[arg(long)]
    pub demo: bool,
}

/// The settings of a crawl without a worker: how it asks, and whom it may.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How to crawl")]
pub struct FetchOptions {
    /// The crawler's User-Agent header; up to the first `/` it is the name that robots.txt rules are matched against.
    #[arg(
        long,
        env = "CRAWLCAST_USER_AGENT",
        value_name = "TEXT",
        default_value = concat!("crawlcast/", env!("CARGO_PKG_VERSION"))
    )]
    pub user_agent: String,

    /// Networks (CIDR, comma-separated) that may be crawled although they are not public; the start pages' own addresses may be.
    #[arg(long, env = "CRAWLCAST_ALLOW_NETS", value_name = "NETS")]
    pub allow_nets: Option<String>,

    /// A PEM file of certificate authorities that sites may be signed by, beside the system's.
    #[arg(long, env = "CRAWLCAST_EXTRA_CA", value_name = "FILE")]
    pub extra_ca: Option<String>,
}

/// A worker or a front to talk to, and who talks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerOptions {
    /// Address of the server that takes submissions.
    #[arg(
        long,
        env = "CRAWLCAST_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub server: String,

    /// The API key of the caller.
    #[command(flatten)]
    pub key: KeyOptions,
}

/// The API key of whoever calls. It is never a flag: others see the command lines of a machine.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyOptions {
    /// A file with the API key; by default the key is in the environment variable CRAWLCAST_API_KEY, if one is needed.
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub api_key_file: Option<PathBuf>,
}

impl KeyOptions {
    /// The API key, if there is one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn api_key(&self) -> std::io::Result<Option<String>> {
        let key = match &self.api_key_file {
            Some(file) => Some(std::fs::read_to_string(file)?),
            None => variable("CRAWLCAST_API_KEY"),
        };
        let key = key.map(|key| key.trim().to_owned());
        Ok(key.filter(|key| !key.is_empty()))
    }
}

/// A secret for a webhook's signatures, from the environment.
#[must_use]
pub fn webhook_secret() -> Option<String> {
    variable("CRAWLCAST_WEBHOOK_SECRET").filter(|secret| !secret.is_empty())
}

/// Headers for the sites of a crawl, one a line, from the environment.
#[must_use]
pub fn request_headers() -> Option<String> {
    variable("CRAWLCAST_HEADERS")
}

/// Cookies for the sites of a crawl, one a line or with semicolons between them, from the environment.
#[must_use]
pub fn request_cookies() -> Option<String> {
    variable("CRAWLCAST_COOKIES")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a secret that is no flag, read where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
