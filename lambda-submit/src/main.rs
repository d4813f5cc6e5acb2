#![doc = include_str!("../README.md")]

mod config;
mod enqueuer;
mod handler;
mod submission;

use std::sync::Arc;

use lambda_http::{Error, run, service_fn};

use crate::config::LambdaConfig;
use crate::enqueuer::SqsEnqueuer;
use crate::handler::Handler;

/// One environment answers one request at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // The service puts the time beside each line.
    tracing_subscriber::fmt()
        .json()
        .without_time()
        .with_max_level(config::log_level())
        .init();
    let config = LambdaConfig::from_environment()?;
    let enqueuer = SqsEnqueuer::connect(config.queue_url).await;
    // While nobody waits yet: a cold start's first request finds the connection open.
    enqueuer.warm().await;
    let handler = Arc::new(Handler {
        front: config.front,
        cors: config.cors,
        enqueuer,
    });
    run(service_fn(move |request| {
        let handler = handler.clone();
        async move { Ok::<_, Error>(handler.answer(request).await) }
    }))
    .await
}
