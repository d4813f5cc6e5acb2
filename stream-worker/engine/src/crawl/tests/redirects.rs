use rstest::rstest;

use super::*;

const FROM: &str = "https://a.example/from";

#[rstest]
#[case::to_a_page("/to", "200")]
#[case::to_another_spelling_of_itself("/from?utm_source=x", "200")]
#[case::out_of_scope("https://b.example/", "scope")]
#[case::to_another_scheme("ftp://a.example/", "protocol")]
#[case::to_a_known_page("/", "duplicate")]
#[case::to_itself("/from", "redirects")]
#[case::in_a_circle("/circle", "redirects")]
#[case::forbidden_by_robots("/private/", "robots")]
#[case::to_a_blocked_address("/blocked", "blockedAddress")]
#[case::nine_more_hops("/hop2", "200")]
#[case::ten_more_hops("/hop1", "redirects")]
#[case::to_a_missing_page("/gone", "status")]
#[tokio::test(start_paused = true)]
async fn every_hop_is_judged_again(#[case] target: &str, #[case] expected: &str) {
    let mut site = Site::default()
        .page(HOME, &["/from"])
        .scripted(FROM, [Script::redirect(target)])
        .page("https://a.example/from?utm_source=x", &[])
        .page("https://a.example/to", &["/found"])
        .page("https://a.example/found", &[])
        .scripted("https://a.example/circle", [Script::redirect("/from")])
        .scripted(
            "https://a.example/blocked",
            [Script::Fail(crate::fetch::FetchError::BlockedAddress)],
        )
        .scripted(
            "https://a.example/robots.txt",
            [Script::status(200).saying("User-agent: *\nDisallow: /private/")],
        )
        .page("https://a.example/hop11", &[]);
    for hop in 1..=10 {
        let next = Script::redirect(&format!("/hop{}", hop + 1));
        site = site.scripted(&format!("https://a.example/hop{hop}"), [next]);
    }
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome(FROM), expected);
    assert_eq!(site.times_asked("https://a.example/private/"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_says_where_it_led_and_its_target_is_not_fetched_again() {
    let site = Site::default()
        .page(HOME, &["/from", "/later"])
        .scripted(FROM, [Script::redirect("/dir/to")])
        .page("https://a.example/dir/to", &["next"])
        .page("https://a.example/dir/next", &["/dir/to"])
        .page("https://a.example/later", &[]);
    let recorder = complete(&site, json!({})).await;
    let to = "https://a.example/dir/to";
    assert_eq!(recorder.fetched(FROM).redirected_to.as_deref(), Some(to));
    assert_eq!(recorder.outcome("https://a.example/dir/next"), "200");
    assert_eq!((recorder.outcome(to), site.times_asked(to)), ("-", 1));
}

#[tokio::test(start_paused = true)]
async fn a_start_page_that_has_moved_takes_the_scope_along() {
    let site = Site::default()
        .scripted(HOME, [Script::redirect("https://www.a.example/")])
        .page("https://www.a.example/", &["/x", "https://b.example/"])
        .page("https://www.a.example/x", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome(HOME), "200");
    assert_eq!(recorder.outcome("https://www.a.example/x"), "200");
    assert_eq!(recorder.finals().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_start_page_does_not_move_to_where_the_request_excludes() {
    let site = Site::default()
        .scripted(HOME, [Script::redirect("/out/x")])
        .page("https://a.example/out/x", &[]);
    let recorder = complete(&site, json!({"excludePaths": ["^/out/"]})).await;
    assert_eq!(recorder.outcome(HOME), "scope");
    assert_eq!(site.times_asked("https://a.example/out/x"), 0);
}

#[rstest]
#[case::its_own("/%7eu", &["/~u"])]
#[case::where_it_has_been("/from", &["/%7eu", "/~u"])]
#[tokio::test(start_paused = true)]
async fn a_redirect_to_another_spelling_is_followed(#[case] from: &str, #[case] hops: &[&str]) {
    let url = |path: &str| format!("https://a.example{path}");
    let mut site = Site::default().page(HOME, &[from]);
    let mut at = from;
    for hop in hops {
        site = site.scripted(&url(at), [Script::redirect(hop)]);
        at = hop;
    }
    let recorder = complete(&site.page(&url(at), &[]), json!({})).await;
    assert_eq!(recorder.outcome(&url(from)), "200");
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_page_that_no_link_may_be_followed_to_is_followed() {
    let home = "<a href=/no rel=nofollow>x</a><a href=/from>x</a>";
    let site = Site::default()
        .scripted(HOME, [Script::html(home)])
        .scripted(FROM, [Script::redirect("/no")])
        .page("https://a.example/no", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome(FROM), "200");
    assert_eq!(recorder.outcome("https://a.example/no"), "nofollow");
}

#[tokio::test(start_paused = true)]
async fn without_a_jar_cookies_of_a_chain_are_sent_within_it_and_forgotten_with_it() {
    let wall = Script::redirect("/").with("set-cookie", "sid=1; Path=/");
    let inner = Script::redirect("/in").with("set-cookie", "sid=2; Path=/");
    let site = Site::default()
        .scripted(HOME, [wall, Script::linking(&["/a", "/b"])])
        .scripted("https://a.example/a", [inner])
        .page("https://a.example/in", &[])
        .page("https://a.example/b", &[]);
    let recorder = complete(&site, json!({"cookies": false})).await;
    assert_eq!(recorder.outcome(HOME), "200");
    let sent = |url: &str, cookie: &str| (url.to_owned(), cookie.to_owned());
    assert_eq!(
        site.cookies(),
        [sent(HOME, "sid=1"), sent("https://a.example/in", "sid=2")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_site_that_sets_a_new_cookie_for_ever_ends_at_ten_hops() {
    let mut walls: Vec<Script> = Vec::new();
    for number in 0..20 {
        walls.push(Script::redirect("/").with("set-cookie", &format!("sid={number}; Path=/")));
    }
    for cookies in [json!({}), json!({"cookies": false})] {
        let site = Site::default().scripted(HOME, walls.clone());
        let recorder = complete(&site, cookies).await;
        assert_eq!(recorder.outcome(HOME), "redirects");
        assert_eq!(site.times_asked(HOME), 11);
    }
}
