//! The address of a Redis, as an operator writes it.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26_379;

/// The address of a Redis, with the user to log in as.
///
/// `redis://user:password@host:6379/0`, with TLS `rediss://…`; behind Sentinel
/// `redis+sentinel://user:password@host:26379,host:26379/master/0`, with TLS to the sentinels and to Redis
/// `rediss+sentinel://…`. User and password are percent-encoded and meant for Redis; sentinels are asked without.
/// Shown without user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    pub(super) place: Place,
    pub(super) tls: bool,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Number of the database. 0 where it is not said.
    pub(super) database: i64,
    /// The one authority that may vouch for the server, in PEM; the system's authorities if there is none.
    pub(super) authority: Option<Vec<u8>>,
}

/// The way to the primary server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The server behind this name, whose address may change.
    Host(Host),
    /// The server that one of the sentinels knows under the name `master`.
    Sentinels {
        sentinels: Vec<Host>,
        master: String,
    },
}

/// A name or an IP address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u16,
}

/// A text that is not the address of a Redis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; right would be redis://user:password@host:6379/0, rediss://… for TLS, or \
     redis+sentinel://user:password@host:26379,host:26379/master"
)]
pub struct AddressError(String);

impl RedisAddress {
    /// The same address, whose certificate must come from this authority (PEM) instead of one of the system's. Means nothing
    /// without TLS.
    #[must_use]
    pub fn trusting(mut self, authority: Vec<u8>) -> Self {
        self.authority = Some(authority);
        self
    }

    /// Name of the host, or of Sentinel's master.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.place {
            Place::Host(host) => &host.name,
            Place::Sentinels { master, .. } => master,
        }
    }
}

impl FromStr for RedisAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| AddressError("it has no scheme".to_owned()))?;
        let (tls, sentinel) = match scheme {
            "redis" => (false, false),
            "rediss" => (true, false),
            "redis+sentinel" => (false, true),
            "rediss+sentinel" => (true, true),
            other => return Err(AddressError(format!("the scheme {other} is not known"))),
        };
        if rest.contains(['?', '#']) {
            return Err(AddressError(
                "it has options, which are not known".to_owned(),
            ));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials(who)?;
        let (place, database) = if sentinel {
            let (master, database) = path.split_once('/').unwrap_or((path, ""));
            (sentinels(hosts, master)?, database)
        } else {
            (Place::Host(host(hosts, REDIS_PORT)?), path)
        };
        Ok(Self {
            place,
            tls,
            user,
            password,
            database: number(database)?,
            authority: None,
        })
    }
}

fn credentials(who: &str) -> Result<(Option<String>, Option<String>), AddressError> {
    let (user, password) = who.split_once(':').unwrap_or((who, ""));
    Ok((decoded(user)?, decoded(password)?))
}

fn decoded(text: &str) -> Result<Option<String>, AddressError> {
    let decoded = percent_decode_str(text).decode_utf8();
    let text = decoded
        .map_err(|error| AddressError(format!("its user or password is not UTF-8 ({error})")))?;
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

fn sentinels(hosts: &str, master: &str) -> Result<Place, AddressError> {
    if master.is_empty() {
        return Err(AddressError("the master's name is missing".to_owned()));
    }
    let sentinels: Result<_, _> = hosts
        .split(',')
        .map(|text| host(text, SENTINEL_PORT))
        .collect();
    Ok(Place::Sentinels {
        sentinels: sentinels?,
        master: master.to_owned(),
    })
}

/// Reads `name`, `name:port`, `[::1]` or `[::1]:port`.
fn host(text: &str, port: u16) -> Result<Host, AddressError> {
    let wrong = || AddressError(format!("{text:?} is no host"));
    if text.contains('@') {
        return Err(AddressError(
            "its user or password must be percent-encoded".to_owned(),
        ));
    }
    let url = Url::parse(&format!("redis://{text}"))
        .ok()
        .ok_or_else(wrong)?;
    let name = url
        .host_str()
        .filter(|name| !name.is_empty())
        .ok_or_else(wrong)?;
    Ok(Host {
        name: name.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(port),
    })
}

fn number(database: &str) -> Result<i64, AddressError> {
    if database.is_empty() {
        return Ok(0);
    }
    let number: Option<u16> = database.parse().ok();
    number
        .map(i64::from)
        .ok_or_else(|| AddressError(format!("{database:?} is no number of a database")))
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tls { "s" } else { "" };
        match &self.place {
            Place::Host(host) => write!(f, "redis{s}://{host}/{}", self.database),
            Place::Sentinels { sentinels, master } => {
                let hosts: Vec<String> = sentinels.iter().map(Host::to_string).collect();
                write!(
                    f,
                    "redis{s}+sentinel://{}/{master}/{}",
                    hosts.join(","),
                    self.database
                )
            }
        }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> RedisAddress {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (text, shown) in [
            ("redis://example.org", "redis://example.org:6379/0"),
            (
                "rediss://u:p%40ss@example.org:7000/3",
                "rediss://example.org:7000/3",
            ),
            ("redis://:pass@[::1]:7000", "redis://[::1]:7000/0"),
            (
                "redis+sentinel://u:p@one,two:27000/main/2",
                "redis+sentinel://one:26379,two:27000/main/2",
            ),
        ] {
            assert_eq!(address(text).to_string(), shown, "{text}");
            assert_eq!(format!("{:?}", address(text)), shown, "{text}");
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let both = address("redis://crawl%3Acast:p%40ss%2Fword@host");
        assert_eq!(both.user.as_deref(), Some("crawl:cast"));
        assert_eq!(both.password.as_deref(), Some("p@ss/word"));
        let password = address("redis://:secret@host");
        assert_eq!(
            (password.user, password.password.as_deref()),
            (None, Some("secret"))
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_secrets() {
        for text in [
            "localhost:6379",
            "http://host",
            "redis://",
            "redis://:secret@",
            "redis://:secret@host:port",
            "redis://:secret@host/first",
            "redis://:secret@host/-1",
            "redis://:secret@host/0?protocol=3",
            "redis+sentinel://:secret@host",
            "redis+sentinel://:secret@,/main",
        ] {
            let refused = text.parse::<RedisAddress>().unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
            assert!(refused.contains("right would be redis://"), "{refused}");
        }
    }
}
