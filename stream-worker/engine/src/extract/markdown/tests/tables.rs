use rstest::rstest;

use super::{markdown, whole_markdown};

#[rstest]
#[case::row_heads(
    "<table><tr><th>Born</th><td>1815</td></tr><tr><th>Died</th><td>1852</td></tr></table>",
    "|  |  |\n| --- | --- |\n| Born | 1815 |\n| Died | 1852 |"
)]
#[case::both_heads(
    "<table><tr><th></th><th>Mon</th><th>Tue</th></tr><tr><th>AM</th><td>a</td><td>b</td></tr></table>",
    "|  | Mon | Tue |\n| --- | --- | --- |\n| AM | a | b |"
)]
#[case::no_head(
    "<table><tr><td>a<td>b<tr><td>c<td>d</table>",
    "|  |  |\n| --- | --- |\n| a | b |\n| c | d |"
)]
#[case::columns(
    "<table><tr><th>a<th>b<th>c<tr><td colspan=2>x<td>y</table>",
    "| a | b | c |\n| --- | --- | --- |\n| x |  | y |"
)]
#[case::rows(
    "<table><thead><tr><th rowspan=2>A<th colspan=2>G<tr><th>B<th>C</thead><tr><td>1<td>2<td>3</table>",
    "| A | G |  |\n| --- | --- | --- |\n|  | B | C |\n| 1 | 2 | 3 |"
)]
#[case::caption_and_foot(
    "<table><caption>Sums</caption><thead><tr><th>n</th></tr></thead><tfoot><tr><td>3<tbody><tr><td>1<tr><td>2</table>",
    "**Sums**\n\n| n |\n| --- |\n| 1 |\n| 2 |\n| 3 |"
)]
#[case::pipes_and_blocks(
    "<table><tr><th>a|b<th>c<tr><td><code>x|y</code><td><p>one<p>two<ul><li>i<li>j</ul></table>",
    "| a\\|b | c |\n| --- | --- |\n| `x\\|y` | one<br>two<br>- i<br>- j |"
)]
#[case::layout(
    "<table><tr><td><h1>Title</h1><td><p>words</table>",
    "# Title\n\nwords"
)]
#[case::code_in_a_cell(
    "<table><tr><th>n<th>c<tr><td>1<td><pre>a\nb</pre></table>",
    "| n | c |\n| --- | --- |\n| 1 | `a`<br>`b` |\n\n```\na\nb\n```"
)]
#[case::rows_that_reach_down(
    "<table><tr><th>a<th>b<th>c<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>",
    "| a | b | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 4 | 5 |"
)]
#[case::a_cell_that_reaches_to_the_end(
    "<table><tr><th>a<th>b<tr><td rowspan=0>1<td>2<tr><td>3<tr><td>4</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n|  | 3 |\n|  | 4 |"
)]
#[case::a_cell_that_reaches_to_the_end_of_its_group(
    "<table><tr><th>a<th>b<tbody><tr><td rowspan=9>1<td>2<tbody><tr><td>3<td>4</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
)]
#[case::a_cell_behind_the_last(
    "<table><tr><th>a<th>b<tr><td>1<td rowspan=2>2<tr><td>3<tr><td>4<td>5</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 |\n| 4 | 5 |"
)]
#[case::a_span_with_a_blank(
    "<table><tr><th>a<th>b<th>c<tr><td colspan='2 '>1<td>2</table>",
    "| a | b | c |\n| --- | --- | --- |\n| 1 |  | 2 |"
)]
#[case::cells_over_each_other(
    "<table><tr><th>a<th>b<tr><td>1<td rowspan=3>2<tr><td colspan=2>3<tr><td>4<tr><td>5<td>6</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 |  |\n| 4 |\n| 5 | 6 |"
)]
#[case::an_empty_row(
    "<table><tr><th>a<th>b<tr></tr><tr><td>1<td>2</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |"
)]
#[case::a_head_without_heads(
    "<table><thead><tr><td>a<td>b</thead><tr><td>1<td>2</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |"
)]
#[case::a_table_in_a_cell(
    "<table><tr><th>a<th>b<tr><td>1<td><table><tr><th>c<th>d<tr><td>2<td>3</table></table>",
    "| a | b |\n| --- | --- |\n| 1 | c d<br>2 3 |\n\n| c | d |\n| --- | --- |\n| 2 | 3 |"
)]
#[case::a_hidden_cell(
    "<table><tr><th>a<th>b<tr><td>1<td hidden>2</table>",
    "| a | b |\n| --- | --- |\n| 1 |  |"
)]
#[case::headings_over_rows(
    "<table><tr><td colspan=2><h2>Types</h2><tr><td>int<td>one<tr><td colspan=2><h2>Macros</h2><tr><td>ABS<td>x</table>",
    "## Types\n\n|  |  |\n| --- | --- |\n| int | one |\n\n## Macros\n\n|  |  |\n| --- | --- |\n| ABS | x |"
)]
fn a_table_keeps_its_columns(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case::empty("<table><tr><td></td></tr></table>x", "x")]
#[case::presentation("<table role=presentation><tr><th>a<td>b</table>", "a\n\nb")]
#[case::of_no_role("<table role=none><tr><th>a<td>b</table>", "a\n\nb")]
#[case::a_single_cell("<table><tr><td>a</table>", "a")]
#[case::code("<table><tr><td>a<td><pre>b</pre></table>", "a\n\n```\nb\n```")]
#[case::terms_beside_each_other(
    "<table><tr><td><dl><dt>a</dl><td><ol><li>b</ol></table>",
    "- a\n\n1. b"
)]
#[case::nested(
    "<table><tr><td><table><tr><th>a<th>b<tr><td>1<td>2</table><td>side</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nside"
)]
#[case::lists_beside_each_other(
    "<table><tr><td><ul><li>a<li>b</ul><td><ul><li>c</ul></table>",
    "- a\n- b\n\n* c"
)]
fn a_table_without_data_is_what_it_holds(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case::a_thousand_bytes(1000, true)]
#[case::more(1001, false)]
fn a_table_with_a_long_cell_is_laid_out(#[case] bytes: usize, #[case] is_table: bool) {
    let cell = "x".repeat(bytes);
    let text = whole_markdown(&format!("<table><tr><td>a<td>{cell}<tr><td>b<td>c</table>"));
    assert_eq!(text.starts_with("|  |  |"), is_table, "{text}");
}

#[rstest]
#[case::a_caption("<table><caption>x</caption><tr><td><h3>a</h3><td>b<tr><td>c<td>d</table>")]
#[case::a_head("<table><thead><tr><td>x<td>y</thead><tr><td><h3>a</h3><td>b</table>")]
#[case::one_head("<table><tr><th>x<td>y<tr><td><h3>a</h3><td>b</table>")]
#[case::words_beside_a_list("<table><tr><td>x<ul><li>a</ul><td><ul><li>b</ul></table>")]
fn a_table_with_heads_or_words_is_one(#[case] html: &str) {
    let text = markdown(html);
    assert!(text.contains("| --- |"), "{text}");
}
