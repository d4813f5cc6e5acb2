//! Pages that are the same under many URLs.

use shared::Event;

use super::*;

fn page(url: &str) -> String {
    format!("https://a.example{url}")
}

/// A home page, and one page under three URLs of its directory.
fn site() -> Site {
    let same = Script::html("<title>Same</title><a href=next>next</a>");
    Site::default()
        .page(
            HOME,
            &["/dir/", "/dir/index.html", "/other", "/empty", "/void"],
        )
        .scripted(&page("/dir/"), [same.clone()])
        .scripted(
            &page("/dir/index.html"),
            [same.clone().after(std::time::Duration::from_secs(1))],
        )
        .scripted(
            &page("/other"),
            [same.after(std::time::Duration::from_secs(2))],
        )
        .scripted(&page("/empty"), [Script::html("")])
        .scripted(&page("/void"), [Script::html("")])
        .scripted(&page("/dir/next"), [Script::html("Next")])
        .scripted(&page("/next"), [Script::html("Another")])
}

/// Pages that were skipped as another spelling, each with the one that it is.
fn duplicates(recorder: &Recorder) -> Vec<(String, String)> {
    let skips = recorder.events().filter_map(|event| match event {
        Event::Skipped(skipped) => Some((skipped.url.clone(), skipped.duplicate_of.clone()?)),
        _ => None,
    });
    skips.collect()
}

#[tokio::test(start_paused = true)]
async fn a_page_is_told_of_under_the_url_that_had_it_first() {
    let recorder = complete(&site(), json!({"deduplicateContent": true})).await;
    let first = page("/dir/");
    assert_eq!(
        duplicates(&recorder),
        [(page("/dir/index.html"), first.clone())]
    );
    let other = recorder.fetched(&page("/other"));
    assert_eq!(other.duplicate_of.as_deref(), Some(&*first));
    assert_eq!(recorder.outcome(&first), "200");
    assert_eq!(recorder.outcome(&page("/dir/next")), "200");
    assert_eq!(
        recorder.outcome(&page("/next")),
        "200",
        "in another directory the same link leads elsewhere"
    );
    assert_eq!(
        recorder.outcome(&page("/void")),
        "200",
        "nothing is not the same as nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn spellings_of_one_page_do_not_eat_the_limit() {
    let more = json!({"deduplicateContent": true, "limit": 7});
    let recorder = complete(&site(), more).await;
    assert_eq!(
        (recorder.counts().fetched, recorder.counts().skipped),
        (7, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn every_url_is_a_page_if_the_caller_wants_it_so() {
    let recorder = complete(&site(), json!({"deduplicateContent": false})).await;
    assert_eq!(duplicates(&recorder), []);
    assert_eq!(recorder.fetched(&page("/other")).duplicate_of, None);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_known_page_says_to_which() {
    let site = Site::default()
        .page(HOME, &["/from"])
        .scripted(&page("/from"), [Script::redirect("/")]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(duplicates(&recorder), [(page("/from"), HOME.to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_later_attempt_recognises_what_an_earlier_one_has_fetched() {
    let more = json!({"deduplicateContent": true, "maxConcurrencyPerHost": 1});
    let whole = complete(&site(), more.clone()).await;
    for room in 1..=whole.steps.len() {
        let recorder = super::attempts::in_attempts(&site(), &more, room).await;
        assert_eq!(recorder.finals(), whole.finals(), "after {room} steps");
    }
}
