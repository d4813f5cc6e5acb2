//! Hints for a caller whose crawl ends sooner than expected.

use super::*;
use rstest::rstest;
use shared::event::NoticeCode;

#[rstest]
#[case::binary("application/octet-stream", "application/octet-stream")]
#[case::feed("application/rss+xml", "application/rss+xml")]
#[case::text("text/plain", "text/plain")]
#[tokio::test(start_paused = true)]
async fn a_start_page_without_links_by_its_type_is_told(#[case] stated: &str, #[case] said: &str) {
    let page = Script::status(200).with("content-type", stated).saying("x");
    let site = Site::default().scripted(HOME, [page]);
    let notices = complete(&site, json!({}))
        .await
        .notices_of(NoticeCode::StartPageUnread);
    assert!(
        notices.len() == 1 && notices[0].contains(said),
        "{notices:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_start_page_that_was_read_is_not_told() {
    let site = Site::default().scripted(HOME, [Script::html("")]);
    let recorder = complete(&site, json!({})).await;
    assert!(recorder.notices_of(NoticeCode::StartPageUnread).is_empty());
}

#[tokio::test(start_paused = true)]
async fn patterns_that_matched_nothing_are_told_at_the_end() {
    let site = Site::default()
        .page(HOME, &["/über/eins", "/my docs/a", "/other"])
        .page("https://a.example/%C3%BCber/eins", &[])
        .page("https://a.example/my%20docs/a", &[]);
    let more = json!({
        "includePaths": ["^/über", "^/my docs/", "page="],
        "excludePaths": ["^/never"],
        "trapExemptions": ["^/über"],
    });
    let recorder = complete(&site, more).await;
    assert_eq!(site.asked().len(), 3);
    let notices = recorder.notices_of(NoticeCode::PatternUnmatched);
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(
        notices[0].starts_with("includePaths: \"page=\" "),
        "{notices:?}"
    );
    assert!(
        notices[1].starts_with("excludePaths: \"^/never\" "),
        "{notices:?}"
    );
}

const SHELL: &str = "<title>loading</title><div id=root></div><script src=/app.js></script>";

#[tokio::test(start_paused = true)]
async fn a_page_that_scripts_would_build_is_told_once_a_pattern() {
    let site = Site::default()
        .page(HOME, &["/app/1", "/app/22", "/app/x", "/plain"])
        .scripted("https://a.example/app/1", [Script::html(SHELL)])
        .scripted("https://a.example/app/22", [Script::html(SHELL)])
        .scripted("https://a.example/app/x", [Script::html(SHELL)])
        .scripted("https://a.example/plain", [Script::html("<p>Soon.</p>")]);
    let recorder = complete(&site, json!({"maxConcurrency": 1})).await;
    let notices = recorder.notices_of(NoticeCode::RenderingNeeded);
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(
        notices[0].starts_with("https://a.example/app/#: "),
        "{notices:?}"
    );
    assert!(
        notices[0].ends_with(" https://a.example/app/1"),
        "{notices:?}"
    );
    assert!(
        notices[1].ends_with(" https://a.example/app/x"),
        "{notices:?}"
    );
    let outcome = recorder.outcome("https://a.example/app/22");
    assert_eq!(outcome, "200", "the page is a result all the same");
}

#[tokio::test(start_paused = true)]
async fn one_shell_under_many_urls_is_told_once() {
    let site = Site::default()
        .page(HOME, &["/a", "/b"])
        .scripted("https://a.example/a", [Script::html(SHELL)])
        .scripted("https://a.example/b", [Script::html(SHELL)]);
    let recorder = complete(&site, json!({"deduplicateContent": true})).await;
    let notices = recorder.notices_of(NoticeCode::RenderingNeeded);
    assert_eq!(notices.len(), 1, "{notices:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pattern_is_told_once_in_all_attempts() {
    let page = |n: u32| format!("https://a.example/app/{n}");
    let home: Vec<String> = (0..6).map(page).collect();
    let home: Vec<&str> = home.iter().map(String::as_str).collect();
    let site = (0..6).fold(Site::default().page(HOME, &home), |site, n| {
        site.scripted(&page(n), [Script::html(SHELL)])
    });
    let more = json!({"maxConcurrency": 1});
    let recorder = super::attempts::in_attempts(&site, &more, 2).await;
    let notices = recorder.notices_of(NoticeCode::RenderingNeeded);
    assert_eq!(notices.len(), 1, "{notices:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pattern_on_the_whole_url_that_matched_nothing_is_told_as_such() {
    let site = Site::default()
        .page(HOME, &["/a?x=1", "/a?x=2"])
        .page("https://a.example/a?x=1", &[])
        .page("https://a.example/a?x=2", &[]);
    let more = json!({"regexOnFullUrl": true, "includePaths": ["x=1$", "^/a"]});
    let recorder = complete(&site, more).await;
    assert_eq!(site.asked(), [HOME, "https://a.example/a?x=1"]);
    let notices = recorder.notices_of(NoticeCode::PatternUnmatched);
    assert_eq!(
        notices,
        ["includePaths: \"^/a\" matched no URL that was found."]
    );
}
