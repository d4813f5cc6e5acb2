//! The suite over the wire, against a server that keeps SQS's rules.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::Region;
use aws_sdk_sqs::config::Credentials;
use e2e::Sqs;

use super::connection::environment;
use super::{SqsConfig, SqsQueue};
use crate::queue::suite::world::{LONG_POLL, MAX_RECEIVES, VISIBILITY};
use crate::queue::suite::{World, behaviours_of_every_queue};
use crate::time_under_test::Time;

struct ServersTime(Arc<Sqs>);

#[async_trait]
impl Time for ServersTime {
    async fn pass(&self, span: Duration) {
        self.0.pass(span).await;
    }
}

async fn world() -> World {
    let sqs = Arc::new(Sqs::with_receives(MAX_RECEIVES).await);
    let config = SqsConfig {
        url: sqs.url().parse().unwrap(),
        visibility: VISIBILITY,
        long_poll: LONG_POLL,
    };
    let credentials = Credentials::new("test", "test", None, None, "test");
    let loader = environment()
        .endpoint_url(sqs.endpoint())
        .region(Region::new("eu-central-1"))
        .credentials_provider(credentials);
    World {
        queue: Arc::new(SqsQueue::connect_with(loader, config).await),
        time: Arc::new(ServersTime(sqs.clone())),
        _keep: Box::new(()),
    }
}

behaviours_of_every_queue!(world, ());
