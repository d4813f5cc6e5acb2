use rstest::rstest;

use super::markdown;

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
