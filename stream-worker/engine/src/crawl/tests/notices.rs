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
