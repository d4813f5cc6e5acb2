//! Blocks of nothing but links, and headings under which nothing is left.

use rstest::rstest;

use super::{markdown, page_with, prose};

fn has_link(text: &str) -> bool {
    text.contains("https://h.example/x")
}

/// So many words' bytes before a link with so many.
fn words_and_link(words: usize, link: usize) -> String {
    format!("{} <a href=/x>{}</a>", prose(words), prose(link))
}

#[rstest]
fn a_block_of_which_four_fifths_are_links_is_left_out(
    #[values("p", "dl", "article", "div", "header", "ol", "section", "ul")] element: &str,
) {
    for (words, is_kept) in [(21, false), (22, true)] {
        let mut content = words_and_link(words, 84);
        if element == "dl" {
            content = format!("<dt></dt><dd>{content}</dd>");
        }
        let part = format!("<{element}>{content}</{element}><div>One.</div>");
        let text = page_with(600, &part);
        assert_eq!(has_link(&text), is_kept, "{words}: {text}");
    }
}

#[rstest]
#[case::a_name("<p>{link}</p>", "<p>explained</p>", true)]
#[case::a_list("<ul><li>{link}</ul>", "<p>explained</p>", true)]
#[case::deep_in_its_cell(
    "<div><div><div><p>{link}</p></div></div></div>",
    "<p>explained</p>",
    true
)]
#[case::nothing_beside_it("<p>{link}</p>", "", false)]
#[case::links_beside_it("<p>{link}</p>", "<p><a href=/y>another one</a></p>", false)]
fn links_are_the_value_of_a_cell_whose_row_has_text(
    #[case] cell: &str,
    #[case] beside: &str,
    #[case] is_kept: bool,
) {
    let cell = cell.replace("{link}", "<a href=/x>asyncio.run</a>");
    let table = format!("<table><tr><td>{cell}</td><td>{beside}</td></tr></table>");
    let text = page_with(600, &table);
    assert_eq!(has_link(&text), is_kept, "{text}");
}

#[rstest]
#[case::a_record(979, true)]
#[case::a_layout(980, false)]
fn a_long_row_lays_the_page_out(#[case] bytes: usize, #[case] is_kept: bool) {
    let link = format!("<a href=/x>{}</a>", prose(21));
    let beside = prose(bytes);
    let table = format!("<table><tr><td><p>{link}</p></td><td>{beside}</td></tr></table>");
    let text = page_with(600, &table);
    assert_eq!(has_link(&text), is_kept, "{text}");
}

#[rstest]
#[case::a_label(30, 70, false)]
#[case::a_longer_label(31, 69, true)]
#[case::more_links(30, 71, true)]
#[case::as_many_words_as_links(30, 30, true)]
#[case::a_few_more_links(30, 31, false)]
fn a_line_of_links_has_a_short_label(
    #[case] words: usize,
    #[case] links: usize,
    #[case] is_kept: bool,
) {
    let content = words_and_link(words, links);
    let text = page_with(600, &format!("<div>{content}</div>"));
    assert_eq!(has_link(&text), is_kept, "{text}");
}

#[rstest]
#[case::as_much_as_text(600, false)]
#[case::more_than_text(601, true)]
fn links_that_outweigh_the_text_are_kept(#[case] bytes: usize, #[case] is_kept: bool) {
    let list = format!("<div><ul><li><a href=/x>{}</a></ul></div>", prose(bytes));
    let text = page_with(600, &list);
    assert_eq!(has_link(&text), is_kept, "{text}");
}

#[rstest]
#[case::a_title("<div><a href=/x><h1>The title of it all</h1></a></div>")]
#[case::a_heading_and_a_line(
    "<div><h3>Label words</h3><p>and there <a href=/x>words of a link that is there</a></p></div>"
)]
#[case::a_table(
    "<div><table><tr><th>a<th>b<tr><td><a href=/x>one</a><td><a href=/y>two</a></table></div>"
)]
#[case::words_beside_a_picture(
    "<figure><img src=/p.png> Words of it <a href=/x>and a link that is as long as they are</a></figure>"
)]
#[case::behind_a_paragraph_without_text("<p>One.</p><p></p><p><a href=/x>x</a></p><p>Two.</p>")]
#[case::a_late_colon("<p><a href=/x>wordwordwordwordwordwordwordwo: x</a></p><p>Two.</p>")]
#[case::a_picture_in_a_block("<div><a href=/x><img src=/p.png></a></div>")]
#[case::text_beside_it("<div>Words <a href=/x>x</a><p>One.</p></div>")]
#[case::an_element_beside_it("<div><b>Words</b> <a href=/x>x</a><p>One.</p></div>")]
#[case::no_block_beside_it("<blockquote><a href=/x>x</a></blockquote>")]
#[case::a_block_that_is_no_list(
    "<blockquote>Here: <a href=/x>wordwordwordwordwordwordword</a></blockquote>"
)]
fn links_that_are_text_are_kept(#[case] part: &str) {
    let text = page_with(600, part);
    assert!(has_link(&text), "{text}");
}

#[rstest]
#[case::two_paragraphs("<p><a href=/x>x</a></p><p><a href=/x>x</a></p><p>Two.</p>")]
#[case::an_early_colon("<p><a href=/x>wordwordwordwordwordwordwordw: x</a></p><p>Two.</p>")]
#[case::an_announcement(
    "<p><a href=/x>Read more of all that was ever written about this place by anybody at all</a></p><p>Two.</p>"
)]
#[case::before_a_break("<div><a href=/x>x</a><br><p>One.</p></div>")]
#[case::beside_a_picture("<div><img src=/p.png><a href=/x>x</a><p>One.</p></div>")]
#[case::beside_a_script("<div><script>x()</script><a href=/x>x</a><p>One.</p></div>")]
#[case::beside_a_drawing("<div><svg></svg><a href=/x>x</a><p>One.</p></div>")]
#[case::beside_another("<div><a href=/x>x</a><a href=/x>x</a><p>One.</p></div>")]
#[case::in_a_note("<aside class=note><a href=/x>x</a></aside>")]
#[case::beside_a_comment("<div><!-- x --><a href=/x>x</a> <p>One.</p></div>")]
fn links_that_lead_elsewhere_are_left_out(#[case] part: &str) {
    let text = page_with(600, part);
    assert!(!has_link(&text), "{text}");
}

#[test]
fn a_place_for_links_to_it_is_no_link() {
    let text = page_with(
        600,
        "<div><a name=x>A place</a><p>One of them, and another one.</p></div>",
    );
    assert!(text.contains("A place"), "{text}");
}

#[test]
fn links_in_what_is_left_out_anyway_do_not_count() {
    let list = format!("<ul><li><a href=/x>{}</a></ul>", prose(400));
    let text = page_with(600, &format!("<nav>{list}</nav>{list}"));
    assert!(!has_link(&text), "{text}");
}

const LINKS: &str = "<ul><li><a href=/x>x</a></ul>";

#[rstest]
#[case::the_last(&format!("<h2>Gone</h2>{LINKS}"))]
#[case::before_one_of_the_same_level(&format!("<h2>Gone</h2>\n{LINKS}\n<h2>More</h2><p>One.</p>"))]
#[case::before_a_higher_one(&format!("<h3>Gone</h3>{LINKS}<h2>More</h2><p>One.</p>"))]
#[case::within_another(&format!("<h2>Gone</h2><h3>Gone</h3>{LINKS}<h2>More</h2><p>One.</p>"))]
fn a_heading_under_which_nothing_is_left_goes_too(#[case] part: &str) {
    let words = prose(600);
    let text = markdown(&format!("<main><h1>All</h1><p>{words}</p>{part}</main>"));
    assert!(!text.contains("Gone"), "{text}");
}

#[rstest]
#[case::a_title(&format!("<h1>Kept</h1>{LINKS}"))]
#[case::with_a_lower_one_below(&format!("<h2>Kept</h2>{LINKS}<h3>More</h3><p>One.</p>"))]
#[case::with_a_picture(&format!("<h2>Kept</h2>{LINKS}<img src=/p.png>"))]
#[case::with_text(&format!("<h2>Kept</h2>{LINKS}<p>One.</p>"))]
#[case::with_nothing_from_the_start("<h2>Kept</h2><h2>More</h2><p>One.</p>")]
#[case::with_an_empty_list("<h2>Kept</h2><nav> </nav><h2>More</h2><p>One.</p>")]
#[case::before_text_whose_links_go(&format!("<h2>Kept</h2><p>One.</p>{LINKS}"))]
#[case::before_another_whose_links_go(&format!("<h2>Kept</h2><h2>More</h2>{LINKS}<p>One.</p>{LINKS}"))]
fn a_heading_with_something_under_it_stays(#[case] part: &str) {
    let words = prose(600);
    let text = markdown(&format!("<main><h1>All</h1><p>{words}</p>{part}</main>"));
    assert!(text.contains("Kept"), "{text}");
}
