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
    let url = json!(site.url("/docs/a"));
    let calls = [
        (
            "scrape",
            vec![url.clone(), json!({ "formats": ["markdown"] })],
        ),
        ("map", vec![url.clone(), json!({})]),
        ("start", vec![url.clone(), json!({ "limit": 1 })]),
        ("startBatch", vec![json!([url]), json!({})]),
    ];

    let mut with_the_key = sdk.start(&worker.base(), Some(KEY)).await;
    let mut with_another = sdk.start(&worker.base(), Some("fc-another")).await;
    let mut id = json!(null);
    for (call, arguments) in calls {
        let answer = with_the_key.ask(call, arguments.clone()).await;
        let error = with_another.raises(call, arguments).await;
        assert!(error.to_string().contains("401"), "{call}: {error}");
        if call == "start" {
            id = answer["id"].clone();
        }
    }
    for call in ["status", "cancel"] {
        let error = with_another.raises(call, [id.clone()]).await;
        assert!(error.to_string().contains("401"), "{call}: {error}");
    }
}
