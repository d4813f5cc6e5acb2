//! Public conformance cases, as facts: a file, robots, paths, and what may be asked for.
//!
//! `google_cases.txt` has those of Google's published tests of its parser. Where the RFC says otherwise, it rules: Google
//! holds a path against rules as it is written, so that `ツ` is not `%E3%83%84` and `baz` is not `%62%61%7A`; section 2.2.2
//! has them equal. `rfc_cases.txt` has the RFC's own examples and what follows from its text.

use url::Url;

use super::line::{Line, lines};
use super::pattern::Subject;
use super::rules::Rules;

fn rules(file: &[u8], agent: &str) -> Rules {
    let url = Url::parse("http://foo.bar/robots.txt").unwrap();
    Rules::parse(file, &url, agent)
}

fn allows(file: &[u8], agent: &str, path: &str) -> bool {
    path == "/robots.txt" || rules(file, agent).allow_path(&Subject::new(path))
}

/// Holds one case: its name, the file's lines behind `|`, and verdicts (`allow robot path`, `forbid robot path`).
fn wrong_verdicts(case: &str) -> Vec<String> {
    let name = case.lines().next().unwrap_or_default();
    let lines_of_file = case.lines().filter_map(|line| line.strip_prefix('|'));
    let file: String = lines_of_file
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    let verdicts = case
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty() && !line.starts_with('|'));
    let is_wrong = |verdict: &&str| {
        let (word, who_and_where) = verdict.split_once(' ').unwrap();
        let (agent, path) = who_and_where.rsplit_once(' ').unwrap();
        allows(file.as_bytes(), agent, path) != (word == "allow")
    };
    verdicts
        .filter(is_wrong)
        .map(|verdict| format!("{name}: {verdict}"))
        .collect()
}

#[test]
fn every_case_has_its_verdict() {
    let tables = [
        include_str!("google_cases.txt"),
        include_str!("rfc_cases.txt"),
    ];
    let cases = tables.iter().flat_map(|table| table.split("== ").skip(1));
    let wrong: Vec<String> = cases.flat_map(wrong_verdicts).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_line_is_read_up_to_a_bound() {
    let stem = |letter: &str, name: &str| {
        let room = 2083 * 8 - "/x/".len() - name.len() + 1;
        format!("/x/{}", letter.repeat(room - "/x/".len()))
    };
    let long = stem("a", "disallow: ");
    let file = format!("user-agent: FooBot\ndisallow: {long}/qux\n");
    assert!(allows(file.as_bytes(), "FooBot", "/fux"));
    assert!(!allows(file.as_bytes(), "FooBot", &format!("{long}/fux")));

    let (one, other) = (stem("a", "allow: "), stem("b", "allow: "));
    let file = format!("user-agent: FooBot\ndisallow: /\nallow: {one}/qux\nallow: {other}/qux\n");
    assert!(!allows(file.as_bytes(), "FooBot", "/"));
    assert!(allows(file.as_bytes(), "FooBot", &format!("{one}/qux")));
    assert!(allows(file.as_bytes(), "FooBot", &format!("{other}/fux")));
}

#[test]
fn a_byte_order_mark_is_skipped_where_it_may_stand() {
    let understood = |file: &[u8]| lines(file).count();
    for mark in [&b"\xef\xbb\xbf"[..], b"\xef\xbb", b"\xef", b""] {
        let file = [mark, b"User-Agent: foo\nAllow: /AnyValue\n"].concat();
        assert_eq!(understood(&file), 2, "{mark:?}");
    }
    assert_eq!(
        understood(b"\xef\x11\xbfUser-Agent: foo\nAllow: /AnyValue\n"),
        1
    );
    assert_eq!(
        understood(b"User-Agent: foo\n\xef\xbb\xbfAllow: /AnyValue\n"),
        1
    );
}

#[test]
fn every_end_of_line_is_one() {
    for end in ["\n", "\r\n", "\r"] {
        let lines_of = [
            "User-Agent: foo",
            "Allow: /some/path",
            "User-Agent: bar",
            "",
            "",
            "Disallow: /",
        ];
        for file in [lines_of.join(end), lines_of.join(end) + end] {
            assert_eq!(lines(file.as_bytes()).count(), 4, "{end:?}");
        }
    }
}

#[test]
fn sitemaps_are_everyones_wherever_they_stand() {
    let sitemap = "Sitemap: http://foo.bar/sitemap.xml\n";
    let groups = "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\n";
    for file in [format!("{groups}{sitemap}"), format!("{sitemap}{groups}")] {
        let rules = rules(file.as_bytes(), "other");
        assert_eq!(rules.sitemaps[0].as_str(), "http://foo.bar/sitemap.xml");
    }
    let rules = rules(
        b"Sitemap: /maps/a.xml\nSitemap:\nSitemap: http://[\n",
        "other",
    );
    let named: Vec<&str> = rules.sitemaps.iter().map(|url| url.as_str()).collect();
    assert_eq!(named, ["http://foo.bar/maps/a.xml"]);
}

#[test]
fn a_delay_belongs_to_its_group() {
    let file = b"User-agent: *\nCrawl-delay: 9\nDisallow:\n\nUser-agent: foo\nCrawl-delay: 1.5\n";
    let delay = |agent| {
        rules(file, agent)
            .crawl_delay
            .map(|delay| delay.as_secs_f64())
    };
    assert_eq!((delay("foo"), delay("bar")), (Some(1.5), Some(9.0)));
    for wrong in ["-1", "soon", "1e300", "NaN"] {
        let file = format!("User-agent: *\nCrawl-delay: {wrong}\n");
        assert_eq!(rules(file.as_bytes(), "foo").crawl_delay, None, "{wrong}");
    }
}

#[test]
fn many_wildcards_take_no_longer_than_few() {
    let file = format!("User-agent: *\nDisallow: /{}b\n", "*a".repeat(8_000));
    let path = format!("/{}", "a".repeat(2_000));
    assert!(allows(file.as_bytes(), "a", &path));
    assert_eq!(
        lines(file.as_bytes())
            .last()
            .map(|line| matches!(line, Line::Disallow(_))),
        Some(true)
    );
}
