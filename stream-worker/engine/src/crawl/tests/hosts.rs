use rstest::rstest;
use shared::RobotsState;
use shared::event::{ErrorCode, NoticeCode};

use super::*;
use crate::fetch::FetchError;

const ROBOTS: &str = "https://a.example/robots.txt";

fn unreachable() -> Script {
    Script::Fail(FetchError::Failed {
        code: ErrorCode::Connect,
        message: "no connection".to_owned(),
        transient: true,
    })
}

#[rstest]
#[case::none(json!({}), Script::status(404), "200", &[])]
#[case::forbidden_file(json!({}), Script::status(403), "200", &[])]
#[case::rules_of_all(json!({}), Script::status(200).saying("User-agent: *\nDisallow: /x"), "robots", &[])]
#[case::rules_of_ours(json!({}), Script::status(200).saying("User-agent: *\nDisallow: /x\nUser-agent: CrawlCast/2\nAllow: /"), "200", &[])]
#[case::ignored(json!({"ignoreRobotsTxt": true}), Script::status(200).saying("User-agent: *\nDisallow: /"), "200", &[])]
#[case::server_error(json!({}), Script::status(500), "-", &[NoticeCode::RobotsUnreachable])]
#[case::no_connection(json!({}), unreachable(), "-", &[NoticeCode::RobotsUnreachable])]
#[case::elsewhere(json!({}), Script::redirect("https://b.example/rules"), "robots", &[])]
#[case::in_a_circle(json!({}), Script::redirect("/robots.txt"), "200", &[])]
#[case::panic(json!({}), Script::Panic, "-", &[NoticeCode::RobotsUnreachable])]
#[tokio::test(start_paused = true)]
async fn robots_txt_is_obeyed(
    #[case] more: Value,
    #[case] robots: Script,
    #[case] expected: &str,
    #[case] notices: &[NoticeCode],
) {
    let site = Site::default()
        .scripted(ROBOTS, [robots])
        .scripted(
            "https://b.example/rules",
            [Script::status(200).saying("User-agent: *\nDisallow: /x")],
        )
        .page(HOME, &["/x"])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome("https://a.example/x"), expected);
    assert_eq!(recorder.notices(), notices);
    let asked = !notices.is_empty();
    assert_eq!(recorder.outcome(HOME), if asked { "robots" } else { "200" });
}

/// RFC 9309, section 2.3.1.2: five redirects are followed; beyond them the file may be taken for unavailable.
#[rstest]
#[case::five(5, "robots")]
#[case::six(6, "200")]
#[tokio::test(start_paused = true)]
async fn robots_txt_is_found_behind_five_redirects(
    #[case] redirects: usize,
    #[case] expected: &str,
) {
    let url = |hop: usize| match hop {
        0 => ROBOTS.to_owned(),
        _ => format!("https://b.example/{hop}"),
    };
    let rules = Script::status(200).saying("User-agent: *\nDisallow: /x");
    let site = (0..redirects).fold(Site::default(), |site, hop| {
        site.scripted(&url(hop), [Script::redirect(&url(hop + 1))])
    });
    let site = site
        .scripted(&url(redirects), [rules])
        .page(HOME, &["/x"])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/x"), expected);
}

/// RFC 9309, section 2.5: at least 500 KiB are read. A line that ends beyond them would be another rule if it were cut.
#[rstest]
#[case::within(0, "robots")]
#[case::beyond(1, "200")]
#[tokio::test(start_paused = true)]
async fn robots_txt_is_read_up_to_500_kib(#[case] beyond: usize, #[case] expected: &str) {
    let (head, rule) = ("User-agent: *\n#", "\nDisallow: /x");
    let padding = 500 * 1024 - head.len() - rule.len() + beyond;
    let robots = format!("{head}{}{rule}", "-".repeat(padding));
    let site = Site::default()
        .scripted(ROBOTS, [Script::status(200).saying(&robots)])
        .page(HOME, &["/x"])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/x"), expected);
}

#[tokio::test(start_paused = true)]
async fn robots_txt_that_fails_once_is_asked_for_again() {
    let site = Site::default()
        .scripted(ROBOTS, [unreachable(), Script::status(404)])
        .page(HOME, &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome(HOME), "200");
}

#[tokio::test(start_paused = true)]
async fn a_host_at_a_blocked_address_is_skipped_as_such() {
    let blocked = Script::Fail(FetchError::BlockedAddress);
    let site = Site::default().scripted(ROBOTS, [blocked]).page(HOME, &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome(HOME), "blockedAddress");
    assert!(site.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_host_has_its_own_rules_and_is_asked_for_them_once() {
    let site = Site::default()
        .scripted(
            ROBOTS,
            [Script::status(200).saying("User-agent: *\nDisallow: /x")],
        )
        .page(HOME, &["/x", "/y", "https://b.example/x"])
        .page("https://a.example/y", &[])
        .page("https://b.example/x", &[]);
    let recorder = complete(&site, json!({"scope": "any"})).await;
    assert_eq!(recorder.outcome("https://a.example/x"), "robots");
    assert_eq!(recorder.outcome("https://b.example/x"), "200");
    assert_eq!(site.times_asked(ROBOTS), 1);
    assert_eq!(site.times_asked("https://b.example/robots.txt"), 1);
}

#[rstest]
#[case::none(Script::status(404), RobotsState::None)]
#[case::allows(Script::status(200).saying("User-agent: *\nDisallow: /x"), RobotsState::Allowed)]
#[case::empty(Script::status(200), RobotsState::Allowed)]
#[case::forbids(Script::status(200).saying("User-agent: *\nDisallow: /"), RobotsState::Disallowed)]
#[case::server_error(Script::status(500), RobotsState::Unreachable)]
#[case::address(Script::Fail(FetchError::BlockedAddress), RobotsState::Blocked)]
#[tokio::test(start_paused = true)]
async fn what_a_robots_txt_said_goes_with_what_comes_of_it(
    #[case] robots: Script,
    #[case] state: RobotsState,
) {
    let site = Site::default().scripted(ROBOTS, [robots]).page(HOME, &[]);
    let recorder = complete(&site, json!({})).await;
    let noted: Vec<_> = recorder
        .steps
        .iter()
        .flat_map(|step| &step.robots)
        .map(|robots| (robots.host.as_str(), robots.state))
        .collect();
    assert_eq!(noted, [("https://a.example", state)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_noted_of_a_robots_txt_that_is_ignored_or_of_too_many() {
    let recorder = complete(
        &Site::default().page(HOME, &[]),
        json!({"ignoreRobotsTxt": true}),
    )
    .await;
    assert!(recorder.steps.iter().all(|step| step.robots.is_empty()));
    let urls: Vec<String> = (0..120).map(|n| format!("https://h{n}.example/")).collect();
    let recorder = complete(&Site::default(), json!({"urls": urls})).await;
    let noted = recorder.steps.iter().map(|step| step.robots.len());
    assert_eq!(noted.sum::<usize>(), shared::host_robots::MAX_HOSTS);
}
