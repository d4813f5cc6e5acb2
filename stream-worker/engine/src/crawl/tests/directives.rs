//! Pages whose directives say how they are to be used.

use rstest::rstest;

use super::*;

#[rstest]
#[case::only_nofollow(json!({}), "<a href=\"/x\" rel=\"nofollow\">", "", "nofollow")]
#[case::also_a_plain_link(json!({}), "<a href=\"/x\" rel=\"nofollow\">", "<a href=\"/x\">", "200")]
#[case::not_respected(json!({"respectNofollow": false}), "<a href=\"/x\" rel=\"nofollow\">", "", "200")]
#[case::meta_robots(json!({}), "<meta name=\"robots\" content=\"nofollow\"><a href=\"/x\">", "", "metaRobots")]
#[case::meta_robots_and_a_plain_link(json!({}), "<meta name=\"robots\" content=\"nofollow\"><a href=\"/x\">", "<a href=\"/x\">", "200")]
#[case::meta_robots_not_respected(json!({"respectMetaRobots": false}), "<meta name=\"robots\" content=\"nofollow\"><a href=\"/x\">", "", "200")]
#[tokio::test(start_paused = true)]
async fn links_that_must_not_be_followed_are_not(
    #[case] more: Value,
    #[case] page: &str,
    #[case] other_page: &str,
    #[case] expected: &str,
) {
    let site = Site::default()
        .page(HOME, &["/page", "/other"])
        .scripted("https://a.example/page", [Script::html(page)])
        .scripted("https://a.example/other", [Script::html(other_page)])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome("https://a.example/x"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_must_not_be_shown_is_fetched_without_its_formats() {
    let hidden = Script::linking(&["/x"]).with("x-robots-tag", "noindex");
    let site = Site::default()
        .scripted(HOME, [hidden])
        .page("https://a.example/x", &["/y"]);
    let recorder = complete(&site, json!({"formats": ["metadata", "links"]})).await;
    assert_eq!(
        recorder.fetched(HOME).formats,
        shared::event::PageFormats::default()
    );
    let shown = recorder.fetched("https://a.example/x").formats;
    assert_eq!(shown.outlinks.unwrap(), ["https://a.example/y"]);
    assert!(shown.metadata.is_some());
}

/// The header may come several times, for all robots or for one, and says the sum of it.
#[rstest]
#[case::none(&["none"])]
#[case::both(&["nofollow", "noindex"])]
#[case::for_us(&["otherbot: all", "crawlcast: nofollow", "noindex"])]
#[tokio::test(start_paused = true)]
async fn every_robots_header_counts(#[case] headers: &[&str]) {
    let page = Script::html("<a href=/x>x</a>");
    let page = headers
        .iter()
        .fold(page, |page, header| page.with("x-robots-tag", header));
    let site = Site::default().scripted(HOME, [page]);
    let recorder = complete(&site, json!({"formats": ["metadata"]})).await;
    assert!(recorder.fetched(HOME).formats.metadata.is_none());
    assert_eq!(recorder.outcome("https://a.example/x"), "metaRobots");
}

#[rstest]
#[case::refresh(Script::html("<meta http-equiv=refresh content='3; url=/x'>"))]
#[case::link(Script::html("<link rel=canonical href=/x>"))]
#[case::header(Script::html("").with("link", "</x>; rel=\"canonical\""))]
#[tokio::test(start_paused = true)]
async fn where_a_page_refers_to_is_crawled_too(#[case] page: Script) {
    let site = Site::default()
        .scripted(HOME, [page])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/x"), "200");
}
