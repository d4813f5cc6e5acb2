//! `/openapi.json`: what it says of the API is what the API does, as Schemathesis finds out with requests that it makes up from
//! it, good and bad ones.

use std::process::Stdio;

use e2e::{Site, Worker, tool, within};
use serde_json::json;
use tokio::process::Command;

/// Checks of Schemathesis that are left out, each with its reason.
const NOT_HELD: [&str; 3] = [
    // No schema says which strings are URLs that a crawler would fetch, or regular expressions.
    "positive_data_acceptance",
    // Whoever has no right to a channel is not told that it exists: 404.
    "ignored_auth",
    // The token may be in the query as well.
    "missing_required_header",
];

#[tokio::test]
async fn the_api_does_what_its_description_says() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    job.becomes("done").await;
    // A channel that exists: made-up identifiers would not get past its door.
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("schemathesis.toml");
    let known = format!("[parameters]\n\"path.id\" = \"{}\"\n", job.channel);
    std::fs::write(&config, known).unwrap();
    let not_held = NOT_HELD.join(",");

    let run = Command::new(tool("st"))
        .arg("--config-file")
        .arg(&config)
        .args(["--no-color", "run"])
        .arg(worker.api().url("/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {}", job.token)])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "20",
        ])
        .args(["--seed", "1", "--workers", "1", "--request-timeout", "30"])
        .args(["--exclude-checks", &not_held])
        // The doctor's probes are slow on purpose, and cut what they promise.
        .args(["--exclude-path-regex", "^/v1/doctor/"])
        .args(["--continue-on-failure", "--warnings", "off"])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let run = within("Schemathesis is done", run).await.unwrap();

    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    assert!(
        said.contains("Test cases:"),
        "it has tried something: {said}"
    );
}
