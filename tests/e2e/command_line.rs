//! The command line and the environment: every mistake named at once.

use e2e::{Worker, WorkerOptions};

/// `EX_USAGE` of sysexits.h.
const USAGE: i32 = 64;

#[tokio::test]
async fn every_wrong_value_is_named_with_what_would_be_right() {
    let options = WorkerOptions::default()
        .set("LISTEN", "nowhere")
        .set("HEARTBEAT", "20")
        .set("MAX_JOBS", "0")
        .set("ALLOW_NETS", "10.0.0.0/99")
        .set("LOG_FORMAT", "xml");

    let refused = options.refused().await;

    assert_eq!(refused.code, Some(USAGE), "{}", refused.stderr);
    for (variable, right) in [
        ("CRAWLCAST_LISTEN", "127.0.0.1:8080"),
        ("CRAWLCAST_HEARTBEAT", "20s"),
        ("CRAWLCAST_MAX_JOBS", "1 to 1000"),
        ("CRAWLCAST_ALLOW_NETS", "10.1.0.0/16"),
        ("CRAWLCAST_LOG_FORMAT", "json"),
    ] {
        assert!(
            refused.stderr.contains(variable) && refused.stderr.contains(right),
            "{variable}: {}",
            refused.stderr
        );
    }
    assert_eq!(refused.stdout, "");
}

#[tokio::test]
async fn an_unknown_flag_is_refused_with_the_nearest() {
    let refused = WorkerOptions::default()
        .argument("--hartbeat")
        .argument("5s")
        .refused()
        .await;
    assert_eq!(refused.code, Some(USAGE), "{}", refused.stderr);
    assert!(refused.stderr.contains("--heartbeat"), "{}", refused.stderr);
}

#[tokio::test]
async fn help_names_every_setting_and_shows_no_secret() {
    let options = WorkerOptions::default()
        .set("TOKEN_KEYS", "k1:c2VjcmV0c2VjcmV0")
        .argument("--help");
    let refused = options.refused().await;
    assert_eq!(refused.code, Some(0));
    let settings = [
        "LISTEN",
        "DATA_DIR",
        "PUBLIC_URL",
        "TOKEN_KEYS",
        "API_KEYS",
        "CORS_ORIGINS",
        "ALLOW_NETS",
        "MAX_JOBS",
        "MAX_CONNECTIONS",
        "HEARTBEAT",
        "DISCONNECT_GRACE",
        "CONNECTION_LIFETIME",
        "RETENTION",
        "DRAIN",
        "VISIBILITY",
        "USER_AGENT",
        "DOCTOR",
        "IDLE_TIMEOUT",
        "LOG",
        "LOG_FORMAT",
    ];
    for setting in settings {
        assert!(
            refused.stdout.contains(&format!("CRAWLCAST_{setting}")),
            "{setting}"
        );
    }
    assert!(!refused.stdout.contains("c2VjcmV0c2VjcmV0"));
}

#[tokio::test]
async fn strangers_are_not_served_without_keys() {
    let refused = WorkerOptions::default()
        .set("LISTEN", "0.0.0.0:0")
        .refused()
        .await;
    assert_eq!(refused.code, Some(USAGE));
    assert!(refused.stderr.contains("--api-keys"), "{}", refused.stderr);
}

#[tokio::test]
async fn a_data_directory_has_one_worker() {
    let worker = Worker::start().await;

    let second = WorkerOptions::default()
        .set("LISTEN", "127.0.0.1:0")
        .set("DATA_DIR", worker.data_dir().display().to_string());
    let refused = second.refused().await;

    assert!(refused.code.is_some_and(|code| code != 0), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains(&worker.data_dir().display().to_string()),
        "{}",
        refused.stderr
    );
    assert_eq!(
        worker.api().get("/readyz").await.status,
        200,
        "the first goes on"
    );
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let (worker, other) = (Worker::start().await, tempfile::tempdir().unwrap());
    let address = format!("127.0.0.1:{}", worker.port());
    let options = WorkerOptions::default()
        .set("LISTEN", &address)
        .set("DATA_DIR", other.path().display().to_string());

    let refused = options.refused().await;

    assert!(refused.code.is_some_and(|code| code != 0));
    assert!(refused.stderr.contains(&address), "{}", refused.stderr);
}

#[tokio::test]
async fn a_log_in_json_is_json_on_every_line() {
    let mut worker = Worker::options().set("LOG_FORMAT", "json").start().await;
    worker.terminate();
    worker.exit().await;
    worker.logs("stopped").await;
    let log = worker.log();
    assert!(log.lines().count() >= 1);
    for line in log.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        assert!(
            line["level"].is_string() && line["timestamp"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_crawled_unless_the_operator_says_so() {
    let worker = WorkerOptions::default().start().await;
    let site = e2e::Site::tree(3).await;

    let seen = worker
        .api()
        .submit(serde_json::json!({ "url": site.url("/") }))
        .await
        .watch()
        .until_over()
        .await;

    let _ = seen.check_ended("done");
    assert_eq!(site.requests().len(), 0, "nobody was dialled");
    assert!(
        seen.events()
            .any(|event| event.data.contains("blockedAddress")),
        "{}",
        seen.tell()
    );
}
