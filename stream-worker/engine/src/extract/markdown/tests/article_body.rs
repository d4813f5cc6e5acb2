//! The body of an article, by its name.

use rstest::rstest;

use super::{markdown, prose};

/// The Markdown of an article with a body of so many bytes in an element with this name, and a remark behind it.
fn article(before: &str, body: &str, remark: usize) -> String {
    let remark = prose(remark - 2);
    markdown(&format!(
        "<main>{before}{body}<div>yy {remark}</div></main>"
    ))
}

fn body(bytes: usize) -> String {
    format!("<div class=entry-content>{}</div>", prose(bytes))
}

#[rstest]
#[case::three_fifths(180, 120, false)]
#[case::less(180, 121, true)]
#[case::of_two_hundred_bytes(120, 80, false)]
#[case::of_less(120, 79, true)]
fn a_body_holds_three_fifths_of_the_text(
    #[case] bytes: usize,
    #[case] remark: usize,
    #[case] is_kept: bool,
) {
    let text = article("", &body(bytes), remark);
    assert_eq!(text.contains("yy"), is_kept, "{text}");
}

#[rstest]
#[case::sixty_bytes("p", 60, true)]
#[case::less("p", 59, false)]
#[case::as_a_heading("h2", 60, true)]
#[case::in_another_element("div", 60, false)]
fn an_introduction_stands_between_the_title_and_the_body(
    #[case] element: &str,
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let introduction = format!("<{element}>xx {}</{element}>", prose(bytes - 2));
    let text = article(&format!("<h1>Title</h1>{introduction}"), &body(300), 20);
    assert!(text.contains("# Title"), "{text}");
    assert_eq!(text.contains("xx"), is_kept, "{text}");
    let text = article(&format!("{introduction}<h1>Title</h1>"), &body(300), 20);
    assert!(!text.contains("xx"), "above the title: {text}");
    let text = article(&introduction, &body(300), 20);
    assert!(!text.contains("xx"), "without a title: {text}");
}

#[test]
fn the_title_is_the_last_above_the_body_that_says_something() {
    let text = article("<h1>xx</h1><h1>Title</h1><h1></h1>", &body(300), 20);
    assert!(text.starts_with("# Title\n\nword"), "{text}");
}

#[test]
fn a_body_with_a_title_needs_none_above_it() {
    let own = format!(
        "<div class=entry-content><h1>Title</h1>{}</div>",
        prose(300)
    );
    let text = article("<h1>xx</h1>", &own, 20);
    assert!(text.starts_with("# Title"), "{text}");
}

#[test]
fn the_innermost_body_is_the_one() {
    let own = format!("<div class=post><p>xx</p>{}</div>", body(300));
    let text = article("", &own, 20);
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::of_an_article("<article class=entry>", "</article>", true)]
#[case::of_a_section("<section class=entry>", "</section>", true)]
#[case::of_a_cell("<table><tr><td class=entry>", "</table>", true)]
#[case::with_a_long_name("<div class=blog__post__content>", "</div>", true)]
#[case::with_underscores("<div class=article__body>", "</div>", true)]
#[case::with_one_underscore("<div id=article_body>", "</div>", true)]
#[case::in_capitals("<div class=EntryContent-x itemprop=articleBody>", "</div>", true)]
#[case::of_another_element("<blockquote class=entry>", "</blockquote>", false)]
#[case::another_name("<div class=entries>", "</div>", false)]
#[case::another_meaning("<div itemprop=description>", "</div>", false)]
fn a_body_is_known_by_its_name(#[case] open: &str, #[case] close: &str, #[case] is_body: bool) {
    let text = article("", &format!("{open}<p>{}</p>{close}", prose(300)), 20);
    assert_eq!(!text.contains("yy"), is_body, "{text}");
}

#[test]
fn a_body_that_is_left_out_is_none() {
    let hidden = format!("<div class=entry-content role=banner>{}</div>", prose(300));
    let text = article("", &hidden, 250);
    assert!(text.contains("yy"), "{text}");
}

#[test]
fn a_body_may_stand_within_other_parts() {
    let wrapped = format!("<div><section>{}</section></div>", body(300));
    let text = article("", &wrapped, 20);
    assert!(text.starts_with("word") && !text.contains("yy"), "{text}");
}
