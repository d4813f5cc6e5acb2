use rstest::rstest;

use super::*;

fn refused(urls: impl IntoIterator<Item = String>) -> (usize, usize) {
    let mut traps = Traps::new(Timestamp::from_millis(1_800_000_000_000));
    let (mut refused, mut notices) = (0, 0);
    for url in urls {
        if let TrapVerdict::Trap { notice } = traps.judge(&Url::parse(&url).unwrap()) {
            refused += 1;
            notices += usize::from(notice.is_some());
        }
    }
    (refused, notices)
}

#[rstest]
#[case("https://a.example/a/b/a/b/a/b/")]
#[case("https://a.example/x/docs/docs/docs/page")]
fn a_strange_shape_is_a_trap_at_once(#[case] url: &str) {
    assert_eq!(refused([url.to_owned()]), (1, 1));
}

#[rstest]
#[case("https://docs.python.org/3/library/xml.etree.elementtree.html")]
#[case("https://doc.rust-lang.org/std/std/index.html")]
#[case("https://a.example/2026/11/23/a-headline")]
#[case("https://a.example/1/1/1/1")]
#[case("https://a.example/article/7749-12")]
#[case("https://a.example/?q=a&q=b&page=2")]
fn an_ordinary_url_is_none(#[case] url: &str) {
    assert_eq!(refused([url.to_owned()]), (0, 0));
}

#[test]
fn a_path_that_grows_is_a_trap() {
    let deep = (0..50).map(|n| format!("s{n}/")).collect::<String>();
    assert_eq!(refused([format!("https://a.example/{deep}")]), (1, 1));
}

#[test]
fn many_numbered_pages_are_no_trap() {
    let urls = (0..30_000).map(|n| format!("https://a.example/item/{n}?page={n}"));
    assert_eq!(refused(urls), (0, 0));
}

#[test]
fn a_calendar_is_followed_for_some_years_and_told_of_once() {
    let day = |n: u32| {
        let (year, month, day) = (2000 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
        format!("https://a.example/calendar?day={year}-{month:02}-{day:02}")
    };
    assert_eq!(refused((0..CALENDAR_BUDGET + 100).map(day)), (100, 1));
}

#[test]
fn a_calendar_beyond_our_times_is_followed_for_some_months() {
    let month = |n: u32| {
        format!(
            "https://a.example/calendar/{}/{:02}",
            7000 + n / 12,
            1 + n % 12
        )
    };
    assert_eq!(refused((0..200).map(month)), (80, 1));
}

#[test]
fn session_ids_are_followed_a_few_times_and_told_of_once() {
    let urls = (0..20).map(|n| format!("https://a.example/x;jsessionid=A{n}?a=1"));
    assert_eq!(refused(urls), (15, 1));
    let urls = (0..20).map(|n| format!("https://a.example/x?a=1&sid={n}&z=2"));
    assert_eq!(refused(urls), (15, 1));
}

#[test]
fn a_notice_says_how_to_include_the_pattern_after_all() {
    let url = |n: usize| Url::parse(&format!("https://a.example/a.b/x?sid={n}")).unwrap();
    let mut traps = Traps::new(Timestamp::from_millis(1_800_000_000_000));
    let notices = (0..10).filter_map(|n| match traps.judge(&url(n)) {
        TrapVerdict::Trap { notice } => notice,
        TrapVerdict::Ordinary => None,
    });
    let notice = notices.last().unwrap();
    let (_, json) = notice.split_once("\"trapExemptions\": ").unwrap();
    let patterns: Vec<String> = serde_json::from_str(json).unwrap();
    assert_eq!(patterns, ["^/a\\.b"]);
    let patterns = patterns
        .iter()
        .map(|text| PathPattern::parse(text).unwrap());
    let mut exempt =
        Traps::new(Timestamp::from_millis(1_800_000_000_000)).except(&patterns.collect::<Vec<_>>());
    assert!((0..100).all(|n| exempt.judge(&url(n)) == TrapVerdict::Ordinary));
}

#[test]
fn a_filter_form_has_a_small_budget() {
    let urls = (0..500).map(|n| format!("https://a.example/shop?a={n}&b=1&c=2&d=3"));
    assert_eq!(refused(urls), (300, 1));
}

#[test]
fn ever_other_parameters_are_permutations() {
    let urls = (0..150).map(|n| format!("https://a.example/shop?f{n}=1"));
    assert_eq!(refused(urls), (50, 1));
}
