//! Crawls on behalf of a user, and cookies.

use std::time::Duration;

use shared::event::NoticeCode;

use super::*;

const KEY: &str = "x-key";

/// The URLs of what was sent.
fn urls(sent: &[(String, String)]) -> Vec<&str> {
    sent.iter().map(|(url, _)| url.as_str()).collect()
}

fn sitemap(urls: &[&str]) -> Script {
    let entries: String = urls
        .iter()
        .map(|url| format!("<url><loc>{url}</loc></url>"))
        .collect();
    Script::status(200).saying(&format!("<urlset>{entries}</urlset>"))
}

#[tokio::test(start_paused = true)]
async fn headers_go_to_pages_and_sitemaps_of_the_start_pages_origin_and_nowhere_else() {
    let site = Site::default()
        .scripted(
            "https://a.example/robots.txt",
            [Script::status(200).saying("Sitemap: https://s.example/map.xml")],
        )
        .scripted(
            "https://a.example/sitemap.xml",
            [sitemap(&["https://a.example/listed"])],
        )
        .scripted("https://s.example/map.xml", [sitemap(&[])])
        .page(
            HOME,
            &[
                "/in",
                "http://a.example/plain",
                "https://a.example:8443/port",
                "https://b.example/",
                "/robots.txt",
            ],
        )
        .page("https://a.example/in", &[])
        .page("https://a.example/listed", &[])
        .page("http://a.example/plain", &[])
        .page("https://a.example:8443/port", &[])
        .page("https://b.example/", &[]);
    let more = json!({"sitemap": "include", "scope": "any", "headers": {"X-Key": "k"}, "cookies": {"sid": "1"}, "userAgent": "mine/1"});
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome("https://b.example/"), "200");
    let mut keyed = site.values(KEY);
    keyed.sort();
    let own = [
        HOME,
        "https://a.example/in",
        "https://a.example/listed",
        "https://a.example/sitemap.xml",
    ];
    assert_eq!(urls(&keyed), own);
    let mut cookies = site.cookies();
    cookies.extend(site.values("cookie"));
    cookies.sort();
    assert_eq!(urls(&cookies), own);
    let agents = site.values("user-agent");
    for url in [
        "https://b.example/",
        "http://a.example/plain",
        "https://a.example:8443/port",
        "https://s.example/map.xml",
    ] {
        assert!(urls(&agents).contains(&url), "{url}");
    }
    assert!(agents.iter().all(|(url, _)| !url.ends_with("/robots.txt")));
}

#[tokio::test(start_paused = true)]
async fn headers_do_not_cross_a_redirect_to_another_origin_and_come_back_with_one() {
    let site = Site::default()
        .scripted(HOME, [Script::redirect("http://a.example/")])
        .scripted(
            "http://a.example/",
            [Script::redirect("https://named.example/back")],
        )
        .scripted(
            "https://named.example/back",
            [Script::redirect("https://a.example/in")],
        )
        .page("https://a.example/in", &[]);
    let more = json!({"headers": {"X-Key": "k"}, "cookies": {"sid": "1"}, "headersFor": ["https://named.example"]});
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome(HOME), "200");
    let expected = [HOME, "https://named.example/back", "https://a.example/in"];
    assert_eq!(urls(&site.values(KEY)), expected);
    assert_eq!(urls(&site.cookies()), expected);
}

#[tokio::test(start_paused = true)]
async fn a_start_page_that_leads_where_headers_do_not_go_is_told_of_once_an_origin() {
    let site = Site::default()
        .scripted(HOME, [Script::redirect("https://www.a.example/")])
        .scripted(
            "https://a.example/2",
            [Script::redirect("https://www.a.example/2")],
        )
        .page("https://www.a.example/", &[])
        .page("https://www.a.example/2", &[]);
    let urls = json!([HOME, "https://a.example/2"]);
    let recorder = complete(&site, json!({"urls": urls, "headers": {"X-Key": "k"}})).await;
    assert_eq!(recorder.notices(), [NoticeCode::HeadersWithheld]);
    let plain = complete(&site, json!({"urls": urls, "userAgent": "mine/1"})).await;
    assert!(plain.notices().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_sitemap_that_redirects_to_another_origin_takes_no_header_along() {
    let site = Site::default()
        .scripted(
            "https://a.example/sitemap.xml",
            [Script::redirect("https://b.example/map.xml")],
        )
        .scripted(
            "https://b.example/map.xml",
            [sitemap(&["https://a.example/listed"])],
        )
        .page(HOME, &[])
        .page("https://a.example/listed", &[]);
    let more = json!({"sitemap": "include", "headers": {"X-Key": "k"}, "cookies": {"sid": "1"}});
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome("https://a.example/listed"), "200");
    for sent in [site.values(KEY), site.values("cookie")] {
        assert!(
            !urls(&sent).contains(&"https://b.example/map.xml"),
            "{sent:?}"
        );
        assert!(
            urls(&sent).contains(&"https://a.example/sitemap.xml"),
            "{sent:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_crawl_asks_as_before() {
    let site = Site::default()
        .page(HOME, &["/a"])
        .page("https://a.example/a", &[]);
    complete(&site, json!({})).await;
    assert!(site.cookies().is_empty() && site.values("user-agent").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_a_page_opens_is_kept_for_the_pages_after_it() {
    let wall = Script::redirect("/welcome").with("set-cookie", "first=1; Path=/");
    let welcome = Script::linking(&["/a"]).with("set-cookie", "sid=2; Path=/");
    let error = Script::status(404).with("set-cookie", "last=3; Path=/");
    let site = Site::default()
        .scripted(HOME, [wall])
        .scripted("https://a.example/welcome", [welcome])
        .scripted("https://a.example/a", [Script::linking(&["/lost"])])
        .scripted("https://a.example/lost", [error])
        .page("https://a.example/b", &[]);
    let more = json!({"urls": [HOME], "cookies": {"given": "0"}, "maxConcurrency": 1});
    complete(&site, more).await;
    let sent = |path: &str, cookies: &str| (format!("https://a.example{path}"), cookies.to_owned());
    assert_eq!(
        site.cookies(),
        [
            sent("/", "given=0"),
            sent("/welcome", "first=1; given=0"),
            sent("/a", "first=1; given=0; sid=2"),
            sent("/lost", "first=1; given=0; sid=2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_another_page_has_opened_meanwhile_makes_no_circle() {
    // Both are asked for without a cookie; the slow one is redirected to itself, to come back with the one that it was set.
    let wall = |path: &str| Script::redirect(path).with("set-cookie", "sid=1; Path=/");
    let site = Site::default()
        .page(HOME, &["/quick", "/slow"])
        .scripted(
            "https://a.example/quick",
            [wall("/quick"), Script::linking(&[])],
        )
        .scripted(
            "https://a.example/slow",
            [
                wall("/slow").after(Duration::from_secs(5)),
                Script::linking(&[]),
            ],
        );
    let recorder = complete(&site, json!({"maxConcurrencyPerHost": 2, "delayMs": 0})).await;
    assert_eq!(recorder.outcome("https://a.example/quick"), "200");
    assert_eq!(recorder.outcome("https://a.example/slow"), "200");
}
