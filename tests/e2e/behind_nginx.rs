//! A real nginx between worker and browser. What is measured is *when* events arrive, without a clock: the site holds its
//! second page until the event of the first has, or has not, come through.

use e2e::{Api, Front, Nginx, Site, Worker};
use serde_json::json;

/// Asserts that the first page's event comes through before the job goes on.
async fn first_event_comes_through(worker: &Worker, nginx: &Nginx) {
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = nginx
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let mut watcher = job.watch();
    watcher
        .until("the first page while the second is held", |seen| {
            seen.has_page("/")
        })
        .await;
    hold.open();
    let seen = watcher.until_over().await;
    let _ = seen.check_ended("done");
    assert_eq!(
        seen.links.len(),
        1,
        "one connection through nginx: {}",
        seen.tell()
    );
    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}

/// While a watcher at the worker itself has events and heartbeats, one behind `nginx` has nothing.
async fn held_back_until_the_end(worker: &Worker, nginx: &Nginx) {
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let mut direct = job.watch();
    let mut buffered = e2e::Watcher::options(&nginx.api().url(&job.events_path())).open();
    worker.metric_becomes("crawlcast_watchers", 2.0).await;

    direct
        .until("the first page", |seen| seen.has_page("/"))
        .await;
    direct.heartbeats(2).await;
    let meanwhile = buffered.seen();
    assert_eq!(
        meanwhile.frames().count(),
        0,
        "nginx buffers: {}",
        meanwhile.tell()
    );

    hold.open();
    let _ = buffered.until_over().await.check_ended("done");
}

#[tokio::test]
async fn nginx_with_its_defaults_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    let nginx = Front::plain(worker.port()).start().await;
    first_event_comes_through(&worker, &nginx).await;
}

#[tokio::test]
async fn http_1_1_to_the_worker_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    let nginx = Front::plain(worker.port())
        .directive("proxy_http_version 1.1;")
        .start()
        .await;
    first_event_comes_through(&worker, &nginx).await;
}

#[tokio::test]
async fn the_configuration_that_we_ship_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    let nginx = Front::ours(worker.port()).start().await;
    first_event_comes_through(&worker, &nginx).await;
}

#[tokio::test]
async fn gzip_for_every_type_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    let nginx = Front::plain(worker.port()).gzip_everything().start().await;
    first_event_comes_through(&worker, &nginx).await;
}

#[tokio::test]
async fn our_configuration_with_gzip_for_every_type_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    let nginx = Front::ours(worker.port()).gzip_everything().start().await;
    first_event_comes_through(&worker, &nginx).await;
}

/// The control run: what these tests would see if our header did not work.
#[tokio::test]
async fn without_our_header_nginx_holds_everything_back_until_the_end() {
    let worker = Worker::options().set("HEARTBEAT", "1s").start().await;
    let nginx = Front::plain(worker.port())
        .directive("proxy_ignore_headers X-Accel-Buffering;")
        .start()
        .await;
    held_back_until_the_end(&worker, &nginx).await;
}

/// The control run: an nginx takes the header for itself, so that the next one buffers.
#[tokio::test]
async fn without_its_line_for_the_next_proxy_an_nginx_before_ours_holds_everything_back() {
    let worker = Worker::options().set("HEARTBEAT", "1s").start().await;
    let inner = Front::ours(worker.port())
        .without("proxy_pass_header")
        .start()
        .await;
    let outer = Front::plain(inner.port()).start().await;
    held_back_until_the_end(&worker, &outer).await;
}

#[tokio::test]
async fn a_browser_that_leaves_is_noticed_through_nginx() {
    let worker = Worker::options()
        .set("DISCONNECT_GRACE", "1s")
        .start()
        .await;
    let nginx = Front::ours(worker.port()).start().await;
    let site = Site::tree(7).await;
    let _never = site.hold("/page/1");
    let job = nginx.api().submit(json!({ "url": site.url("/") })).await;
    let mut tab = job.watch();
    tab.until_events(2).await;

    tab.close().await;

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
    job.becomes("cancelled").await;
}

#[tokio::test]
async fn the_cursor_comes_through_nginx() {
    let worker = Worker::start().await;
    let nginx = Front::ours(worker.port()).start().await;
    let site = Site::tree(15).await;
    let hold = site.hold("/page/5");
    let job = nginx.api().submit(json!({ "url": site.url("/") })).await;
    let mut tab = job.watch();
    tab.until_events(4).await;

    let before = tab.close().await;
    hold.open();
    let after = job
        .watch_with()
        .after(&before.cursor())
        .open()
        .until_over()
        .await;

    assert!(!after.has("reset"));
    let _ = before.then(after).check_ended("done");
    let last = job.watch_with().hurried().open().until_end().await;
    assert_eq!(
        last.end,
        Some(e2e::End::NoContent),
        "204 comes through as well"
    );
}

#[tokio::test]
async fn http_2_to_the_browser_passes_events_on_as_they_come() {
    let worker = Worker::start().await;
    for front in [Front::plain(worker.port()), Front::ours(worker.port())] {
        let nginx = front.tls().start().await;
        let client = Api::client().build().unwrap();
        let api = nginx.api().with_client(client);
        let version = api
            .http()
            .get(api.url("/healthz"))
            .send()
            .await
            .unwrap()
            .version();
        assert_eq!(version, http::Version::HTTP_2);
        first_event_comes_through(&worker, &nginx).await;
    }
}
