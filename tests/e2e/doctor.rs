//! `crawlcast doctor`: healthy behind every proxy that the project ships a configuration for, and what is told of an address
//! without a worker.

use e2e::{Diagnosis, Front, Product, Shell, Worker, free_port};
use rstest::rstest;
use serde_json::{Value, json};

/// Every check that needs no more than seconds.
const QUICK: [&str; 26] = [
    "--only",
    "reachable",
    "--only",
    "buffering",
    "--only",
    "compression",
    "--only",
    "headers",
    "--only",
    "cursor",
    "--only",
    "authorization",
    "--only",
    "idleTimeout",
    "--only",
    "disconnect",
    "--only",
    "end",
    "--only",
    "preflight",
    "--only",
    "caching",
    "--only",
    "httpVersion",
    "--only",
    "clock",
];

async fn worker() -> Worker {
    Worker::options().set("HEARTBEAT", "2s").start().await
}

#[rstest]
#[case::nginx(Product::Nginx, &["nginx"])]
#[case::nginx_before_nginx(Product::NginxBeforeNginx, &["nginx"])]
#[case::haproxy(Product::Haproxy, &["HAProxy"])]
#[case::caddy(Product::Caddy, &["Caddy"])]
#[case::apache(Product::Apache, &["Apache httpd"])]
#[case::varnish(Product::Varnish, &["Varnish"])]
#[case::lighttpd(Product::Lighttpd, &["lighttpd"])]
#[case::vite(Product::Vite, &["Vite"])]
#[case::webpack(Product::Webpack, &["webpack"])]
#[tokio::test]
async fn behind_a_proxy_that_is_set_up_well_nothing_is_found(
    #[case] product: Product,
    #[case] via: &[&str],
) {
    let worker = worker().await;
    let proxy = product.start(worker.port()).await;

    let diagnosis = Diagnosis::of(proxy.api().base(), &QUICK).await;

    assert_eq!(diagnosis.findings(), [""; 0], "{:#}", diagnosis.report);
    assert_eq!(diagnosis.via(), via, "{:#}", diagnosis.report);
    assert_eq!(diagnosis.code, Some(0));
    for check in diagnosis.checks() {
        assert_eq!(check["verdict"], "kept", "{check:#}");
    }
}

#[tokio::test]
async fn the_report_has_the_shape_that_programs_read() {
    let worker = worker().await;
    let diagnosis = Diagnosis::of(&worker.base(), &["--only", "cursor", "--only", "clock"]).await;

    let check = diagnosis.check("cursor");
    let shape = json!({
        "target": worker.base(), "healthy": true, "via": [],
        "checks": [
            { "id": "cursor", "verdict": "kept", "kind": null, "evidence": check["evidence"], "measured": {}, "cures": [] },
            diagnosis.check("clock"),
        ],
    });
    assert_eq!(diagnosis.report, shape);
    assert!(diagnosis.check("clock")["measured"]["aheadMs"].is_i64());
}

#[tokio::test]
async fn a_whole_examination_without_a_proxy_finds_nothing() {
    let worker = Worker::options()
        .set("HEARTBEAT", "2s")
        .set("IDLE_TIMEOUT", "3s")
        .set("CONNECTION_LIFETIME", "5s")
        .start()
        .await;

    let diagnosis = Diagnosis::of(&worker.base(), &["--long"]).await;

    let verdicts: Vec<&Value> = diagnosis.checks().map(|check| &check["verdict"]).collect();
    assert_eq!(verdicts, ["kept"; 15], "{:#}", diagnosis.report);
}

#[tokio::test]
async fn a_doctor_that_is_switched_off_says_so() {
    let worker = Worker::options().set("DOCTOR", "off").start().await;
    let ended = Shell::default().run(&["doctor", &worker.base()]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("CRAWLCAST_DOCTOR=off"), "{ended:?}");
    assert_eq!(ended.stdout, "");
}

#[tokio::test]
async fn what_is_in_the_way_of_a_worker_is_named() {
    let nobody = free_port();
    let away = Front::plain(nobody).start().await;
    let files = Front::files(e2e::workspace()).start().await;
    let secret = Front::plain(nobody).tls().start().await;
    let redirect = Front::plain(nobody)
        .edited(&[(
            "location / {",
            "return 301 https://crawl.example.com$request_uri; location / {",
        )])
        .start()
        .await;
    for (url, kind) in [
        (format!("http://127.0.0.1:{nobody}"), "connect"),
        ("http://nowhere.invalid".to_owned(), "dns"),
        (away.base(), "connect"),
        (files.base(), "notCrawlcast"),
        (secret.base(), "tls"),
        (redirect.base(), "redirect"),
    ] {
        let diagnosis = Diagnosis::of(&url, &[]).await;
        assert_eq!(
            diagnosis.findings(),
            [format!("reachable {kind}")],
            "{:#}",
            diagnosis.report
        );
        assert_eq!(diagnosis.code, Some(1));
        assert_eq!(diagnosis.check("buffering")["verdict"], "unknown");
    }
}

#[tokio::test]
async fn a_secret_is_never_told() {
    let worker = Worker::start().await;
    let api = worker.api();
    let answer = api
        .get("/v1/doctor/echo?token=geheim&lastEventId=1-3")
        .await
        .expect(200);
    let text = answer.text().to_owned();
    assert!(text.contains("1-3") && !text.contains("geheim"), "{text}");
    assert!(!worker.log().contains("geheim"));
}

#[tokio::test]
async fn probes_are_bounded() {
    let worker = Worker::start().await;
    let api = worker.api();
    let mut refused = None;
    for _ in 0..400 {
        let answer = api.get("/v1/doctor").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("somebody who asks without end is stopped");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(
        api.get("/readyz").await.status,
        200,
        "everything else goes on"
    );
}
