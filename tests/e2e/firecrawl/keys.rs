//! API keys: a client with the key is served, one without is told so.

use e2e::{Sdk, Worker};
use rstest::rstest;
use serde_json::json;

use super::{KEY, keys, site};

#[rstest]
#[case::node(Sdk::Node)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn only_a_client_with_the_key_is_served(#[case] sdk: Sdk) {
    let worker = Worker::options().set("API_KEYS", keys()).start().await;
    let site = site().await;
    let arguments = || {
        [
            json!(site.url("/docs/a")),
            json!({ "formats": ["markdown"] }),
        ]
    };

    let mut with_the_key = sdk.start(&worker.base(), Some(KEY)).await;
    let page = with_the_key.ask("scrape", arguments()).await;
    assert_eq!(page["url"], site.url("/docs/a"));
    let mut with_another = sdk.start(&worker.base(), Some("fc-another")).await;
    for call in ["scrape", "map", "start", "startBatch"] {
        let error = with_another.raises(call, arguments()).await;
        assert!(error.to_string().contains("401"), "{call}: {error}");
    }
    for call in ["status", "cancel"] {
        let id = with_the_key
            .ask(
                "start",
                arguments()
                    .map(|_| json!(site.url("/docs/a")))
                    .into_iter()
                    .take(1)
                    .chain([json!({ "limit": 1 })]),
            )
            .await["id"]
            .clone();
        let error = with_another.raises(call, [id]).await;
        assert!(error.to_string().contains("401"), "{call}: {error}");
    }
}
