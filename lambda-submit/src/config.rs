//! The environment of the function: names, defaults, parsing; every fault is reported at once.

use std::fmt::Display;
use std::str::FromStr;

use shared::api_key::ApiKeys;
use shared::cors::Cors;
use shared::submission::Front;
use shared::token::TokenKeys;
use shared::{numbers, setting};
use tracing::Level;

/// Every setting of the function.
#[derive(Debug, Clone)]
pub(crate) struct LambdaConfig {
    /// URL of the SQS queue that takes accepted jobs.
    pub(crate) queue_url: String,
    /// Judges submissions and signs their answers.
    pub(crate) front: Front,
    /// Origins whose pages may read answers.
    pub(crate) cors: Cors,
}

/// The least severe level that is logged: as the function's settings in AWS say, `INFO` if they say nothing.
pub(crate) fn log_level() -> Level {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment"
    )]
    let said = std::env::var("AWS_LAMBDA_LOG_LEVEL");
    said.ok()
        .and_then(|level| level.parse().ok())
        .unwrap_or(Level::INFO)
}

/// Every fault of the environment's variables, a line each.
#[derive(Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the environment is not usable: {}", .0.join("; "))]
pub(crate) struct EnvironmentFaults(Vec<String>);

impl LambdaConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// Every variable that is missing or wrong, with what would be right.
    pub(crate) fn from_environment() -> Result<Self, EnvironmentFaults> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one reader of the environment"
        )]
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentFaults> {
        let mut reader = Reader {
            variable,
            faults: Vec::new(),
        };
        let queue_url = reader.required("CRAWLCAST_QUEUE_URL", setting::queue_url);
        let public_url = reader.required("CRAWLCAST_PUBLIC_URL", shared::public_url::parse);
        let token_keys = reader.required("CRAWLCAST_TOKEN_KEYS", TokenKeys::from_str);
        let api_keys = reader.optional("CRAWLCAST_API_KEYS", ApiKeys::from_str);
        let cors = reader.optional("CRAWLCAST_CORS_ORIGINS", Cors::from_str);
        let retention = reader.optional("CRAWLCAST_RETENTION", setting::retention);
        let may_ignore_robots = reader.optional("CRAWLCAST_ALLOW_IGNORE_ROBOTS", switch);
        let (Some(queue_url), Some(public_url), Some(token_keys), []) =
            (queue_url, public_url, token_keys, reader.faults.as_slice())
        else {
            return Err(EnvironmentFaults(reader.faults));
        };
        let front = Front {
            api_keys: api_keys.unwrap_or_default(),
            token_keys,
            public_url,
            retention: retention.unwrap_or(numbers::RETENTION),
            may_ignore_robots: may_ignore_robots.unwrap_or(false),
        };
        Ok(Self {
            queue_url: queue_url.into(),
            front,
            cors: cors.unwrap_or_default(),
        })
    }
}

struct Reader<V> {
    variable: V,
    faults: Vec<String>,
}

impl<V: Fn(&str) -> Option<String>> Reader<V> {
    fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let before = self.faults.len();
        let value = self.optional(name, parse);
        if value.is_none() && self.faults.len() == before {
            self.faults.push(format!("{name} must be set"));
        }
        value
    }

    /// An empty variable counts as one that is not set.
    fn optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = (self.variable)(name).filter(|text| !text.trim().is_empty())?;
        match parse(text.trim()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(format!("{name}: {error}"));
                None
            }
        }
    }
}

fn switch(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_error| "must be true or false")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn read(variables: &[(&str, &str)]) -> Result<LambdaConfig, EnvironmentFaults> {
        LambdaConfig::from_variables(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_at_once() {
        let faults = read(&[
            ("CRAWLCAST_QUEUE_URL", "my-queue"),
            ("CRAWLCAST_RETENTION", "soon"),
        ])
        .unwrap_err();
        let named: Vec<&str> = faults
            .0
            .iter()
            .filter_map(|fault| fault.split([':', ' ']).next())
            .collect();
        let expected = [
            "CRAWLCAST_QUEUE_URL",
            "CRAWLCAST_PUBLIC_URL",
            "CRAWLCAST_TOKEN_KEYS",
            "CRAWLCAST_RETENTION",
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn three_variables_are_enough() {
        let config = read(&[
            (
                "CRAWLCAST_QUEUE_URL",
                "https://sqs.eu-central-1.amazonaws.com/123456789012/crawlcast",
            ),
            ("CRAWLCAST_PUBLIC_URL", "https://live.example.com"),
            ("CRAWLCAST_TOKEN_KEYS", KEYS),
            ("CRAWLCAST_API_KEYS", ""),
        ])
        .unwrap();
        assert_eq!(config.front.retention, numbers::RETENTION);
        assert_eq!(config.cors, Cors::Any);
    }
}
