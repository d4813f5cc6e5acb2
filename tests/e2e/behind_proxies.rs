//! Every proxy that the project ships a configuration for, in front of a worker: what a watcher and a caller notice of it,
//! which must be nothing. When events arrive is seen without a clock, because the site holds its second page until the event
//! of the first has come through.

use e2e::{Mint, Product, Proxy, Site, Worker};
use serde_json::json;
use shared::ChannelId;

/// Each of these behaviours is a module, and behind each proxy a test in it.
macro_rules! behind_each_proxy {
    ($($behaviour:ident),+ $(,)?) => { $(
        mod $behaviour {
            use e2e::Product;

            behind_each_proxy! { @ $behaviour
                nginx_before_nginx: NginxBeforeNginx, haproxy: Haproxy, caddy_of_debian: CaddyOfDebian,
                caddy: Caddy, apache: Apache, varnish: Varnish, lighttpd: Lighttpd,
            }
        }
    )+ };
    (@ $behaviour:ident $($name:ident: $product:ident),+ $(,)?) => { $(
        #[tokio::test]
        async fn $name() {
            super::$behaviour(Product::$product).await;
        }
    )+ };
}

behind_each_proxy! {
    events_and_heartbeats_come_through_as_they_happen,
    a_cursor_comes_through_in_the_header_and_in_the_query,
    authorization_comes_through_and_metrics_do_not,
    a_watcher_that_leaves_is_noticed,
}

/// A key of somebody who may submit, and its SHA-256.
const KEY: &str = "a key that may submit";
const KEY_HASH: &str = "9ad7264b12beadf41568ab1ddb48a4395de64c737b5dd2be19627995bea5773f";

/// A worker with short heartbeats, and the proxy before it.
async fn behind(product: Product) -> (Worker, Proxy) {
    let worker = Worker::options().set("HEARTBEAT", "1s").start().await;
    let proxy = product.start(worker.port()).await;
    (worker, proxy)
}

async fn events_and_heartbeats_come_through_as_they_happen(product: Product) {
    let (worker, proxy) = behind(product).await;
    let site = Site::tree(7).await;
    let hold = site.hold("/page/1");
    let request = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = proxy.api().submit(request).await;
    let mut watcher = job.watch();

    watcher
        .until("the first page while the second is held", |seen| {
            seen.has_page("/")
        })
        .await;
    watcher.heartbeats(1).await;
    hold.open();
    let seen = watcher.until_over().await;

    let _ = seen.check_ended("done");
    assert_eq!(seen.links.len(), 1, "one connection: {}", seen.tell());
    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}

async fn a_cursor_comes_through_in_the_header_and_in_the_query(product: Product) {
    let (_worker, proxy) = behind(product).await;
    let site = Site::tree(3).await;
    let job = proxy.api().submit(json!({ "url": site.url("/") })).await;
    let whole = job.watch().until_over().await;
    let third = whole.events().nth(2).unwrap().id.clone().unwrap();

    let by_header = job.watch_with().after(&third).open().until_over().await;
    let url = proxy.api().url(&job.events_path());
    let by_query = e2e::Watcher::options(&format!("{url}&lastEventId={third}"))
        .open()
        .until_over()
        .await;

    for seen in [by_header, by_query] {
        assert!(!seen.has("reset"));
        assert_eq!(seen.events().next().unwrap().position(), 4);
    }
    let last = job.watch_with().after(&whole.cursor()).open();
    assert_eq!(
        { last }.until_end().await.end,
        Some(e2e::End::NoContent),
        "204 comes through as well"
    );
}

async fn authorization_comes_through_and_metrics_do_not(product: Product) {
    let worker = Worker::options().set("API_KEYS", KEY_HASH).start().await;
    let proxy = product.start(worker.port()).await;
    let site = Site::tree(1).await;
    let request = json!({ "url": site.url("/") });

    let stranger = proxy.api().try_submit(&request).await;
    let job = proxy.api().submit_as(KEY, request).await;

    let _ = stranger.problem(401);
    job.becomes("done").await;
    assert_eq!(proxy.api().get("/metrics").await.status, 404);
}

async fn a_watcher_that_leaves_is_noticed(product: Product) {
    let mint = Mint::of("k1", 7);
    let options = Worker::options().set("HEARTBEAT", "1s");
    let worker = options.set("TOKEN_KEYS", mint.spelled()).start().await;
    let proxy = product.start(worker.port()).await;
    let url = proxy.api().url(&mint.events_path(ChannelId::mint()));
    let mut tab = e2e::Watcher::options(&url).open();
    tab.until_event("hello").await;
    worker.metric_becomes("crawlcast_watchers", 1.0).await;

    tab.close().await;

    worker.metric_becomes("crawlcast_watchers", 0.0).await;
}
