//! Pause gates the stream, not the job; what happens meanwhile comes when it is resumed.

use e2e::{Page, Seen, Site, Watcher, Worker, heavy};
use serde_json::json;

async fn worker_with_a_clock() -> Worker {
    Worker::options().set("HEARTBEAT", "1s").start().await
}

fn connection_of(seen: &Seen) -> String {
    seen.first("hello")["connectionId"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn one_paused_connection_waits_while_others_go_on() {
    let (worker, site) = (worker_with_a_clock().await, Site::tree(15).await);
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let (mut paused, mut other) = (job.watch(), job.watch());
    let before = paused
        .until("the first page", |seen| seen.has_page("/"))
        .await;
    job.gate("pause", &connection_of(&before)).await;

    hold.open();
    let all = other.until_over().await;
    let _ = all.check_ended("done");
    paused.heartbeats(2).await;
    assert_eq!(
        paused.seen().position(),
        before.position(),
        "nothing passes but signs of life"
    );

    job.gate("resume", &connection_of(&before)).await;
    let seen = paused.until_over().await;
    assert!(seen.events().eq(all.events()));
    assert_eq!(seen.links.len(), 1);
}

#[tokio::test]
async fn a_paused_channel_waits_for_all_also_for_newcomers() {
    let (worker, site) = (worker_with_a_clock().await, Site::tree(15).await);
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let mut first = job.watch();
    let before = first
        .until("the first page", |seen| seen.has_page("/"))
        .await;
    job.pause().await;
    assert_eq!(job.status().await["paused"], true);

    hold.open();
    job.becomes("done").await;
    let mut newcomer = job.watch();
    newcomer.heartbeats(2).await;
    assert_eq!(newcomer.seen().position(), 0);
    assert_eq!(first.seen().position(), before.position());

    job.resume().await;
    for watcher in [&mut first, &mut newcomer] {
        let _ = watcher.until_over().await.check_ended("done");
    }
    assert_eq!(job.status().await["paused"], false);
}

#[tokio::test]
async fn a_cancel_passes_a_paused_gate_with_all_that_waited_behind_it() {
    let (worker, site) = (worker_with_a_clock().await, Site::tree(15).await);
    let _never = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    let (mut all_paused, mut one_paused) = (job.watch(), job.watch());
    all_paused
        .until("the first page", |seen| seen.has_page("/"))
        .await;
    let before = one_paused
        .until("the first page", |seen| seen.has_page("/"))
        .await;
    job.gate("pause", &connection_of(&before)).await;
    job.pause().await;

    let _ = job.cancel().await.expect(202);

    for watcher in [&mut all_paused, &mut one_paused] {
        let _ = watcher.until_over().await.check_ended("cancelled");
    }
    let newcomer = job.watch().until_over().await;
    let _ = newcomer.check_ended("cancelled");
}

#[tokio::test]
async fn a_pause_after_the_end_holds_a_newcomer_back_until_the_resume() {
    let (worker, site) = (worker_with_a_clock().await, Site::tree(3).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let _ = job.watch().until_over().await;

    job.pause().await;
    let mut newcomer = job.watch();
    newcomer.heartbeats(2).await;
    assert_eq!(newcomer.seen().position(), 0);

    job.resume().await;

    let _ = newcomer.until_over().await.check_ended("done");
}

#[tokio::test]
async fn a_watch_token_may_not_pause() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let watch = job.events_path().split_once("token=").unwrap().1.to_owned();
    for verb in ["pause", "resume", "cancel"] {
        let path = format!("/v1/channels/{}/{verb}?token={watch}", job.channel);
        let problem = worker.api().post(&path, "").await.problem(403);
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("control token"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_is_not_here_cannot_be_paused() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let stranger = json!({ "connectionId": uuid::Uuid::new_v4().to_string() });
    let _ = job.command("pause", &stranger).await.problem(404);
    let _ = job
        .command("pause", &json!({ "connection": 1 }))
        .await
        .problem(400);
}

/// Pages that each have 5,000 links: with the depth at its end, every link is one event.
const FANS: usize = 10;
const LINKS: usize = 5_000;

async fn site_of_many_events() -> Site {
    Site::of(|path| match path.strip_prefix("/fan-") {
        Some(fan) => {
            let fan = fan.to_owned();
            Page::linking(
                "Fan",
                (0..LINKS).map(move |leaf| format!("/leaf-{fan}-{leaf}")),
            )
        }
        None if path == "/" => Page::linking("Fans", (0..FANS).map(|fan| format!("/fan-{fan}"))),
        None => Page::missing(),
    })
    .await
}

#[tokio::test]
async fn paused_watchers_of_fifty_thousand_events_cost_nothing_and_get_them_all() {
    let _alone = heavy().await;
    let (worker, site) = (Worker::start().await, site_of_many_events().await);
    let hold = site.hold("/");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxDiscoveryDepth": 1, "onDisconnect": "continue" }))
        .await;
    let mut watchers: Vec<Watcher> = (0..20).map(|_| job.watch()).collect();
    for watcher in &mut watchers {
        watcher.until_event("started").await;
    }
    job.pause().await;
    let before = worker.rss();

    hold.open();
    let status = job.becomes("done").await;
    let after = worker.rss();

    assert!(
        status["counts"]["discovered"].as_u64().unwrap() > (FANS * LINKS) as u64,
        "{status}"
    );
    // Twenty queues of these events would be more than 150 MB; the crawl itself keeps each URL once.
    assert!(after.0 < before.0 + 80 * 1024, "from {before} to {after}");
    job.resume().await;
    let first = watchers.remove(0).until_over().await;
    let _ = first.check_ended("done");
    for mut watcher in watchers {
        assert_eq!(watcher.until_over().await.position(), first.position());
    }
}
