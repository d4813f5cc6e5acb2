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

#[rstest]
#[case::forty_segments(40, 0)]
#[case::more_segments(41, 1)]
fn a_path_is_too_deep_beyond_forty_segments(#[case] segments: usize, #[case] traps: usize) {
    let deep: String = (0..segments).map(|n| format!("s{n}/")).collect();
    assert_eq!(refused([format!("https://a.example/{deep}")]).0, traps);
}

#[rstest]
#[case::six(6, 1)]
#[case::seven(7, 0)]
fn a_block_that_repeats_itself_has_six_segments_at_most(
    #[case] width: usize,
    #[case] traps: usize,
) {
    let block: String = (0..width).map(|n| format!("s{n}/")).collect();
    let url = format!("https://a.example/{}", block.repeat(3));
    assert_eq!(refused([url]).0, traps);
}

#[rstest]
#[case(1899, 30)]
#[case(1900, 0)]
#[case(2100, 0)]
#[case(2101, 30)]
fn our_times_are_those_that_people_ask_about(#[case] year: u32, #[case] traps: usize) {
    let day = |n: usize| {
        format!(
            "https://a.example/{year}/{:02}/{:02}",
            1 + n / 28,
            1 + n % 28
        )
    };
    assert_eq!(refused((0..150).map(day)).0, traps);
}

#[test]
fn a_hundred_patterns_are_told_of() {
    let urls = (0..150).map(|n| format!("https://a.example/s{n}/s{n}/s{n}"));
    assert_eq!(refused(urls), (150, 100));
}

#[test]
fn a_pattern_is_among_the_changed_ones_once() {
    let mut traps = Traps::new(Timestamp::from_millis(1_800_000_000_000));
    let url = |n: usize| Url::parse(&format!("https://a.example/x?a={n}")).unwrap();
    (0..3).for_each(|n| assert_eq!(traps.judge(&url(n)), TrapVerdict::Ordinary));
    let changed = traps.changed();
    let names: HashSet<&String> = changed.iter().map(|(pattern, _)| pattern).collect();
    assert_eq!((changed.len(), names.len()), (3, 3), "{changed:?}");
    traps.judge(&url(3));
    let changed = traps.changed();
    assert_eq!(
        changed,
        [("https://a.example/x?… with 1 parameters".to_owned(), 4)]
    );
}

#[test]
fn what_is_strange_by_itself_is_not_counted() {
    let mut traps = Traps::new(Timestamp::from_millis(1_800_000_000_000));
    traps.recall(&Url::parse("https://a.example/s/s/s?a=1").unwrap());
    assert_eq!(traps.changed(), []);
}

#[test]
fn patterns_are_counted_up_to_a_bound() {
    let mut traps = Traps::new(Timestamp::from_millis(1_800_000_000_000));
    for number in 0..MAX_PATTERNS {
        traps.judge(&Url::parse(&format!("https://a.example/{number}?a=1")).unwrap());
    }
    assert_eq!(traps.changed().len(), MAX_PATTERNS);
}

#[rstest]
#[case("a=1", 100_000)]
#[case("a=1&b=2", 10_000)]
#[case("a=1&b=2&c=3", 1_000)]
#[case("a=1&b=2&c=3&d=4", 200)]
#[case("a=1&b=2&c=3&d=4&e=5", 200)]
fn more_parameters_have_a_smaller_budget(#[case] query: &str, #[case] budget: u32) {
    let url = Url::parse(&format!("https://a.example/x?{query}")).unwrap();
    let budgets = patterns(&url, 2026).into_iter().map(|(_, budget)| budget);
    assert_eq!(budgets.collect::<Vec<_>>(), [budget]);
}

#[rstest]
fn a_session_is_known_by_its_name(
    #[values(
        "jsessionid",
        "PHPSESSID",
        "sessionid",
        "session_id",
        "sid",
        "ASPSESSIONID",
        "cfid"
    )]
    name: &str,
) {
    let url = |name: &str| Url::parse(&format!("https://a.example/x?a=1&{name}=2&b=3")).unwrap();
    let without = without_session(&url(name)).unwrap();
    assert_eq!(without, "https://a.example/x?a=1&(session)&b=3");
    assert_eq!(without_session(&url(&format!("{name}s"))), None);
}
