use rstest::rstest;

use super::markdown;

#[rstest]
#[case("# a", "\\# a")]
#[case("#a", "#a")]
#[case("- a", "\\- a")]
#[case("-a", "-a")]
#[case("1. a", "1\\. a")]
#[case("1.5 a", "1.5 a")]
#[case("a * b", "a * b")]
#[case("*a*", "\\*a\\*")]
#[case("snake_case __init__", "snake_case \\_\\_init\\_\\_")]
#[case("a &lt; b &lt;c>", "a < b \\<c>")]
#[case("&amp;amp; AT&amp;T", "\\&amp; AT&T")]
#[case("[a](b) [c]", "[a\\](b) [c]")]
#[case("`x`", "\\`x\\`")]
#[case("a | b", "a | b")]
#[case("C:\\dir \\*", "C:\\dir \\\\\\*")]
#[case("---", "\\---")]
#[case("a<br>---", "a  \n\\---")]
#[case("wow!<a href=/x>x</a>", "wow\\![x](https://h.example/x)")]
fn text_does_not_become_structure(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(&format!("<p>{html}</p>")), expected);
}
