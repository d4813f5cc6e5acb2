//! Boilerplate that its names name: how much it may hold, and which names count.

use rstest::rstest;

use super::{markdown, page_with, prose};

/// A part that is named as buttons for sharing, with so many bytes of text.
fn share(bytes: usize) -> String {
    format!("<div class=share>xx {}</div>", prose(bytes - 2))
}

#[rstest]
#[case::half(300, 300, false)]
#[case::more_than_half(299, 300, true)]
#[case::half_beside_an_article(500, 500, false)]
#[case::more_than_half_beside_an_article(500, 501, true)]
fn a_named_part_holds_half_of_a_page_at_most(
    #[case] article: usize,
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let text = page_with(article, &share(bytes));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::half_of_a_page(499, 250, 249, false)]
#[case::more_than_half_of_a_page(499, 250, 250, true)]
#[case::more_than_half_beside_an_article(500, 250, 251, false)]
#[case::two_thirds_beside_an_article(500, 500, 500, false)]
#[case::more_than_two_thirds(500, 500, 501, true)]
fn parts_of_one_kind_leave_an_article(
    #[case] bytes: usize,
    #[case] one: usize,
    #[case] other: usize,
    #[case] is_kept: bool,
) {
    let text = page_with(bytes, &(share(one) + &share(other)));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::a_third(200, false)]
#[case::more_than_a_third(199, true)]
fn a_named_part_with_a_table_holds_a_third_of_a_page_at_most(
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let table = "<table><tr><td>1<td>2<tr><td>3<td>4</table>";
    let part = format!("<div class=share>xx {}{table}</div>", prose(94));
    let text = page_with(bytes, &part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::in_the_first_half(300, 300, true)]
#[case::in_the_second_half(302, 300, false)]
fn a_title_in_a_named_part_stands_above_the_text(
    #[case] before: usize,
    #[case] behind: usize,
    #[case] is_kept: bool,
) {
    let (before, behind) = (prose(before), prose(behind - 2));
    let text = markdown(&format!(
        "<main><p>{before}</p><div class=share><h1>xx</h1></div><p>{behind}</p></main>"
    ));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[test]
fn a_named_part_above_the_text_of_a_page_without_a_title_is_left_out() {
    let words = prose(300);
    let text = markdown(&format!(
        "<main><div class=share>xx</div><p>{words}</p></main>"
    ));
    assert!(!text.contains("xx"), "{text}");
}

#[test]
fn one_of_two_titles_may_be_in_a_named_part() {
    let words = prose(300);
    let text = markdown(&format!(
        "<main><div class=share><h1>xx</h1></div><h1>Title</h1><p>{words}</p></main>"
    ));
    assert!(!text.contains("xx"), "{text}");
}

#[test]
fn buttons_for_sharing_are_left_out_of_documentation_too() {
    let text = page_with(300, "<pre>let y;</pre><div class=share>xx</div>");
    assert!(!text.contains("xx"), "{text}");
}

#[test]
fn code_outside_of_the_main_part_makes_a_page_documentation() {
    let words = prose(300);
    let text = markdown(&format!(
        "<body><pre>let y;</pre><main><p>{words} <span class=post-ratings>xx</span></p></main></body>"
    ));
    assert!(text.contains("xx"), "{text}");
}

/// A page of an article with so many bytes, and comments with so many, each within another one.
fn commented(article: usize, comments: usize) -> String {
    let (article, comments) = (prose(article), prose(comments - 2));
    markdown(&format!(
        "<body><div><p>{article}</p></div>\
         <div class=comments><div class=comment>xx {comments}</div></div></body>"
    ))
}

#[rstest]
#[case::an_article(500, 2000, false)]
#[case::less(499, 1990, true)]
#[case::more_comments(500, 2001, true)]
fn comments_hold_four_fifths_of_a_page_with_an_article_at_most(
    #[case] article: usize,
    #[case] comments: usize,
    #[case] is_kept: bool,
) {
    let text = commented(article, comments);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::a_title("<div class=comments><h1>xx</h1></div>")]
#[case::code("<div class=comments><pre>xx</pre></div>")]
#[case::lines_of_code("<pre class=comment>xx</pre>")]
fn what_only_content_has_is_no_comment(#[case] part: &str) {
    let words = prose(900);
    let text = markdown(&format!("<main>{part}<p>{words}</p></main>"));
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
#[case::two_words("id=related-posts")]
#[case::four_words_that_no_hyphen_joins("id=my_blog_related_posts")]
#[case::numbers_are_no_words("id=related_2_3_4_5_posts")]
#[case::a_reply("class=reply-form")]
#[case::a_comment("class=Comment")]
#[case::a_second_word("class=my-related")]
#[case::a_part_of_a_word("class=tx-relatedlist")]
#[case::words_without_hyphens("class=nextPostNav")]
#[case::a_part_of_a_word_in_capitals("class=MYSHAREBOX")]
#[case::in_capitals("class=SHARE")]
#[case::not_printed("class=hidden-print")]
#[case::not_printed_by_a_library("class=d-print-none")]
#[case::for_a_script("class=js-reply")]
#[case::with_a_number("class=sidebar2")]
fn a_name_counts(#[case] name: &str) {
    let text = page_with(600, &format!("<div {name}>xx <a href=/x>x</a> words</div>"));
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::an_id_of_three_words("id=related-posts-list")]
#[case::an_id_of_five_words("id=my_own_blog_related_posts")]
#[case::a_reply_further_on("class=no_reply")]
#[case::a_state("class=has-share")]
#[case::in_one_word_with_others("class=shaREd")]
fn another_name_does_not_count(#[case] name: &str) {
    let text = page_with(600, &format!("<div {name}>xx <a href=/x>x</a> words</div>"));
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
fn names_of_some_elements_do_not_count(
    #[values("article", "h1", "a", "code", "table", "tbody", "tr", "td", "th")] element: &str,
) {
    let part = match element {
        "tbody" | "tr" | "td" | "th" => {
            let row = format!("<td>a<td>b<{element} class=share>xx");
            match element {
                "tbody" => "<table><tbody class=share><tr><td>xx<td>a<tr><td>b<td>c</table>".into(),
                "tr" => "<table><tr><td>a<td>b<tr class=share><td>xx<td>c</table>".into(),
                _ => format!("<table><tr><td>a<td>b<td>c<tr>{row}</table>"),
            }
        }
        "table" => "<table class=share><tr><td>xx<td>a<tr><td>b<td>c</table>".into(),
        "a" => "<p>Words <a class=share href=/x>xx</a> words.</p>".into(),
        _ => format!("<{element} class=share>xx</{element}>"),
    };
    let text = page_with(600, &part);
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
#[case::an_anchor("<h2 id=share>xx</h2><p>One.</p>", true)]
#[case::a_class_of_a_heading("<h2 class=share>xx</h2><p>One.</p>", false)]
#[case::the_id_of_a_section("<section id=share>xx</section>", true)]
#[case::the_id_of_a_section_by_its_class("<div class=section id=share>xx</div>", true)]
#[case::the_id_of_a_division("<div id=share>xx</div>", false)]
#[case::the_id_of_an_aside("<footer id=share>xx</footer>", false)]
#[case::the_id_of_a_list("<ul id=share><li>xx</ul>", false)]
fn an_id_is_a_name_where_nothing_links_to_it(#[case] part: &str, #[case] is_kept: bool) {
    let text = page_with(600, part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::two_hundred_bytes(200, true)]
#[case::less(199, false)]
fn what_holds_the_body_of_an_article_is_no_boilerplate(
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let body = format!("<div class=entry-content>xx {}</div>", prose(bytes - 2));
    let text = page_with(600, &format!("<div class=widget>{body}</div>"));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::comments("comments", "entry-content")]
#[case::with_another_name("widget", "text")]
#[case::with_the_name_of_an_entry("widget", "entry")]
#[case::with_the_name_of_a_post("widget", "post")]
fn other_boilerplate_may_hold_as_much(#[case] name: &str, #[case] inner: &str) {
    let body = format!("<div class={inner}>xx {}</div>", prose(300));
    let text = page_with(900, &format!("<div class={name}>{body}</div>"));
    assert!(!text.contains("xx"), "{text}");
}

#[test]
fn comments_are_left_out_even_if_other_names_are_not_believed() {
    let part = |name: &str| format!("<div class={name}>{}</div>", prose(300));
    let parts: String = ["ad", "menu", "bio", "share", "newsletter"]
        .map(part)
        .concat();
    let text = markdown(&format!("<main><div class=comments>xx</div>{parts}</main>"));
    assert!(text.contains("word") && !text.contains("xx"), "{text}");
}

#[test]
fn a_form_is_left_out_whatever_it_is_called() {
    let text = page_with(600, "<form class=f id=g><label>xx</label></form>");
    assert!(!text.contains("xx"), "{text}");
}
