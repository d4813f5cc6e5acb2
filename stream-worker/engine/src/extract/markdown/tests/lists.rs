//! Lists: their items, their numbers, and the empty lines between them.

use rstest::rstest;

use super::{markdown, whole_markdown};

#[rstest]
#[case::a_number_after_a_paragraph("<p>x</p><ol start=2><li>a<li>b</ol>", "x\n\n2. a\n3. b")]
#[case::in_an_item("<ul><li>x<ol start=2><li>a</ol></ul>", "- x\n\n  2. a")]
#[case::from_one_in_an_item("<ul><li>x<ol><li>a</ol></ul>", "- x\n  1. a")]
#[case::two_lists("<ol><li>a</ol><ol><li>b<li value=7>c</ol>", "1. a\n\n1) b\n7) c")]
#[case::the_largest_number("<ol start=999999999><li>a<li>b</ol>", "999999999. a\n999999999. b")]
#[case::a_larger_number("<ol start=1000000000><li>a</ol>", "1. a")]
#[case::no_number("<ol start=x><li>a<li value=-1>b</ol>", "1. a\n2. b")]
fn items_have_their_numbers(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case::an_empty_item("<ol><li>a<li> <li>b</ol>", "1. a\n2. b")]
#[case::a_hidden_item("<ol><li>a<li><script>x()</script><li>b</ol>", "1. a\n2. b")]
#[case::nothing_but_empty_items("<ul><li></ul><ul><li>a</ul>", "- a")]
#[case::a_list_right_in_a_list("<ul><li>a</li><ul><li>b</ul><li>c</ul>", "- a\n\n  - b\n\n- c")]
#[case::text_in_a_list("<ul>x<li>a</ul>", "- x\n- a")]
#[case::another_element_in_a_list("<ul><p>x</p><li>a</ul>", "- x\n- a")]
#[case::a_box_of_tasks_only(
    "<ul><li><input type=radio checked>a<li><label><input type=checkbox>b</label></ul>",
    "- a\n- [ ] b"
)]
fn a_list_has_the_items_that_say_something(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(whole_markdown(html), expected);
}

#[rstest]
#[case::a_paragraph_each("<ul><li><p>a</p><li><div>b</div></ul>", "- a\n- b")]
#[case::a_list_below("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c")]
#[case::text_around_a_list("<ul><li>a<ul><li>b</ul>x<li>c</ul>", "- a\n\n  - b\n\n  x\n\n- c")]
#[case::two_paragraphs("<ul><li><p>a</p><p>b</p><li>c</ul>", "- a\n\n  b\n\n- c")]
#[case::a_paragraph_behind_text("<ul><li>a<p>b</p><li>c</ul>", "- a\n\n  b\n\n- c")]
#[case::a_block("<ul><li>a<pre>b</pre><li>c</ul>", "- a\n\n  ```\n  b\n  ```\n\n- c")]
#[case::a_block_within_a_paragraph(
    "<ul><li><div><p>a</p><p>b</p></div><li>c</ul>",
    "- a\n\n  b\n\n- c"
)]
#[case::an_empty_paragraph("<ul><li>a<p> </p><li>b</ul>", "- a\n- b")]
#[case::a_script("<ul><li>a<script>x()</script>b<li>c</ul>", "- ab\n- c")]
#[case::words_in_several_elements("<ul><li>a <b>b</b> c<li>d</ul>", "- a **b** c\n- d")]
#[case::a_picture_behind_text(
    "<ul><li>a<p><img src=/p.png></p><li>b</ul>",
    "- a\n\n  ![](https://h.example/p.png)\n\n- b"
)]
fn items_of_one_paragraph_follow_each_other(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case::in_groups(
    "<dl><div><dt>a<dd><p>b</div><div><dt>c<dd><p>d</div></dl>",
    "- a\n\n  b\n\n- c\n\n  d"
)]
#[case::without_a_term("<dl><dd><p>a</dl>", "- a")]
#[case::empty_parts("<dl><dt>a<dd> <dt> <dt>b</dl>", "- a\n- b")]
#[case::behind_a_list("<ul><li>a</ul><dl><dt>b</dl>", "- a\n\n* b")]
#[case::a_term_of_blocks("<dl><dt><p>a</p><dt><p>b</p></dl>", "- a\n\n- b")]
#[case::of_lists("<dl><dt>a<dd><ul><li>b</ul><dt>c</dl>", "- a\n  - b\n- c")]
#[case::of_words("<dl><dt>a<dd><p>b<dt>c</dl>", "- a\n\n  b\n\n- c")]
fn terms_are_items(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}
