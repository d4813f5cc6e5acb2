//! Examination of the server: what it is, and what it keeps when something dies.

use std::collections::HashMap;
use std::fmt;

use super::{Line, LinkError, RedisAddress, Reply, Request};

/// Durability that a server promises, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A log over several zones that is written before the answer (MemoryDB): nothing is lost.
    MultiZone,
    /// So many replicas confirm each commit before it is shown: a failover to one of them loses nothing.
    Replicas(u32),
    /// An append-only file that is synced before the answer: nothing is lost while the disk stays.
    Always,
    /// An append-only file that is synced every second: up to two seconds are lost.
    EverySec,
    /// An append-only file that is synced when the system likes: up to half a minute is lost in a power cut.
    Unsynced,
    /// Replicas that follow without being waited for: a failover loses what they lacked.
    Replica,
    /// Memory alone: all is lost with the process.
    Volatile,
}

impl Durability {
    /// True if a message that was acknowledged is still there after the server's process has died, but for the last two
    /// seconds at most.
    #[must_use]
    pub const fn keeps_messages(self) -> bool {
        match self {
            Self::MultiZone | Self::Always | Self::EverySec | Self::Replicas(_) => true,
            Self::Unsynced | Self::Replica | Self::Volatile => false,
        }
    }

    /// One word for metrics and readiness.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MultiZone => "multiZone",
            Self::Always => "always",
            Self::EverySec => "everySec",
            Self::Replicas(_) => "replicas",
            Self::Unsynced => "unsynced",
            Self::Replica => "replica",
            Self::Volatile => "volatile",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MultiZone => f.write_str("its log is in several zones before it answers: nothing is lost"),
            Self::Always => f.write_str("it syncs its append-only file before it answers: nothing is lost while the disk stays"),
            Self::EverySec => f.write_str("it syncs its append-only file every second: up to two seconds are lost"),
            Self::Replicas(count) => write!(f, "{count} replicas confirm what is shown: a failover loses nothing"),
            Self::Unsynced => f.write_str("the system syncs its append-only file: up to half a minute is lost in a power cut"),
            Self::Replica => f.write_str("its replicas follow without being waited for: a failover loses what they lack"),
            Self::Volatile => f.write_str("it has neither an append-only file nor a replica: all is lost with its process"),
        }
    }
}

/// Durability that an operator allows or asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// True if a server may be used that loses everything with its process.
    pub volatile: bool,
    /// Replicas that confirm each commit. 0 = none is waited for.
    pub replicas: u32,
}

/// A server that was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Product and version, `Redis 7.0.15`.
    pub product: String,
    /// Its durability.
    pub durability: Durability,
    /// Replicas that are connected to it.
    pub replicas: u64,
    /// Bytes of memory in use.
    pub used_memory: u64,
    /// Bytes of memory that it may use. 0 = all there is.
    pub max_memory: u64,
}

/// A server that the worker does not use: the reason, and the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It could not be examined.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It lacks commands.
    #[error("{0} is too old: Redis 7.0, Valkey, MemoryDB or newer is needed")]
    Old(String),
    /// It throws keys away when it is full.
    #[error(
        "this Redis throws jobs away when it is full: set `maxmemory-policy noeviction` (it is {0}), in Redis' own configuration or \
         in the parameter group"
    )]
    Evicts(String),
    /// It spreads keys over several shards.
    #[error(
        "this Redis is a cluster of {0} shards; use one shard, or a server without cluster mode"
    )]
    Shards(u64),
    /// It keeps nothing.
    #[error(
        "this Redis has neither an append-only file nor a replica, so all jobs are lost with its process: set `appendonly yes` \
         and `appendfsync always`, or CRAWLCAST_REDIS_VOLATILE=true if that may happen"
    )]
    Volatile,
    /// It has fewer replicas than shall confirm each commit: none would ever be shown.
    #[error(
        "CRAWLCAST_REDIS_REPLICAS={wanted}, but {connected} replicas are connected to this Redis: start the others (`replicaof`, or \
         in the parameter group), or ask for fewer"
    )]
    Replicas {
        /// Replicas that were asked for.
        wanted: u32,
        /// Replicas that are connected.
        connected: u64,
    },
    /// It may lose messages of the queue that it has acknowledged, and their jobs with them.
    #[error(
        "this Redis is no place for a queue ({0}): a job whose message is lost is found by nobody; set `appendonly yes` and \
         `appendfsync always`, or use a queue elsewhere (CRAWLCAST_QUEUE_URL)"
    )]
    Forgets(Durability),
}

impl Server {
    /// Asks the server what it is.
    ///
    /// # Errors
    /// [`Refusal`] says what about it has to change; [`Refusal::Link`] that it could not be asked.
    pub(super) async fn examine(
        line: &Line,
        address: &RedisAddress,
        terms: Terms,
    ) -> Result<Self, Refusal> {
        let facts = Facts::ask(line).await?;
        let product = facts.product();
        if facts.major_version().is_some_and(|version| version < 7) {
            return Err(Refusal::Old(product));
        }
        let policy = facts.text("maxmemory_policy");
        if policy != "noeviction" {
            return Err(Refusal::Evicts(policy.to_owned()));
        }
        if facts.shards > 1 {
            return Err(Refusal::Shards(facts.shards));
        }
        let (wanted, connected) = (terms.replicas, facts.number("connected_slaves"));
        if connected < u64::from(wanted) {
            return Err(Refusal::Replicas { wanted, connected });
        }
        let durability = facts.durability(address, terms);
        if durability == Durability::Volatile && !terms.volatile {
            return Err(Refusal::Volatile);
        }
        Ok(Self {
            product,
            durability,
            replicas: connected,
            used_memory: facts.number("used_memory"),
            max_memory: facts.number("maxmemory"),
        })
    }
}

/// Fields of a server's `INFO` and `CONFIG GET`.
struct Facts {
    /// Fields of `INFO`.
    info: HashMap<String, String>,
    /// Setting `appendfsync`, where the user may ask for it.
    sync: Option<String>,
    /// Shards of a cluster; 1 without cluster mode.
    shards: u64,
}

impl Facts {
    async fn ask(line: &Line) -> Result<Self, LinkError> {
        let info = line.ask(&Request::command("INFO")).await?;
        let info = fields(info.text()?);
        let clustered = info
            .get("cluster_enabled")
            .is_some_and(|enabled| enabled == "1");
        let shards = if clustered { shards(line).await? } else { 1 };
        let sync = line
            .ask(&Request::command("CONFIG").bytes("GET").bytes("appendfsync"))
            .await;
        Ok(Self {
            info,
            sync: sync.ok().and_then(setting),
            shards,
        })
    }

    fn text(&self, field: &str) -> &str {
        self.info.get(field).map_or("", String::as_str)
    }

    fn number(&self, field: &str) -> u64 {
        self.text(field).parse().unwrap_or(0)
    }

    fn product(&self) -> String {
        match self.text("valkey_version") {
            "" => format!("Redis {}", self.text("redis_version")),
            valkey => format!("Valkey {valkey}"),
        }
    }

    /// Every Valkey names the version of Redis that it is compatible with.
    fn major_version(&self) -> Option<u32> {
        self.text("redis_version").split('.').next()?.parse().ok()
    }

    fn durability(&self, address: &RedisAddress, terms: Terms) -> Durability {
        let multi_zone =
            self.text("os").contains("MemoryDB") || address.name().contains(".memorydb.");
        let file = self.text("aof_enabled") == "1";
        match self.sync.as_deref() {
            _ if multi_zone => Durability::MultiZone,
            // What is asked for is kept whatever the file does.
            _ if terms.replicas > 0 => Durability::Replicas(terms.replicas),
            Some("always") if file => Durability::Always,
            Some("no") if file => Durability::Unsynced,
            // A user that may not ask gets what is the default.
            Some(_) | None if file => Durability::EverySec,
            Some(_) | None if self.number("connected_slaves") > 0 => Durability::Replica,
            Some(_) | None => Durability::Volatile,
        }
    }
}

async fn shards(line: &Line) -> Result<u64, LinkError> {
    let answer = line.ask(&Request::command("CLUSTER").bytes("INFO")).await?;
    let size = fields(answer.text()?).remove("cluster_size");
    Ok(size.and_then(|size| size.parse().ok()).unwrap_or(1))
}

/// The value in the answer to `CONFIG GET` with one name.
fn setting(answer: Reply) -> Option<String> {
    let [_name, value] = answer.parts().ok()?;
    value.text().ok().map(str::to_owned)
}

/// Lines of `name:value`.
fn fields(text: &str) -> HashMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durability(info: &str, sync: Option<&str>, host: &str, replicas: u32) -> Durability {
        let facts = Facts {
            info: fields(info),
            sync: sync.map(str::to_owned),
            shards: 1,
        };
        let terms = Terms {
            volatile: false,
            replicas,
        };
        facts.durability(&format!("redis://{host}").parse().unwrap(), terms)
    }

    #[test]
    fn durability_is_what_the_server_says_and_the_default_where_it_may_not_be_asked() {
        let file = "aof_enabled:1\r\nconnected_slaves:1\r\n";
        let memory = "aof_enabled:0\r\nconnected_slaves:0\r\n";
        let followed = "aof_enabled:0\r\nconnected_slaves:2\r\n";
        let aws = "clustercfg.jobs.abc123.memorydb.eu-central-1.amazonaws.com";
        for (info, sync, host, replicas, expected) in [
            (file, Some("always"), "host", 0, Durability::Always),
            (file, Some("always"), "host", 1, Durability::Replicas(1)),
            (file, Some("everysec"), "host", 0, Durability::EverySec),
            (file, None, "host", 0, Durability::EverySec),
            (file, Some("no"), "host", 0, Durability::Unsynced),
            (file, Some("everysec"), "host", 1, Durability::Replicas(1)),
            (memory, Some("always"), "host", 0, Durability::Volatile),
            (memory, None, aws, 0, Durability::MultiZone),
            (followed, None, "host", 0, Durability::Replica),
            (followed, None, "host", 2, Durability::Replicas(2)),
        ] {
            assert_eq!(
                durability(info, sync, host, replicas),
                expected,
                "{info} {sync:?}"
            );
        }
    }
}
