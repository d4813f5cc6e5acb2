//! Parts of an article's page that say in their heading that they lead to other articles.

use rstest::rstest;

use super::{page_with, prose};

const CARD: &str = "<div><p>xx and <a href=/x>there</a></p></div>";

#[rstest]
#[case::fifty_bytes(35, false)]
#[case::more(36, true)]
fn an_announcement_is_short(#[case] bytes: usize, #[case] is_kept: bool) {
    let heading = format!("<h3>Related articles {}</h3>", prose(bytes));
    let text = page_with(600, &format!("{heading}{CARD}<h3>More</h3>"));
    assert_eq!(text.contains("Related"), is_kept, "{text}");
}

#[rstest]
#[case::a_paragraph(60, true)]
#[case::less(59, false)]
fn a_paragraph_ends_what_is_announced(#[case] bytes: usize, #[case] is_kept: bool) {
    let own = format!("<p>yy {}</p>", prose(bytes - 2));
    let text = page_with(
        800,
        &format!("<h3>Related articles</h3>{CARD}{own}<h3>More</h3>"),
    );
    assert!(!text.contains("xx"), "{text}");
    assert_eq!(text.contains("yy"), is_kept, "{text}");
}

/// An announcement with so many bytes of text outside of links.
fn announced(bytes: usize) -> String {
    let words = prose(bytes - 17);
    format!("<h3>Related articles</h3><p>xx {words} <a href=/x>there</a></p>")
}

#[rstest]
#[case::a_third(400, false)]
#[case::more_than_a_third(399, true)]
fn what_is_announced_holds_a_third_of_a_page_at_most(#[case] bytes: usize, #[case] is_kept: bool) {
    let text = page_with(
        bytes - 8,
        &format!("{}<h3>More</h3><p>One.</p>", announced(200)),
    );
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[test]
fn parts_that_are_announced_hold_a_third_of_a_page_together_at_most() {
    let text = page_with(500, &announced(130).repeat(3));
    assert_eq!(text.matches("xx").count(), 1, "{text}");
}

#[rstest]
#[case::bold("<p><b>Related articles</b></p>")]
#[case::strong("<div><strong>Related articles</strong></div>")]
#[case::a_label("<div><label>Related articles</label></div>")]
#[case::a_span("<div><span>Related articles</span></div>")]
#[case::a_paragraph("<p>Related articles</p>")]
#[case::a_division("<div>Related articles</div>")]
#[case::one_word("<p>Tags</p>")]
#[case::one_word_and_a_colon("<p>Related:</p>")]
#[case::one_word_and_a_dot("<p>Tags.</p>")]
#[case::one_word_and_dots("<p>Related…</p>")]
#[case::in_two_lines("<h4>Related\n  articles</h4>")]
#[case::in_capitals("<h4>RELATED ARTICLES</h4>")]
#[case::with_more_words("<h4>Related articles of ours</h4>")]
#[case::in_another_language("<h4>Ähnliche Beiträge</h4>")]
#[case::bold_in_another_block("<section><b>Related articles</b></section>")]
#[case::strong_in_another_block("<section><strong>Related articles</strong></section>")]
#[case::a_label_in_another_block("<section><label>Related articles</label></section>")]
#[case::a_span_in_another_block("<section><span>Related articles</span></section>")]
#[case::a_heading_in_a_span("<span><h4>Related articles</h4></span>")]
#[case::a_heading_in_a_wrapper("<div><div><h4>Related articles</h4></div></div>")]
fn an_announcement_is_known_by_its_words(#[case] heading: &str) {
    let text = page_with(600, &format!("{heading}{CARD}<h3>More</h3><p>One.</p>"));
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::of_details(
    "<details><summary>Related articles</summary><p>xx and <a href=/x>there</a></p></details>"
)]
#[case::of_a_term("<dl><dt>Related articles<dd>xx and <a href=/x>there</a></dl>")]
#[case::with_a_part_that_has_a_heading_of_its_level(
    "<h3>Related articles</h3><div><h3>Of ours</h3><p>xx and <a href=/x>there</a></p></div>"
)]
#[case::with_a_part_that_has_an_empty_heading(
    "<h3>Related articles</h3><div><h2></h2><p>xx and <a href=/x>there</a></p></div>"
)]
#[case::with_a_lower_heading_below(
    "<h3>Related articles</h3><h4>Of ours</h4><p>xx and <a href=/x>there</a></p>"
)]
fn what_is_announced_goes_with_its_heading(#[case] part: &str) {
    let text = page_with(600, &format!("{part}<h3>More</h3><p>One.</p>"));
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::further_on("<h3>The related articles</h3><p>xx</p>")]
#[case::a_word_that_begins_like_one("<h3>Relatedness</h3><p>xx</p>")]
#[case::a_quote("<blockquote>Related articles</blockquote><p>xx</p>")]
#[case::a_line_of_blocks("<div><p>Related</p><p>articles</p></div><p>xx</p>")]
#[case::a_word_within_a_sentence("<div><span>Related</span> are xx.</div>")]
#[case::behind_a_heading_of_the_same_level(
    "<h3>Related articles</h3><p><a href=/y>y</a></p><h3>More</h3><p>xx</p>"
)]
#[case::behind_a_higher_heading(
    "<h3>Related articles</h3><p><a href=/y>y</a></p><div><h2>More</h2><p>xx</p></div>"
)]
#[case::behind_a_heading_after_a_line(
    "<p>Related articles</p><p><a href=/y>y</a></p><h4>More</h4><p>xx</p>"
)]
fn what_is_not_announced_is_kept(#[case] part: &str) {
    let text = page_with(600, &format!("{part}<p>One.</p>"));
    assert!(text.contains("xx"), "{text}");
}

#[test]
fn announcements_in_what_is_left_out_anyway_do_not_count() {
    let part = announced(170);
    let text = page_with(400, &format!("<nav>{part}</nav>{part}"));
    assert!(!text.contains("xx"), "{text}");
}
