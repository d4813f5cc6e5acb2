//! Follows a stream with crates.io's `eventsource-client`, which comes back by itself until it is dropped.

use std::time::Duration;

use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
use futures_util::StreamExt;
use launchdarkly_sdk_transport::HyperTransport;

const TERMINAL: [&str; 3] = ["done", "cancelled", "failed"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_default();
    // Without this option it gives up when its first connection fails, as every EventSource does.
    let reconnect = ReconnectOptions::reconnect(true).delay(Duration::from_millis(200));
    let client = ClientBuilder::for_url(&url)?
        .reconnect(reconnect.build())
        .build_with_transport(HyperTransport::new()?);
    let mut stream = client.stream();
    while let Some(item) = stream.next().await {
        match item {
            Ok(SSE::Event(event)) => {
                println!(
                    "event {} {}",
                    event.event_type,
                    event.id.unwrap_or_default()
                );
                if TERMINAL.contains(&event.event_type.as_str()) {
                    break;
                }
            }
            Ok(SSE::Connected(_) | SSE::Comment(_)) => {}
            Err(error) => println!("broken {error}"),
        }
    }
    println!("ended");
    Ok(())
}
