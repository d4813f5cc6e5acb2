//! Lines that say something about an article and nothing of it.

use rstest::rstest;

use super::{page_with, prose};

fn has(text: &str, line: &str) -> bool {
    text.replace('\\', "").contains(line)
}

#[rstest]
#[case::eighty_bytes(74, false)]
#[case::more(75, true)]
fn a_credit_is_short(#[case] bytes: usize, #[case] is_kept: bool) {
    let text = page_with(800, &format!("<p>Photo: {}</p>", prose(bytes)));
    assert_eq!(has(&text, "Photo:"), is_kept, "{text}");
}

#[rstest]
fn a_date_or_a_time_is_left_out(
    #[values(
        "23.10.2018",
        "23/10/2018",
        "2018-10-23",
        "12:30",
        "1.2.34",
        "3:15 a.m.",
        "3:15 am",
        "3:15 P.M.",
        "3:15 pm",
        "3.15 Uhr",
        "(23.10.2018)",
        "23.10.2018/23.10.201"
    )]
    line: &str,
) {
    let text = page_with(600, &format!("<p>{line}</p>"));
    assert!(!has(&text, line), "{text}");
}

#[rstest]
#[case::few_figures("1.2.3")]
#[case::few_figures_of_an_hour("3:5 pm")]
#[case::figures_alone("20181023")]
#[case::words("x 23.10.2018")]
#[case::many_figures("23.10.2018/23.10.2018")]
#[case::a_credit_further_on("A photo: x")]
#[case::a_word_that_begins_like_one("Advertisements")]
fn another_line_is_kept(#[case] line: &str) {
    let text = page_with(600, &format!("<p>{line}</p>"));
    assert!(has(&text, line), "{text}");
}

#[rstest]
fn a_line_that_belongs_to_others_is_kept(
    #[values("h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th", "b")] element: &str,
) {
    let line = format!("<{element}>23.10.2018</{element}>");
    let part = match element {
        "li" => format!("<ul>{line}<li>One</ul>"),
        "dt" | "dd" => format!("<dl><dt>A</dt><dd>B</dd>{line}</dl>"),
        "td" | "th" => format!("<table><tr><td>A<td>B<tr>{line}<td>C</table>"),
        "b" => format!("<p>On {line} it was.</p>"),
        _ => line,
    };
    let text = page_with(600, &format!("{part}<p>One.</p>"));
    assert!(has(&text, "23.10.2018"), "{text}");
}

#[test]
fn a_row_that_says_nothing_but_such_a_word_is_kept() {
    let text = page_with(
        600,
        "<table><tr><td>A<td>B<tr><td>Ad<td><tr><td>C<td>D</table>",
    );
    assert!(has(&text, "Ad"), "{text}");
}

#[rstest]
#[case::in_a_frame("<div><div>Advertisement</div><div></div></div>", false)]
#[case::over_a_script(
    "<div><span>Advertisement</span><div><script>x()</script></div></div>",
    false
)]
#[case::with_signs("<p>– Advertisement –</p>", false)]
#[case::with_many_signs("<p>Advertisement.................</p>", false)]
#[case::with_more_signs("<p>Advertisement..................</p>", true)]
#[case::with_signs_before_it("<p>...Advertisement</p>", false)]
#[case::with_words("<p>Advertisement for x</p>", true)]
fn a_word_for_advertisements_stands_alone(#[case] part: &str, #[case] is_kept: bool) {
    let text = page_with(600, part);
    assert_eq!(has(&text, "Advertisement"), is_kept, "{text}");
}

#[test]
fn a_credit_is_one_line() {
    let text = page_with(
        600,
        "<div><div><p>Photo: x</p><p>23.10.2018: so it was.</p></div></div>",
    );
    assert!(has(&text, "so it was"), "{text}");
}

#[rstest]
#[case::a_quarter(390, false)]
#[case::more_than_a_quarter(389, true)]
fn remarks_that_hold_much_of_a_page_are_kept(#[case] bytes: usize, #[case] is_kept: bool) {
    let remarks = "<p>Photo: word</p>".repeat(13);
    let text = page_with(bytes, &remarks);
    assert_eq!(has(&text, "Photo:"), is_kept, "{text}");
}

#[test]
fn remarks_in_what_is_left_out_anyway_do_not_count() {
    let remarks = "<p>Photo: word</p>".repeat(20);
    let text = page_with(600, &format!("<nav>{remarks}</nav><p>Photo: word</p>"));
    assert!(!has(&text, "Photo:"), "{text}");
}
