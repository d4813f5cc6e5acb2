//! A host that does to a crawler whatever it can: each page ends in bounded time and memory, with a code of its own.

use std::collections::BTreeMap;

use e2e::{HostileHost, Seen, Worker, heavy};
use serde_json::{Value, json};

/// Memory that the whole of it may cost, in KiB.
const ROOM: u64 = 32 * 1024;

/// The outcome of each path: a reason of a refusal, an error's code, or `fetched`.
fn outcomes(seen: &Seen, host: &HostileHost) -> BTreeMap<String, String> {
    let of = |event: Value| {
        let path = event["url"]
            .as_str()?
            .strip_prefix(host.url("").as_str())?
            .to_owned();
        let code = [
            &event["reason"],
            &event["result"]["error"]["code"],
            &event["result"]["outcome"],
        ];
        Some((path, code.into_iter().find_map(Value::as_str)?.to_owned()))
    };
    let told = seen.named("progress").chain(seen.named("skipped"));
    told.filter_map(|frame| of(frame.json())).collect()
}

#[tokio::test]
async fn each_hostile_page_ends_with_its_own_code_and_the_others_are_fetched() {
    let _alone = heavy().await;
    let (worker, host) = (Worker::start().await, HostileHost::start().await);
    let before = worker.rss();

    let wanted = json!({
        "url": host.url("/"), "timeoutMs": 1_000, "maxBodyBytes": 1_000_000, "retries": 0, "sitemap": "skip",
        "maxConcurrencyPerHost": 16, "scope": "any", "deduplicateContent": false,
    });
    let job = worker.api().submit(wanted).await;
    let seen = job.watch_with().hurried().open().until_end().await;

    assert_eq!(seen.check_ended("done")["reason"], "complete");
    let outcomes = outcomes(&seen, &host);
    for (path, expected) in HostileHost::outcomes().chain([("/", "fetched"), ("/good", "fetched")])
    {
        assert_eq!(
            outcomes.get(path).map(String::as_str),
            Some(expected),
            "{path}"
        );
    }
    let said = seen.frames().map(|frame| frame.data.as_str());
    assert_eq!(
        said.filter(|data| data.contains("169.254")).count(),
        0,
        "nothing leaks"
    );
    let peak = worker.peak_rss();
    assert!(peak.0 < before.0 + ROOM, "{before} became {peak}");
}
