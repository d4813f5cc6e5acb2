//! The links of a page.

use rstest::rstest;

use super::*;

#[test]
fn a_blank_before_a_place_belongs_to_the_path() {
    let page = read("<a href='/a #b'>1</a><a href='/a#b'>2</a><a href=' /c '>3</a>");
    let expected = ["/a%20", "/a", "/c"].map(|path| format!("https://example.com{path}"));
    assert_eq!(urls(&page), expected);
}

#[test]
fn links_are_absolute_unique_and_in_order() {
    let page = read(
        "<a href='b'>1</a> <a href=\"/c?x=1&amp;y=2#part\">2</a> <a href=b#again>3</a> <area href=//other.example/d>
         <a href=mailto:x@example.com>4</a> <a href='javascript:void(0)'>5</a> <a href='ftp://example.com/'>6</a>
         <a href='http://u:p@example.com/'>7</a> <iframe src=frame></iframe> <a>8</a>",
    );
    let expected = [
        "https://example.com/docs/b",
        "https://example.com/c?x=1&y=2",
        "https://other.example/d",
        "https://example.com/docs/frame",
    ];
    assert_eq!(urls(&page), expected);
    assert_eq!(page.link_count, 4);
}

#[test]
fn a_base_moves_links_and_only_the_first_one_counts() {
    let page = read("<base href=/root/><base href=/other/><a href=x>x</a>");
    assert_eq!(urls(&page), ["https://example.com/root/x"]);
}

#[rstest]
#[case::below_the_link("<a href=x>1</a><base href=/dir/>", "https://example.com/dir/x")]
#[case::no_url(
    "<base href='http://[bad/'><base href=/dir/><a href=x>",
    "https://example.com/docs/x"
)]
#[case::of_a_template(
    "<template><base href=/wrong/></template><a href=/x>",
    "https://example.com/x"
)]
#[case::data("<base href='data:,x'><a href=x>", "https://example.com/docs/x")]
fn a_base_counts_wherever_a_browser_sees_it(#[case] html: &str, #[case] url: &str) {
    assert_eq!(urls(&read(html)), [url]);
}

#[test]
fn queries_are_in_the_encoding_of_the_page_and_paths_in_utf8() {
    let html = "<meta charset=windows-1251><a href=\"/s?q=привет\">x</a><a href=\"/дом\">y</a><a href=\"/e?q=€&amp;r=語\">z</a>";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(html);
    let page = read_in(&bytes, 5, Some("text/html"));
    let expected = [
        "https://example.com/s?q=%EF%F0%E8%E2%E5%F2",
        "https://example.com/%D0%B4%D0%BE%D0%BC",
        "https://example.com/e?q=%88&r=%26%2335486%3B",
    ];
    assert_eq!(urls(&page), expected);
}

#[test]
fn a_link_is_nofollow_if_all_of_its_kind_are() {
    let page =
        read("<a rel='ugc nofollow' href=a>1</a><a rel=nofollow href=b>2</a><a href=b>3</a>");
    let nofollow: Vec<bool> = page.links.iter().map(|link| link.nofollow).collect();
    assert_eq!(nofollow, [true, false]);
}

#[test]
fn links_past_the_cap_are_counted() {
    let html: String = (0..10_100)
        .map(|number| format!("<a href={number}>x</a>"))
        .collect();
    let page = read(&html);
    assert_eq!((page.links.len(), page.link_count), (10_000, 10_100));
}

#[test]
fn places_of_one_page_are_one_link() {
    let places: String = (0..10_100)
        .map(|number| format!("<a href='p#{number}'>x</a>"))
        .collect();
    let page = read(&(places + "<a href='#top'>x</a><a href=last>x</a>"));
    let expected = ["docs/p", "docs/page.html", "docs/last"];
    assert_eq!(
        urls(&page),
        expected.map(|path| format!("https://example.com/{path}"))
    );
}

#[rstest]
#[case::http("HTTP://example.com/x", "http://example.com/x")]
#[case::https("HttpS://b.example/x", "https://b.example/x")]
#[case::no_scheme("x:80", "")]
#[case::a_scheme_with_signs("web+x.y-z:80", "")]
#[case::a_user("http://u@example.com/", "")]
#[case::a_password("http://:p@example.com/", "")]
#[case::another_scheme("ftp://example.com/", "")]
fn a_link_leads_to_a_page(#[case] href: &str, #[case] url: &str) {
    let page = read(&format!("<a href='{href}'>x</a>"));
    assert_eq!(urls(&page).concat(), url);
}

#[rstest]
#[case::that_may_be_fetched(8 * 1024, 1)]
#[case::longer(8 * 1024 + 1, 0)]
fn a_link_has_a_length(#[case] length: usize, #[case] links: usize) {
    let page = read(&format!("<a href={}>x</a>", "x".repeat(length)));
    assert_eq!(page.links.len(), links);
}

#[rstest]
#[case("<base href='javascript:x'><a href=x>", "https://example.com/docs/x")]
#[case("<base href='ftp://a.example/'><a href=x>", "")]
#[case("<base href='http://u@a.example/'><a href=x>", "")]
fn a_base_is_a_page(#[case] html: &str, #[case] url: &str) {
    assert_eq!(urls(&read(html)).concat(), url);
}

#[test]
fn queries_of_a_page_in_utf_16_are_in_utf_8() {
    let bytes: Vec<u8> = "\u{feff}<a href='?q=é'>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let page = read_in(&bytes, 5, Some("text/html"));
    assert_eq!(urls(&page), ["https://example.com/docs/page.html?q=%C3%A9"]);
}

#[rstest]
#[case("rel=nofollow", true)]
#[case("rel='noopener NoFollow'", true)]
#[case("rel='noopener external'", false)]
#[case("rel=nofollowed", false)]
#[case("rel=noopener rel=nofollow", false)]
#[case("rel=nofollow rel=noopener", true)]
#[case("", false)]
fn a_link_says_that_it_is_not_to_be_followed(#[case] attributes: &str, #[case] nofollow: bool) {
    let page = read(&format!("<a {attributes} href=/a href=/b>x</a>"));
    assert_eq!(
        urls(&page),
        ["https://example.com/a"],
        "the first attribute counts"
    );
    let link = page.links.iter().next().unwrap();
    assert_eq!(link.nofollow, nofollow);
}

#[rstest]
#[case::a_frame("<template><iframe src=/x></iframe></template>", 0)]
#[case::a_shadow_root_in_a_template(
    "<template><template shadowrootmode=open><a href=/x>x</a></template></template>",
    0
)]
#[case::a_template_in_a_shadow_root(
    "<template shadowrootmode=open><template><a href=/x>x</a></template><a href=/y>y</a></template>",
    1
)]
#[case::behind_a_template("<template></template><iframe src=/x></iframe>", 1)]
fn what_is_in_a_template_is_no_link(#[case] html: &str, #[case] links: usize) {
    assert_eq!(read(html).links.len(), links);
}
