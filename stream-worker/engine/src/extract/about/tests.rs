use std::fmt::Write;

use rstest::rstest;
use shared::event::PageMetadata;
use shared::request::Format;

use crate::extract::{DocumentType, ExtractOptions, Extractor, Formats, MediaType, Page};

fn page(html: &str, formats: &[Format]) -> Page {
    let mut extractor = Extractor::new(ExtractOptions {
        url: "https://a.example/dir/page".parse().unwrap(),
        media_type: MediaType {
            document: DocumentType::Html,
            encoding: Some(encoding_rs::UTF_8),
        },
        agent: "crawlcast".into(),
        formats: Formats::new(formats),
    });
    for piece in html.as_bytes().chunks(11) {
        extractor.feed(piece);
    }
    extractor.finish()
}

fn about(html: &str) -> PageMetadata {
    page(html, &[Format::Metadata]).metadata
}

fn headings(html: &str) -> Vec<(u8, String)> {
    let headings = about(html).headings.into_iter();
    headings
        .map(|heading| (heading.level, heading.text))
        .collect()
}

#[test]
fn a_head_is_read_whole() {
    let metadata = about(
        r#"<html lang="de-AT"><head><title>T &amp; t</title><meta name=Keywords content=" crawl, , live  stream ">
           <meta name=description content="Ein&#32; Satz."><meta name=description content="another">
           <meta name=robots content="index, max-snippet:-1"><link rel="shortcut icon" href="../icon.png#x">
           <link rel=icon href=/other.png><link rel="apple-touch-icon" href=/touch.png>
           <meta property="og:title" content="OG &quot;T&quot;"><meta property="og:image" content="/1.png">
           <meta property="OG:image" content="/2.png"><meta property="og:image" content="/1.png">
           <meta name="og:site_name" content="Site"><meta property="article:tag" content="a">
           <meta property="article:tag" content="b"><meta name="twitter:card" content="summary">
           <meta name="theme-color" content="red"><meta property="og:empty" content=" ">
           <meta property="article:published_time" content="2026-11-01T10:00:00Z"><base href="/root/">"#,
    );
    let expected = serde_json::json!({
        "title": "T & t",
        "description": "Ein Satz.",
        "keywords": ["crawl", "live stream"],
        "language": "de-AT",
        "charset": "UTF-8",
        "favicon": "https://a.example/icon.png",
        "robots": "index, max-snippet:-1",
        "publishedTime": "2026-11-01T10:00:00Z",
        "openGraph": {
            "title": "OG \"T\"",
            "image": ["/1.png", "/2.png"],
            "site_name": "Site",
            "article:tag": ["a", "b"],
            "article:published_time": "2026-11-01T10:00:00Z",
        },
    });
    assert_eq!(serde_json::to_value(&metadata).unwrap(), expected);
}

#[test]
fn one_meta_may_say_two_things() {
    let metadata = about(r#"<meta name="description" property="og:description" content="both">"#);
    assert_eq!(metadata.description.as_deref(), Some("both"));
    assert_eq!(metadata.open_graph["description"].all(), ["both"]);
}

#[rstest]
#[case::named("<meta name=date content=1><meta name=DC.date content=2>", Some("2"))]
#[case::item(
    "<meta itemprop=datePublished content=3><meta name=date content=1>",
    Some("3")
)]
#[case::empty("<meta name=date content=' '>", None)]
#[case::linked(
    r#"<script type="application/ld+json">{"@type":"Article","datePublished":"4"}</script>"#,
    Some("4")
)]
#[case::linked_in_a_graph(
    r#"<script type=application/ld+json>{"@graph":[{"@type":"WebSite"},{"datePublished":"5"}]}</script>"#,
    Some("5")
)]
#[case::of_a_comment(
    r#"<script type=application/ld+json>{"comment":{"datePublished":"6"}}</script>"#,
    None
)]
#[case::broken(
    r#"<script type=application/ld+json>{"datePublished":"6"</script>"#,
    None
)]
fn a_page_tells_when_it_was_published(#[case] html: &str, #[case] time: Option<&str>) {
    assert_eq!(about(html).published_time.as_deref(), time);
}

#[test]
fn a_page_tells_when_it_was_changed() {
    let html = r#"<meta property=og:updated_time content=a><meta property=article:modified_time content=b>"#;
    assert_eq!(about(html).modified_time.as_deref(), Some("b"));
    let html = r#"<script type=application/ld+json>[{"dateModified":"c"}]</script>"#;
    assert_eq!(about(html).modified_time.as_deref(), Some("c"));
}

#[test]
fn linked_data_is_kept_as_it_is_written_and_no_other_script() {
    let metadata = about(
        r#"<script>var a = "<script type=application/ld+json>";</script>
           <script type=" Application/LD+JSON; charset=utf-8"> {"a": "&amp; <b>"}
           </script><script type="application/json">{"c": 1}</script>
           <script type="application/ld+json"></script><script type="application/ld+json">{"not closed"#,
    );
    assert_eq!(
        metadata.json_ld,
        [r#"{"a": "&amp; <b>"}"#, r#"{"not closed"#]
    );
}

#[test]
fn linked_data_is_bounded_by_whole_scripts() {
    let script = |length: usize| {
        format!(
            r#"<script type="application/ld+json">"{}"</script>"#,
            "x".repeat(length)
        )
    };
    let metadata = about(&[script(40_000), script(40_000), script(20_000)].concat());
    let lengths: Vec<usize> = metadata.json_ld.iter().map(String::len).collect();
    assert_eq!(lengths, [40_002, 20_002]);
    assert_eq!(about(&script(1).repeat(30)).json_ld.len(), 20);
}

#[test]
fn headings_are_told_with_their_levels() {
    let found = headings(
        "<h1>The <em>first</em> &amp; only<a class=headerlink href=#f>¶</a></h1><h2> a\n b <script>no</script></h2>
         <h3></h3><h2>C#</h2><h2>D <a href=#d>#</a></h2><template><h2>no</h2></template><svg><title>x</title></svg>
         <h6>last <br>line",
    );
    let expected = [
        (1, "The first & only"),
        (2, "a b"),
        (2, "C#"),
        (2, "D"),
        (6, "last line"),
    ];
    assert_eq!(
        found,
        expected.map(|(level, text)| (level, text.to_owned()))
    );
}

#[test]
fn headings_that_are_not_closed_end_where_the_next_one_begins() {
    let found = headings("<h1>one<h2>two</h2>beside<h3>three</h3>");
    let expected = [(1, "one"), (2, "two"), (3, "three")];
    assert_eq!(
        found,
        expected.map(|(level, text)| (level, text.to_owned()))
    );
}

#[test]
fn a_heading_ends_with_any_heading_and_with_the_block_around_it() {
    let found =
        headings("<div><h1>one</div>beside<h2>two</h3>beside<h4>a</p>b<div>c</div>d</a>e</h4>");
    let expected = [(1, "one"), (2, "two"), (4, "abcde")];
    assert_eq!(
        found,
        expected.map(|(level, text)| (level, text.to_owned()))
    );
}

#[test]
fn what_is_listed_is_bounded() {
    let mut html = String::new();
    for number in 0..300 {
        let long = "é".repeat(2000);
        write!(
            html,
            "<h2>{number}{long}</h2><meta property=og:p{number} content={long}>"
        )
        .unwrap();
    }
    let words: String = (0..100).map(|number| format!("{number},")).collect();
    write!(html, "<meta name=keywords content='{words}'>").unwrap();
    let metadata = about(&html);
    assert_eq!(metadata.headings.len(), 200);
    assert_eq!(metadata.headings[0].text.chars().count(), 200);
    assert_eq!(metadata.open_graph.len(), 100);
    assert_eq!(metadata.open_graph["p0"].all()[0].chars().count(), 1024);
    assert_eq!(metadata.keywords.len(), 50);
}

#[test]
fn without_the_format_nothing_is_gathered_but_what_a_crawl_needs() {
    let html = r#"<title>t</title><link rel=canonical href=/c><link rel=icon href=/i><meta name=robots content=nofollow>
        <meta property=og:title content=x><h1>x</h1><script type=application/ld+json>{}</script>"#;
    let page = page(html, &[Format::Links]);
    let needed = PageMetadata {
        title: Some("t".to_owned()),
        canonical: Some("https://a.example/c".to_owned()),
        charset: Some("UTF-8".to_owned()),
        ..PageMetadata::default()
    };
    assert_eq!(page.metadata, needed);
    assert!(page.robots.nofollow);
}
