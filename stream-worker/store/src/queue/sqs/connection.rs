//! The client for SQS, its timeouts and its retries.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_sqs::Client;
use shared::numbers::QUEUE_ATTEMPT_TIMEOUT;
use url::Url;

/// Settings of an SQS queue.
#[derive(Debug, Clone)]
pub struct SqsConfig {
    /// URL of the queue as the AWS console shows it; it names account and region.
    pub url: Url,
    /// Time for which a delivery is hidden at first.
    pub visibility: Duration,
    /// Time for which a receive waits for messages.
    pub long_poll: Duration,
}

/// Bound of a call other than a receive. Shorter than the margin in which a lease is renewed.
pub(super) const CALL: Duration = Duration::from_secs(4);
/// A try and two more.
const ATTEMPTS: u32 = 3;

/// Settings that the SDK finds in the environment: credentials, and an endpoint where it is not Amazon's.
pub(super) fn environment() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
}

/// Makes a client with the timeouts and retries of this part. A receive waits for longer than any other call; its own time-out
/// is longer than the long poll.
pub(super) async fn connect(loader: ConfigLoader, url: &Url) -> Client {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(QUEUE_ATTEMPT_TIMEOUT)
        .build();
    let mut loader = loader
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(region) = region_of(url) {
        loader = loader.region(Region::new(region));
    }
    Client::new(&loader.load().await)
}

/// The region that a queue's URL names, so that it need not be said twice.
fn region_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let rest = host.strip_prefix("sqs.")?;
    let (region, domain) = rest.split_once('.')?;
    domain
        .starts_with("amazonaws.com")
        .then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queues_url_names_its_region() {
        let region = |url: &str| region_of(&url.parse().unwrap());
        assert_eq!(
            region("https://sqs.eu-central-1.amazonaws.com/1/q").as_deref(),
            Some("eu-central-1")
        );
        assert_eq!(
            region("https://sqs.cn-north-1.amazonaws.com.cn/1/q").as_deref(),
            Some("cn-north-1")
        );
        assert_eq!(region("http://127.0.0.1:5000/1/q"), None);
    }
}
