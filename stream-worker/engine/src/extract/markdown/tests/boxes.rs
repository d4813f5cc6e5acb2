//! Boxes within an article: which of them speak of something else, and how much they may hold.

use rstest::rstest;

use super::{markdown, page_with, prose};

/// A box with so many bytes of text outside of links, and in them.
fn a_box(prose_bytes: usize, link_bytes: usize) -> String {
    let (words, link) = (prose(prose_bytes), prose(link_bytes));
    format!("<div class=infobox><p>{words} <a href=/x>{link}</a></p></div>")
}

fn has_box(text: &str) -> bool {
    text.contains("https://h.example/x")
}

#[rstest]
#[case::a_tenth(100, 20, 900, false)]
#[case::more_than_a_tenth(100, 20, 899, true)]
#[case::links_do_not_count(60, 200, 540, false)]
#[case::eight_hundred_bytes(200, 600, 1800, false)]
#[case::more_than_eight_hundred_bytes(200, 601, 1800, true)]
#[case::on_a_page_of_two_hundred_bytes(20, 20, 180, false)]
#[case::on_a_shorter_page(19, 20, 180, true)]
fn a_box_is_small(
    #[case] prose: usize,
    #[case] links: usize,
    #[case] article: usize,
    #[case] is_kept: bool,
) {
    let text = page_with(article, &a_box(prose, links));
    assert_eq!(has_box(&text), is_kept, "{text}");
}

#[rstest]
#[case::a_quarter(900, false)]
#[case::more_than_a_quarter(899, true)]
fn boxes_hold_a_quarter_of_a_page_together_at_most(#[case] article: usize, #[case] is_kept: bool) {
    let text = page_with(article, &a_box(100, 20).repeat(3));
    assert_eq!(has_box(&text), is_kept, "{text}");
}

#[test]
fn boxes_within_each_other_are_one() {
    let inner = format!("<div><div>{}</div></div>", a_box(90, 20));
    let two = format!("<div class=box>x <div>{inner}</div></div>");
    let text = page_with(900, &format!("<div class=box>x <div>{two}</div></div>"));
    assert!(!has_box(&text), "{text}");
}

#[test]
fn boxes_in_what_is_left_out_anyway_do_not_count() {
    let sidebar = format!("<nav>{}</nav>", a_box(100, 20).repeat(4));
    let text = page_with(900, &format!("{sidebar}{}", a_box(100, 20)));
    assert!(!has_box(&text), "{text}");
}

#[rstest]
#[case::an_aside("aside", "box")]
#[case::a_division("div", "box")]
#[case::a_section("section", "box")]
#[case::an_element_of_its_own("x-box", "box")]
#[case::a_word_of_several("div", "box-large")]
#[case::the_end_of_a_word("div", "infobox")]
#[case::in_capitals("div", "InfoBOX")]
#[case::in_german("div", "kasten")]
fn a_box_is_known_by_its_name(#[case] element: &str, #[case] class: &str) {
    let link = prose(20);
    let part = format!(
        "<{element} class={class}><p>Of it, in a few words:</p><p>More <a href=/x>{link}</a></p></{element}>"
    );
    let text = page_with(300, &part);
    assert!(!has_box(&text), "{text}");
}

#[rstest]
#[case::a_paragraph("p", "box")]
#[case::a_list("ul", "box")]
#[case::the_beginning_of_a_word("div", "boxed")]
#[case::for_a_choice("div", "checkbox")]
#[case::for_a_layout("div", "flexbox")]
#[case::for_a_layout_in_two_words("div", "flex-box")]
#[case::for_pictures("div", "lightbox")]
#[case::for_pictures_of_a_kind("div", "img-lightbox-open")]
fn another_part_is_no_box(#[case] element: &str, #[case] class: &str) {
    let link = prose(20);
    let part = format!(
        "<{element} class={class}>Of it: more <a href=/x>{link}</a></{element}><p>One.</p>"
    );
    let text = page_with(300, &part);
    assert!(has_box(&text), "{text}");
}

#[rstest]
#[case::a_title("<h1>Of it</h1>")]
#[case::a_table("<table><tr><th>a<th>b<tr><td>1<td>2</table>")]
fn a_box_holds_nothing_that_only_content_has(#[case] content: &str) {
    let part =
        format!("<div class=box><p>Of it:</p>{content}<p>More <a href=/x>there</a></p></div>");
    let text = page_with(300, &part);
    assert!(has_box(&text), "{text}");
}

#[test]
fn a_box_that_the_page_calls_its_main_part_is_kept() {
    let text = markdown(&format!(
        "<div role=main><p>{}</p></div><div role=main class=box>Of it: <a href=/x>more</a></div>",
        prose(300)
    ));
    assert!(has_box(&text), "{text}");
}
