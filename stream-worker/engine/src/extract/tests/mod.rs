mod links;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn options(content_type: Option<&str>) -> ExtractOptions {
    let headers = content_type.map(|value| (CONTENT_TYPE, value.parse().unwrap()));
    ExtractOptions {
        url: "https://example.com/docs/page.html".parse().unwrap(),
        media_type: MediaType::of(&HeaderMap::from_iter(headers)),
        agent: "crawlcast".into(),
        formats: Formats::new(&[
            Format::Metadata,
            Format::Text,
            Format::Html,
            Format::Markdown,
        ]),
    }
}

fn read(html: &str) -> Page {
    read_in(
        html.as_bytes(),
        html.len().max(1),
        Some("text/html; charset=utf-8"),
    )
}

fn read_in(bytes: &[u8], chunk: usize, content_type: Option<&str>) -> Page {
    let mut extractor = Extractor::new(options(content_type));
    for chunk in bytes.chunks(chunk) {
        extractor.feed(chunk);
    }
    extractor.finish()
}

fn urls(page: &Page) -> Vec<&str> {
    page.links.iter().map(|link| link.url).collect()
}

#[test]
fn a_base_moves_what_the_page_says_of_itself() {
    let page = read(
        "<link rel=canonical href=can1><meta http-equiv=refresh content='0;next'><base href=/dir/>",
    );
    assert_eq!(
        page.metadata.canonical.as_deref(),
        Some("https://example.com/dir/can1")
    );
    assert_eq!(page.refresh.unwrap().path(), "/dir/next");
}

#[test]
fn templates_are_no_part_of_the_document_but_shadow_roots_are() {
    let page = read(
        "<template><title>t</title><a href=/inert>1</a><meta name=robots content=noindex></template>
         <template shadowrootmode=open><a href=/shown>2</a></template><title>page</title>",
    );
    assert_eq!(urls(&page), ["https://example.com/shown"]);
    assert_eq!(page.title.as_deref(), Some("page"));
    assert!(!page.robots.noindex);
}

#[rstest]
#[case::closed("</noscript><p>end")]
#[case::never_closed("")]
fn what_browsers_without_scripts_see_is_read(#[case] rest: &str) {
    let page = read(&format!(
        "<div id=app></div><noscript><meta name=robots content=nofollow><meta http-equiv=refresh content='0;/no'>
         <p>Plain words <a href=/plain>plain</a> <img src=/real.jpg alt=real></p>{rest}"
    ));
    assert_eq!(urls(&page), ["https://example.com/plain"]);
    assert!(page.text.unwrap().contains("Plain words plain"));
    assert!(!page.robots.nofollow && page.refresh.is_none());
}

#[test]
fn what_is_within_noscript_ends_with_it() {
    let page = read(
        "<noscript><style>p {}</style><template><a href=/no>no</a><select></noscript><a href=/yes>yes</a>
         <noscript></template><a href=/too>too</a></noscript>",
    );
    let expected = ["/yes", "/too"].map(|path| format!("https://example.com{path}"));
    assert_eq!(urls(&page), expected);
    assert_eq!(page.text.unwrap(), "yes too");
}

#[rstest]
#[case(
    "<title> A \n title &amp; more </title><title>second</title>",
    Some("A title & more")
)]
#[case("<svg><title>drawing</title></svg><title>page</title>", Some("page"))]
#[case("<title></title><title>second</title>", None)]
#[case("<p>no title", None)]
fn the_title_is_the_pages_first(#[case] html: &str, #[case] title: Option<&str>) {
    assert_eq!(read(html).title.as_deref(), title);
}

#[test]
fn a_title_is_cut_at_512_characters() {
    let page = read(&format!("<title>{}</title>", "é".repeat(600)));
    assert_eq!(page.title.unwrap().chars().count(), 512);
}

#[test]
fn a_page_says_of_itself() {
    let page = read(
        "<html lang=de><meta name=Description content='Ein  Satz.'><link rel='nofollow canonical' href=/canonical>
         <meta name=robots content='noindex, nofollow'><meta http-equiv=Refresh content='3; url=next'>",
    );
    let expected = PageMetadata {
        description: Some("Ein Satz.".into()),
        language: Some("de".into()),
        canonical: Some("https://example.com/canonical".into()),
        charset: Some("UTF-8".into()),
        ..PageMetadata::default()
    };
    let metadata = PageMetadata {
        robots: None,
        ..page.metadata
    };
    assert_eq!(metadata, expected);
    assert_eq!(
        page.robots,
        MetaRobots {
            noindex: true,
            nofollow: true
        }
    );
    assert_eq!(
        page.refresh.unwrap().as_str(),
        "https://example.com/docs/next"
    );
}

#[test]
fn text_is_what_a_reader_sees() {
    let page = read(
        "<head><title>t</title><style>p {}</style></head><h1>One  <b>two</b></h1><p>a&amp;b<br>c</p>
         <script>var x</script><template>hidden</template><ul><li>x<li>y</ul><select><option>z</select>",
    );
    assert_eq!(page.text.unwrap(), "One two\na&b\nc\nx\ny");
}

#[rstest]
#[case("<p>a<pre>\n  x\n\n    y\n</pre>b", "a\n  x\n\n    y\nb")]
#[case("<pre>line1<br>line2</pre>", "line1\nline2")]
#[case("<pre><span>a</span>\n<b>  b</b></pre><pre>c</pre>", "a\n  b\nc")]
#[case("<pre><div>a</div><div>b</div></pre>", "a\nb")]
#[case("<p>Caf&eacute &#150; Tom &amp Jerry&#146;s", "Café – Tom & Jerry’s")]
#[case("<b><pre>a\n</b>  b</pre>", "a\n  b")]
#[case("<div><pre>a\n</div> b  c", "a\nb c")]
#[case("<svg><text>no</text></svg>a<svg>no<p>b", "a\nb")]
#[case("<div><select>no</div>a<template>no<div></template>b", "a\nb")]
fn text_keeps_the_lines_of_code(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(read(html).text.unwrap(), expected);
}

#[test]
fn entities_are_those_of_the_standard() {
    let page = read(
        "<title>Caf&eacute &#150; Tom &amp Jerry&#146;s &copy 1999 &#8217 x</title><meta name=description content='&copy=2 &copy; &#150'>
         <a href='?a&copy=2&amp;b'>x</a>",
    );
    assert_eq!(
        page.title.as_deref(),
        Some("Café – Tom & Jerry’s © 1999 ’ x")
    );
    assert_eq!(page.metadata.description.as_deref(), Some("&copy=2 © –"));
    assert_eq!(
        urls(&page),
        ["https://example.com/docs/page.html?a&copy=2&b"]
    );
}

#[test]
fn markdown_keeps_headings_links_and_lists() {
    let page = read(
        "<h1>Head</h1><p>See <a href=\"https://example.com/x\">this</a>.</p><ul><li>one</li></ul><script>no()</script>",
    );
    let markdown = page.markdown.unwrap();
    assert!(markdown.contains("# Head"), "{markdown}");
    assert!(
        markdown.contains("[this](https://example.com/x)"),
        "{markdown}"
    );
    assert!(
        markdown.contains("one") && !markdown.contains("no()"),
        "{markdown}"
    );
}

#[test]
fn markdown_is_what_the_page_is_about() {
    let page = read(
        "<body><header>Banner</header><nav><a href=/>Home</a></nav>
         <main><h1>Head</h1><p>Words.</p></main><aside>Ads</aside><footer>Imprint</footer>",
    );
    assert_eq!(page.markdown.as_deref(), Some("# Head\n\nWords."));
    assert_eq!(
        urls(&page),
        ["https://example.com/"],
        "links are those of the whole page"
    );
    assert!(page.text.unwrap().contains("Imprint"), "and so is text");
}

#[test]
fn a_page_too_deep_for_a_tree_has_its_text_as_markdown() {
    let html = format!("{}deep{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
    assert_eq!(read(&html).markdown.as_deref(), Some("deep"));
    let unclosed = "<div>".repeat(20_000) + "deep";
    assert_eq!(read(&unclosed).markdown.as_deref(), Some("deep"));
}

#[test]
fn a_list_without_end_tags_is_not_deep() {
    let html = format!("<ul>{}</ul>", "<li>item".repeat(2_000));
    assert!(read(&html).markdown.unwrap().lines().count() >= 2_000);
}

#[rstest]
#[case(Some("application/pdf"), 0)]
#[case(Some("image/svg+xml"), 0)]
#[case(Some("application/xhtml+xml"), 1)]
#[case(None, 1)]
fn only_pages_are_read(#[case] content_type: Option<&str>, #[case] links: usize) {
    let page = read_in(b"  <a href=x>x</a>", 3, content_type);
    assert_eq!(page.links.len(), links);
}

#[rstest]
#[case::plain(Some("text/plain"), "a <b>\n  c")]
#[case::markdown(Some("text/markdown"), "# A\n\n<b>")]
#[case::no_type(None, "plain words")]
#[case::a_quoted_declaration(Some("text/plain"), "<meta charset=koi8-r> naïve")]
fn text_is_kept_as_it_is(#[case] content_type: Option<&str>, #[case] text: &str) {
    let page = read_in(text.as_bytes(), 2, content_type);
    assert_eq!(page.text.as_deref(), Some(text));
    assert_eq!(page.markdown.as_deref(), Some(text));
}

#[rstest]
#[case(Some("text/plain"))]
#[case(None)]
fn binary_data_is_no_text(#[case] content_type: Option<&str>) {
    let page = read_in(b"%PDF-1.7\n\x01\x02\x03", 2, content_type);
    assert_eq!(page, Page::default());
}

#[test]
fn xhtml_is_read_as_xml() {
    let page = read_in(
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml' xml:lang='de'><head><title>T</title>
          <script type='text/javascript' src='a.js'/></head><body><p><a id='top'/>one</p><iframe src='/frame'/>
          <p><a href='/next'>two</a></p><textarea/><p><![CDATA[three & four]]></p></body></html>",
        7,
        Some("application/xhtml+xml"),
    );
    assert_eq!(
        urls(&page),
        ["https://example.com/frame", "https://example.com/next"]
    );
    assert_eq!(page.title.as_deref(), Some("T"));
    assert_eq!(page.text.as_deref(), Some("one\ntwo\nthree & four"));
    assert!(page.html.unwrap().contains("CDATA"));
}

proptest! {
    #[test]
    fn how_a_page_was_cut_does_not_matter(
        parts in prop::collection::vec(prop_oneof![
            Just("<a href='x?a&amp;b'>"), Just("</a>"), Just("<title>T&eacute;</title>"), Just("<div>"), Just("</div>"),
            Just("text &lt; more"), Just("é"), Just("<meta charset=utf-8>"), Just("<script>a<b</script>"), Just("<!-- c -->"),
            Just("<"), Just("&"), Just("<base href=/z/>"), Just("\n"),
        ], 0..60),
        chunk in 1_usize..50,
    ) {
        let html: String = parts.concat();
        let whole = read_in(html.as_bytes(), html.len().max(1), Some("text/html"));
        prop_assert_eq!(read_in(html.as_bytes(), chunk, Some("text/html")), whole);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..5_000), chunk in 1_usize..900) {
        let _page = read_in(&bytes, chunk, Some("text/html"));
    }
}
