//! The URL that is asked for, and the identity under which it is known.

use super::*;

const A: &str = "https://a.example";

fn urls(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| format!("{A}{path}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_url_is_asked_for_as_it_was_linked_and_once() {
    let links = [
        "/img?w=630&h=3&s=abc",
        "/img?h=3&s=abc&w=630",
        "/wiki?title=A&action=raw&",
        "/%7euser/%e9",
        "/~user/%E9",
        "/x?",
    ];
    let site = Site::default().page(HOME, &links);
    let recorder = complete(&site, json!({})).await;
    let expected = urls(&["/", links[0], links[2], links[3], "/x?"]);
    assert_eq!(site.asked(), expected);
    assert_eq!(recorder.finals().len(), expected.len());
}

#[tokio::test(start_paused = true)]
async fn robots_and_patterns_judge_what_would_be_asked_for() {
    let robots = Script::status(200)
        .saying("User-agent: *\nDisallow: /*?sort=\nDisallow: /d?print=\nDisallow: /q?id=1&");
    let links = [
        "/shop?sort=price&color=red",
        "/d?print=1&id=7",
        "/b?x=1&sort=2",
        "/q?utm_source=n&id=1&z=2",
    ];
    let site = Site::default()
        .scripted("https://a.example/robots.txt", [robots])
        .page(HOME, &links);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(site.asked(), urls(&["/", "/b?x=1&sort=2"]));
    for forbidden in [
        "/shop?sort=price&color=red",
        "/d?print=1&id=7",
        "/q?id=1&z=2",
    ] {
        assert_eq!(recorder.outcome(&format!("{A}{forbidden}")), "robots");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_followed_as_it_is_and_known_without_what_is_dropped() {
    let site = Site::default()
        .page(HOME, &["/from", "/to"])
        .scripted(
            "https://a.example/from",
            [Script::redirect("/to?utm_source=x&b=1&a=2")],
        )
        .page(
            "https://a.example/to?utm_source=x&b=1&a=2",
            &["/to?a=2&b=1"],
        );
    let recorder = complete(&site, json!({})).await;
    let shown = recorder.fetched("https://a.example/from").redirected_to;
    assert_eq!(shown.as_deref(), Some("https://a.example/to?b=1&a=2"));
    assert_eq!(site.times_asked("https://a.example/to?a=2&b=1"), 0);
}
