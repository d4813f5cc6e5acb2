use rstest::rstest;

use super::markdown;

#[test]
fn deep_pages_keep_their_words_and_their_structure() {
    let html = format!(
        "{}<h1>deep</h1><p>words{}",
        "<div>".repeat(100_000),
        "</div>".repeat(100_000)
    );
    assert_eq!(markdown(&html), "# deep\n\nwords");
    let unclosed = format!("<p>start{}end", "<div><b>".repeat(100_000));
    assert!(markdown(&unclosed).starts_with("start") && markdown(&unclosed).contains("end"));
}

#[test]
fn hostile_spans_cannot_grow_a_page() {
    let row = "<tr><td rowspan=65534 colspan=1000>x</td></tr>".repeat(100);
    let html = format!(
        "<table><tr>{}{}</table>",
        "<th rowspan=65534>h".repeat(1000),
        row
    );
    assert!(markdown(&html).len() < 20 * html.len());
}

#[test]
fn a_table_of_a_million_cells_keeps_all_of_them() {
    let row = format!("<tr>{}", "<td>x".repeat(100));
    let html = format!("<table>{}</table>", row.repeat(10_000));
    let text = markdown(&html);
    assert_eq!(text.matches('x').count(), 1_000_000);
    assert!(text.starts_with("|  |") && text.len() < 2 * html.len());
}

#[rstest]
#[case::formatting(format!("{}{}", (0..500).map(|n| format!("<font color=c{n}>")).collect::<String>(), "<p>x".repeat(20_000)))]
#[case::nested_lists("<ul><li>x".repeat(20_000))]
#[case::nested_quotes("<blockquote>x<br>".repeat(20_000))]
#[case::nested_tables("<table><tr><th>x".repeat(5_000))]
#[case::links_with_a_long_base(format!("<base href=/{}/>{}", "b".repeat(2000), "<a href=x>y</a>".repeat(50_000)))]
#[case::misplaced("<table>a<tr>b".repeat(20_000))]
#[case::attributes(format!("<p {}>x", (0..3_000).map(|n| format!("a{n} ")).collect::<String>()))]
fn hostile_pages_have_bounded_markdown(#[case] html: String) {
    let text = markdown(&html);
    assert!(
        !text.is_empty() && text.len() <= 8 * html.len() + 1024 * 1024,
        "{}",
        text.len()
    );
}

#[test]
fn a_page_with_a_crowded_tag_has_its_text_as_markdown() {
    let attributes: String = (0..2_000).map(|number| format!("a{number} ")).collect();
    let html = format!("<h1># no heading</h1><p {attributes}>x");
    assert_eq!(markdown(&html), "\\# no heading\n\nx");
}

#[test]
fn a_page_too_large_for_a_tree_has_its_text_as_markdown() {
    let html = format!("<p># no heading<p>{}", "x".repeat(13 * 1024 * 1024));
    assert!(markdown(&html).starts_with("\\# no heading\n\nxxx"));
}
