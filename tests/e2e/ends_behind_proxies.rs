//! The end of a stream behind a proxy, as HTTP/1.1 frames it: only the end of the job is a clean one. Clients that take any
//! clean end for the end of the job then come back after everything else.

use e2e::{Front, Job, Product, Proxy, RawStream, Site, StreamEnd, Worker, eventually};
use rstest::rstest;
use serde_json::json;

/// A job whose second page is held, and a stream of it that has the first.
struct Held {
    worker: Worker,
    proxy: Proxy,
    site: Site,
    hold: e2e::Hold,
    stream: RawStream,
}

impl Held {
    async fn behind(product: Product) -> Self {
        let worker = Worker::start().await;
        let proxy = product.start(worker.port()).await;
        let site = Site::tree(3).await;
        let hold = site.hold("/page/1");
        let job: Job = proxy.api().submit(json!({ "url": site.url("/") })).await;
        let mut stream = RawStream::open(proxy.port(), &job.events_path(), "HTTP/1.1").await;
        stream.until("event:progress").await;
        Self {
            worker,
            proxy,
            site,
            hold,
            stream,
        }
    }
}

#[rstest]
#[case::nginx_with_its_defaults(Product::NginxDefaults, StreamEnd::LastChunk, "")]
#[case::nginx(Product::Nginx, StreamEnd::Cut, "")]
#[case::nginx_before_nginx(Product::NginxBeforeNginx, StreamEnd::Cut, "")]
#[case::haproxy(Product::Haproxy, StreamEnd::Cut, " SD\n")]
#[case::caddy_of_debian(
    Product::CaddyOfDebian,
    StreamEnd::LastChunk,
    "aborting with incomplete response"
)]
#[case::caddy(Product::Caddy, StreamEnd::Cut, "aborting with incomplete response")]
#[case::apache(Product::Apache, StreamEnd::Cut, "AH01110")]
#[case::varnish(Product::Varnish, StreamEnd::Cut, "")]
#[case::lighttpd(Product::Lighttpd, StreamEnd::Cut, "")]
#[tokio::test]
async fn only_the_end_of_the_job_ends_a_stream_cleanly(
    #[case] product: Product,
    #[case] other_ends: StreamEnd,
    #[case] complaint: &str,
) {
    let mut done = Held::behind(product).await;
    done.hold.open();
    assert_eq!(
        done.stream.end().await,
        StreamEnd::LastChunk,
        "after `done`"
    );
    assert!(done.stream.text().contains("event:done"));
    drop(done.site);

    let mut drained = Held::behind(product).await;
    drained.worker.terminate();
    assert_eq!(drained.stream.end().await, other_ends, "after `bye`");
    let text = drained.stream.text();
    // Varnish throws away what it has not passed on yet when an answer breaks off.
    assert!(
        text.contains("event:bye") || product == Product::Varnish,
        "the stream says bye: {text}"
    );
    assert!(
        text.trim_end_matches("0\r\n\r\n")
            .trim_end_matches("\r\n")
            .ends_with("\n\n"),
        "the last frame is whole: {text}"
    );

    let mut killed = Held::behind(product).await;
    killed.worker.kill().await;
    assert_eq!(killed.stream.end().await, other_ends, "after a kill");

    for proxy in [&drained.proxy, &killed.proxy] {
        eventually(&format!("the log says `{complaint}`"), || async {
            proxy.log().contains(complaint).then_some(())
        })
        .await;
    }
    if product != Product::NginxDefaults {
        for proxy in [&done.proxy, &drained.proxy, &killed.proxy] {
            assert!(!proxy.log().contains("token="), "{}", proxy.log());
        }
    }
}

/// The control run: the reason for the line about the error log.
#[tokio::test]
async fn without_its_line_about_errors_nginx_logs_the_token_of_a_stream_that_was_cut() {
    let mut worker = Worker::start().await;
    let nginx = Front::ours(worker.port())
        .without("error_log")
        .start()
        .await;
    let site = Site::tree(3).await;
    let _hold = site.hold("/page/1");
    let job: Job = nginx.api().submit(json!({ "url": site.url("/") })).await;
    let mut stream = RawStream::open(nginx.port(), &job.events_path(), "HTTP/1.1").await;
    stream.until("event:progress").await;

    worker.kill().await;

    assert_eq!(stream.end().await, StreamEnd::Cut);
    eventually("nginx complains", || async {
        let log = nginx.log();
        let complaint = log
            .lines()
            .find(|line| line.contains("upstream prematurely closed"))?;
        complaint.contains("token=").then_some(())
    })
    .await;
}
