//! The worker's settings: every name, default and bound, and the only reader of the environment.
//!
//! It owns the flags and environment variables of `crawlcast serve`. Values arrive as text and are parsed here, all of
//! them, so that a start with five mistakes names five mistakes. Parts get their own typed settings from [`Config`] and
//! never look at the environment.

mod options;
mod faults;
mod value;
mod token_key_file;

pub use faults::{ConfigFault, ConfigFaults};
pub use options::{
    FetchOptions, KeyOptions, ServeOptions, ServerOptions, request_cookies, request_headers,
    webhook_secret,
};
pub use token_key_file::{TokenKeyFileError, token_keys_in};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use shared::api_key::ApiKeys;
use shared::cors::Cors;
use shared::setting;
use shared::token::TokenKeys;
use store::bodies::BodiesAddress;
use store::redis::RedisAddress;
use url::Url;

use crate::tenant::TenantLimits;

/// Every setting of a worker, valid by itself and together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Directory of the queue and the journal.
    pub data_dir: PathBuf,
    /// The SQS queue to take jobs from; the embedded one, if not set.
    pub queue_url: Option<Url>,
    /// The Redis that keeps journals, and jobs if no SQS queue is set; the data directory does, if not set.
    pub redis: Option<RedisSettings>,
    /// The worker's part: crawling, streaming, or both.
    pub role: Role,
    /// The base of the URLs in answers; the address that is listened on, if not set.
    pub public_url: Option<Url>,
    /// Keys that sign tokens; made once in the data directory, if not set.
    pub token_keys: Option<TokenKeys>,
    /// API keys that may submit.
    pub api_keys: ApiKeys,
    /// The limits of those who may submit.
    pub tenant_limits: TenantLimits,
    /// Origins whose pages may read answers.
    pub cors: Cors,
    /// Networks that may be crawled although they are not public.
    pub allow_nets: Vec<IpNet>,
    /// True if requests may set `ignoreRobotsTxt`.
    pub allow_ignore_robots: bool,
    /// Jobs at the same time at most.
    pub max_jobs: usize,
    /// Watchers at most.
    pub max_connections: usize,
    /// Silence after which a stream says that it is alive.
    pub heartbeat: Duration,
    /// Time for which a connection may idle between requests.
    pub idle_timeout: Duration,
    /// Time that a watched job runs on without a watcher.
    pub disconnect_grace: Duration,
    /// The longest life of a stream's connection.
    pub connection_lifetime: Duration,
    /// Time for which a job's record is kept after its end.
    pub retention: Duration,
    /// Time that a stop may take.
    pub drain: Duration,
    /// Length of a job's leases, which are renewed at half of it.
    pub visibility: Duration,
    /// The crawler's `User-Agent` header.
    pub user_agent: String,
    /// Authorities that sites may be signed by, beside the system's.
    pub extra_ca: Vec<CertificateDer<'static>>,
    /// True if the endpoints of the doctor, below `/v1/doctor`, are served.
    pub doctor: bool,
    /// Filter of log lines, as `level` or `target=level,…`.
    pub log: String,
    /// Form of log lines.
    pub log_format: LogFormat,
    /// True if the demo site is served beside the worker.
    pub demo: bool,
}

/// The Redis that many workers share.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// Its address, and the user that the worker logs in as.
    pub address: RedisAddress,
    /// True if a server that keeps nothing durably may be used.
    pub volatile: bool,
    /// The object store for what is large; all is in Redis, if not set.
    pub bodies: Option<BodiesAddress>,
    /// Bytes that a job may have in the server, if there is no object store.
    pub job_bytes: u64,
    /// Replicas that confirm each commit before it is shown.
    pub replicas: u32,
}

/// Part that a worker has in the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes jobs and serves watchers.
    Both,
    /// Takes jobs and tells webhooks; watchers are told to come back, to another worker.
    Crawl,
    /// Serves watchers and the API; takes no job.
    Stream,
}

impl Role {
    /// True if jobs are taken and webhooks told.
    #[must_use]
    pub const fn crawls(self) -> bool {
        matches!(self, Self::Both | Self::Crawl)
    }

    /// True if watchers are served.
    #[must_use]
    pub const fn streams(self) -> bool {
        matches!(self, Self::Both | Self::Stream)
    }
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person.
    Human,
    /// One JSON object on each line.
    Json,
}

/// Fault of a worker that listens beyond loopback without API keys.
const KEYS_NEEDED: &str = "without API keys anyone who reaches the worker may submit: set SHA-256 hashes of keys \
                           (`printf %s \"$KEY\" | sha256sum`), or listen on 127.0.0.1";

/// Fault of a worker that shares a Redis and is given no token keys.
const SHARED_KEYS_NEEDED: &str = "workers that share a Redis must sign and verify with the same keys: set the same \
                                  `id:base64` on each (`openssl rand -base64 32`)";

/// Fault of a worker that shares a Redis and is given no public URL.
const SHARED_URL_NEEDED: &str = "an answer must lead to any of the workers that share a Redis: set the URL of the proxy \
                                 before them, as in https://crawl.example.com";

/// Fault of a worker on its own disk that is given an object store.
const BODIES_ON_DISK: &str = "a worker without --redis-url keeps the formats of pages on its own disk, in the data directory: set \
                              --redis-url, or leave this out";

/// Fault of a worker on its own disk that is given one role only.
const SHARED_STORE_NEEDED: &str = "nobody else reaches the journal of a worker that keeps it on its own disk: set \
                                   --redis-url, or leave the role `both`";

impl Config {
    /// Returns these settings, if nothing is wrong with any of them, nor with how they go together.
    fn checked(self, mut faults: ConfigFaults) -> Result<Self, ConfigFaults> {
        if faults.is_empty() {
            self.check_together(&mut faults);
        }
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(faults)
        }
    }

    fn check_together(&self, faults: &mut ConfigFaults) {
        if self.is_open_to_strangers() {
            faults.refuse("--api-keys", KEYS_NEEDED);
        }
        match self.redis {
            Some(_) => {
                if self.token_keys.is_none() {
                    faults.refuse("--token-keys", SHARED_KEYS_NEEDED);
                }
                if self.public_url.is_none() {
                    faults.refuse("--public-url", SHARED_URL_NEEDED);
                }
            }
            None if self.role != Role::Both => faults.refuse("--role", SHARED_STORE_NEEDED),
            None => {}
        }
    }

    fn is_open_to_strangers(&self) -> bool {
        self.api_keys.is_empty() && !self.listen.ip().is_loopback()
    }

    /// The product token that robots.txt rules are matched against: the user agent up to its version.
    #[must_use]
    pub fn robots_agent(&self) -> &str {
        self.user_agent.split(['/', ' ']).next().unwrap_or_default()
    }
}

impl TryFrom<ServeOptions> for Config {
    type Error = ConfigFaults;

    fn try_from(options: ServeOptions) -> Result<Self, ConfigFaults> {
        let mut faults = ConfigFaults::default();
        let config = Self {
            listen: faults.take("--listen", value::listen(&options.listen)),
            data_dir: options.data_dir.clone(),
            queue_url: faults.take_optional(
                "--queue-url",
                options.queue_url.as_deref(),
                setting::queue_url,
            ),
            redis: redis_settings(&options, &mut faults),
            role: faults.take("--role", value::role(&options.role)),
            public_url: public_url(&options, &mut faults),
            token_keys: faults.take_optional(
                "--token-keys",
                options.token_keys.as_deref(),
                value::token_keys,
            ),
            api_keys: faults.take_or_default(
                "--api-keys",
                options.api_keys.as_deref(),
                value::api_keys,
            ),
            tenant_limits: faults.take_or_default(
                "--tenant-limits",
                options.tenant_limits.as_deref(),
                value::tenant_limits,
            ),
            cors: faults.take_or_default(
                "--cors-origins",
                options.cors_origins.as_deref(),
                value::cors,
            ),
            allow_nets: faults.take_or_default(
                "--allow-nets",
                options.allow_nets.as_deref(),
                value::nets,
            ),
            allow_ignore_robots: options.allow_ignore_robots,
            max_jobs: faults.take("--max-jobs", value::number(&options.max_jobs, 1..=1_000)),
            max_connections: faults.take(
                "--max-connections",
                value::number(&options.max_connections, 1..=1_000_000),
            ),
            heartbeat: faults.take(
                "--heartbeat",
                setting::duration(&options.heartbeat, "1s", "30s"),
            ),
            idle_timeout: faults.take(
                "--idle-timeout",
                setting::duration(&options.idle_timeout, "1s", "2h"),
            ),
            disconnect_grace: faults.take(
                "--disconnect-grace",
                setting::duration(&options.disconnect_grace, "0s", "24h"),
            ),
            connection_lifetime: faults.take(
                "--connection-lifetime",
                setting::duration(&options.connection_lifetime, "1s", "24h"),
            ),
            retention: faults.take("--retention", setting::retention(&options.retention)),
            drain: faults.take("--drain", setting::duration(&options.drain, "1s", "1h")),
            visibility: faults.take(
                "--visibility",
                setting::duration(&options.visibility, "2s", "12h"),
            ),
            user_agent: faults.take("--user-agent", value::user_agent(&options.user_agent)),
            extra_ca: faults.take_or_default(
                "--extra-ca",
                options.extra_ca.as_deref(),
                value::authorities,
            ),
            doctor: faults.take("--doctor", value::switch(&options.doctor)),
            log: faults.take("--log", value::log_filter(&options.log)),
            log_format: faults.take("--log-format", value::log_format(&options.log_format)),
            demo: options.demo,
        };
        config.checked(faults)
    }
}

fn public_url(options: &ServeOptions, faults: &mut ConfigFaults) -> Option<Url> {
    let text = options.public_url.as_deref();
    faults.take_optional("--public-url", text, value::public_url)
}

fn redis_settings(options: &ServeOptions, faults: &mut ConfigFaults) -> Option<RedisSettings> {
    let address = faults.take_optional(
        "--redis-url",
        options.redis_url.as_deref(),
        value::redis_url,
    );
    let authority =
        faults.take_optional("--redis-ca", options.redis_ca.as_deref(), value::pem_file);
    let bodies = faults.take_optional("--bodies", options.bodies.as_deref(), value::bodies);
    let most = ByteSize::kib(64)..=ByteSize::tib(1);
    let job_bytes = faults.take(
        "--redis-job-bytes",
        value::bytes(&options.redis_job_bytes, most),
    );
    if bodies.is_some() && options.redis_url.is_none() {
        faults.refuse("--bodies", BODIES_ON_DISK);
    }
    let replicas = faults.take("--redis-replicas", value::replicas(&options.redis_replicas));
    Some(RedisSettings {
        address: match authority {
            None => address?,
            Some(pem) => address?.trusting(pem),
        },
        volatile: options.redis_volatile,
        bodies,
        job_bytes,
        replicas,
    })
}

/// The settings of a crawl without a worker, valid each by itself.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// The crawler's `User-Agent` header.
    pub user_agent: String,
    /// Networks that may be crawled although they are not public.
    pub allow_nets: Vec<IpNet>,
    /// Authorities that sites may be signed by, beside the system's.
    pub extra_ca: Vec<CertificateDer<'static>>,
}

impl FetchOptions {
    /// Judges every setting.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn settings(&self) -> Result<FetchSettings, ConfigFaults> {
        let mut faults = ConfigFaults::default();
        let settings = FetchSettings {
            user_agent: faults.take("--user-agent", value::user_agent(&self.user_agent)),
            allow_nets: faults.take_or_default(
                "--allow-nets",
                self.allow_nets.as_deref(),
                value::nets,
            ),
            extra_ca: faults.take_or_default(
                "--extra-ca",
                self.extra_ca.as_deref(),
                value::authorities,
            ),
        };
        match faults.is_empty() {
            true => Ok(settings),
            false => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests;
