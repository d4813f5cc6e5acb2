//! State of the robots.txt of each host of a crawl.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Hosts of one crawl that are remembered, the first ones.
pub const MAX_HOSTS: usize = 100;

/// The robots.txt of one host, as the crawl read it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostRobots {
    /// Scheme, host and port, as in `https://example.com`: each has a robots.txt of its own.
    pub host: String,
    /// Result of the last read.
    pub state: RobotsState,
    /// Time of the reading, by the worker's clock.
    pub read_at: Timestamp,
}

/// Result of reading a host's robots.txt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RobotsState {
    /// There is one. It allows the host's home page to this crawler; what it forbids is skipped page by page.
    Allowed,
    /// There is one, and it forbids the host's home page: all of the host, but for what it allows by name.
    Disallowed,
    /// It could not be read: nothing there is crawled.
    Unreachable,
    /// There is none: all is allowed.
    None,
    /// The host's address may not be dialled.
    Blocked,
}

impl RobotsState {
    /// The state of this name; nothing if there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Allowed,
            Self::Disallowed,
            Self::Unreachable,
            Self::None,
            Self::Blocked,
        ];
        all.into_iter().find(|state| state.name() == name)
    }

    /// Its name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Disallowed => "disallowed",
            Self::Unreachable => "unreachable",
            Self::None => "none",
            Self::Blocked => "blocked",
        }
    }
}

/// Adds `read` to `known`, in place of what is known of the same hosts. Hosts beyond the first [`MAX_HOSTS`] are left out.
pub fn remember(known: &mut Vec<HostRobots>, read: &[HostRobots]) {
    for new in read {
        match known.binary_search_by(|one| one.host.cmp(&new.host)) {
            Ok(place) => known[place] = new.clone(),
            Err(place) if known.len() < MAX_HOSTS => known.insert(place, new.clone()),
            Err(_full) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robots(host: &str, state: RobotsState) -> HostRobots {
        HostRobots {
            host: host.to_owned(),
            state,
            read_at: Timestamp::from_millis(7),
        }
    }

    #[test]
    fn the_last_reading_of_a_host_counts() {
        let mut known = vec![robots("https://b.example", RobotsState::Unreachable)];
        let read = [
            robots("https://b.example", RobotsState::Allowed),
            robots("https://a.example", RobotsState::None),
        ];
        remember(&mut known, &read);
        assert_eq!(known, [read[1].clone(), read[0].clone()]);
    }

    #[test]
    fn further_hosts_are_left_out_and_known_ones_are_not() {
        let mut known = Vec::new();
        let many: Vec<_> = (0..150)
            .map(|number| robots(&format!("http://h{number:03}"), RobotsState::None))
            .collect();
        remember(&mut known, &many);
        remember(&mut known, &[robots("http://h007", RobotsState::Allowed)]);
        assert_eq!(known.len(), MAX_HOSTS);
        assert_eq!(known[7].state, RobotsState::Allowed);
    }

    #[test]
    fn a_state_is_found_by_its_name_in_json() {
        for name in ["allowed", "disallowed", "unreachable", "none", "blocked"] {
            let state = RobotsState::parse(name).unwrap();
            assert_eq!(serde_json::to_value(state).unwrap(), name);
        }
        assert_eq!(RobotsState::parse("x"), None);
    }
}
