use rstest::rstest;
use serde_json::{Value, json};
use shared::{Clock, Counts, Timestamp};

use super::*;

const LONG: usize = 3_000;

/// An intake, with what it has told.
struct Told {
    intake: Intake,
    ledger: Ledger,
    refusals: Refusals,
}

impl Told {
    /// Of a crawl of `https://a.example/`, two links deep.
    fn new(more: &Value) -> Self {
        let mut body =
            json!({"url": "https://a.example/", "scope": "host", "maxDiscoveryDepth": 2});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = CrawlRequest::from_value(body).unwrap();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let mut intake = Intake::new(&request, Seen::new(7), Parked::default(), Traps::new(now));
        intake.widen_to_seed(&Url::parse("https://a.example/").unwrap());
        Self {
            intake,
            ledger: Ledger::new(Clock::new(move || now), Counts::default()),
            refusals: Refusals::default(),
        }
    }

    fn offer(&mut self, url: &str, mention: Mention) -> Option<Candidate> {
        let find = Find {
            depth: 1,
            referrer: None,
            mention,
        };
        let url = Url::parse(url).unwrap();
        self.intake
            .offer(&url, find, &mut self.ledger, &mut self.refusals)
    }

    /// The reasons for which URLs were refused so far.
    fn reasons(&self) -> Vec<SkipReason> {
        self.refusals
            .skips
            .iter()
            .map(|(_, reason)| *reason)
            .collect()
    }
}

fn long(site: &str) -> String {
    format!("{site}{}", "x".repeat(LONG))
}

#[rstest]
#[case::a_page("https://a.example/x", true)]
#[case::an_excluded_page("https://a.example/out/x", false)]
#[case::a_long_url(&long("https://a.example/"), true)]
#[case::an_excluded_long_url(&long("https://a.example/out/"), false)]
fn a_start_page_is_one_unless_it_is_excluded(#[case] url: &str, #[case] is_one: bool) {
    let mut told = Told::new(&json!({"excludePaths": ["^/out/"]}));
    let url = Url::parse(url).unwrap();
    assert_eq!(told.intake.widen_to_seed(&url), is_one);
}

#[test]
fn an_excluded_start_page_does_not_widen_the_scope() {
    let mut told = Told::new(&json!({"excludePaths": ["^/out/"]}));
    told.intake
        .widen_to_seed(&Url::parse("https://b.example/out/").unwrap());
    assert!(told.offer("https://b.example/x", Mention::Link).is_none());
}

#[test]
fn a_url_is_refused_once() {
    let mut told = Told::new(&json!({}));
    for _ in 0..2 {
        assert!(
            told.offer("https://a.example/s/s/s", Mention::Link)
                .is_none()
        );
        assert!(
            told.offer(&long("https://a.example/"), Mention::Link)
                .is_none()
        );
    }
    assert_eq!(told.reasons(), [SkipReason::Trap, SkipReason::TooLarge]);
}

#[rstest]
#[case::a_start_page(Mention::Seed, &[SkipReason::Scope])]
#[case::a_link(Mention::Link, &[])]
fn only_a_start_page_is_told_to_be_excluded(
    #[case] mention: Mention,
    #[case] reasons: &[SkipReason],
) {
    let mut told = Told::new(&json!({"excludePaths": ["^/out/"]}));
    assert!(told.offer("https://a.example/out/x", mention).is_none());
    assert_eq!(told.reasons(), reasons);
}

#[rstest]
#[case::a_start_page(Mention::Seed, true)]
#[case::listed(Mention::Sitemap, true)]
#[case::linked(Mention::Link, false)]
fn only_what_is_linked_may_be_a_trap(#[case] mention: Mention, #[case] is_taken: bool) {
    let mut told = Told::new(&json!({}));
    assert_eq!(
        told.offer("https://a.example/s/s/s", mention).is_some(),
        is_taken
    );
}

#[rstest]
#[case::a_start_page("https://b.example/", Mention::Seed, &[SkipReason::TooLarge])]
#[case::a_link_within_the_scope("https://a.example/", Mention::Link, &[SkipReason::TooLarge])]
#[case::another_link("https://b.example/", Mention::Link, &[])]
fn a_url_that_is_too_long_is_told_of_if_it_is_ours(
    #[case] site: &str,
    #[case] mention: Mention,
    #[case] reasons: &[SkipReason],
) {
    let mut told = Told::new(&json!({}));
    assert!(told.offer(&long(site), mention).is_none());
    assert_eq!(told.reasons(), reasons);
}

#[test]
fn a_full_crawl_takes_in_nothing_and_says_so_once() {
    let mut told = Told::new(&json!({}));
    told.intake.seen.most = 0;
    assert!(told.offer("https://a.example/x", Mention::Link).is_none());
    assert!(
        told.offer(&long("https://a.example/"), Mention::Link)
            .is_none()
    );
    assert_eq!((told.reasons().len(), told.refusals.notices.len()), (0, 1));
}

#[test]
fn what_is_dropped_from_a_url_is_no_trap() {
    let mut told = Told::new(&json!({"dropQueryParameters": ["sid"]}));
    for number in 0..300 {
        let url = format!("https://a.example/shop?a={number}&b=1&c=2&sid={number}");
        assert!(told.offer(&url, Mention::Link).is_some(), "{number}");
    }
}

#[test]
fn a_url_that_waits_is_restored_as_it_was() {
    let mut told = Told::new(&json!({}));
    let candidate = |path: &str, depth: u32| Candidate {
        ordinal: 1,
        url: format!("https://a.example/{path}"),
        depth,
        referrer: Some("https://a.example/".to_owned()),
    };
    told.intake.restore(&candidate("", 0));
    told.intake.restore(&candidate("x?a=1", 3));
    assert_eq!(told.intake.parked_count(), 1);
    let counted = told.intake.changed_patterns();
    assert!(
        !counted.is_empty() && counted.iter().all(|(_, urls)| *urls == 1),
        "{counted:?}"
    );
    told.intake.restore(&candidate("x?a=1", 2));
    assert_eq!(told.intake.parked_count(), 0);
    assert_eq!(told.intake.changed_patterns(), [], "it was counted once");
}
