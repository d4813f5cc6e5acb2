//! The part of a page that is its main part: what the page calls so, or what holds its text.

use rstest::rstest;

use super::{markdown, prose};

fn long(bytes: usize) -> String {
    format!("xx {}", prose(bytes - 2))
}

#[rstest]
#[case::a_fifth("main", 100, 400, true)]
#[case::less("main", 100, 401, false)]
#[case::an_article_with_a_fifth("article", 100, 400, true)]
#[case::an_article_with_less("article", 100, 401, false)]
fn a_declared_part_holds_a_fifth_of_the_text(
    #[case] element: &str,
    #[case] bytes: usize,
    #[case] rest: usize,
    #[case] is_main: bool,
) {
    let (own, rest) = (long(bytes), prose(rest - 2));
    let text = markdown(&format!(
        "<body><{element}>{own}</{element}><div>yy {rest}</div></body>"
    ));
    assert_eq!(!text.contains("yy"), is_main, "{text}");
}

#[rstest]
#[case::links_in_it(20, 180, 100, 700, true)]
#[case::more_links_around_it(20, 180, 100, 701, false)]
#[case::words_in_it(100, 0, 400, 600, true)]
#[case::more_words_around_it(100, 0, 401, 600, false)]
fn a_declared_part_holds_a_fifth_of_all_text_or_of_that_outside_of_links(
    #[case] words: usize,
    #[case] links: usize,
    #[case] rest: usize,
    #[case] other_links: usize,
    #[case] is_main: bool,
) {
    let (own, rest) = (long(words), prose(rest - 2));
    let link = |bytes| format!("<a href=/x>{}</a>", prose(bytes));
    let text = markdown(&format!(
        "<body><main>{own} {}</main><div>yy {rest} {}</div></body>",
        link(links),
        link(other_links)
    ));
    assert_eq!(!text.contains("yy"), is_main, "{text}");
}

#[test]
fn one_of_several_articles_is_not_the_main_part() {
    let text = markdown("<body><p>yy</p><article>xx</article><article>xx</article></body>");
    assert!(text.contains("yy"), "{text}");
}

#[rstest]
#[case::hidden("<main hidden>yy</main><main>xx</main>")]
#[case::in_a_drawing("<svg><foreignObject><main>yy</main></foreignObject></svg><main>xx</main>")]
#[case::within_another("<main>xx <div role=main>xx</div></main>")]
#[case::an_article_in_it("<p>yy</p><main>xx<article>xx</article></main>")]
#[case::two("<p>yy</p><main>xx</main><p>yy</p><main>xx</main>")]
fn a_declared_part_is_shown_and_no_part_of_another(#[case] html: &str) {
    let text = markdown(&format!("<body>{html}</body>"));
    assert!(!text.contains("yy"), "{text}");
    assert_eq!(
        text.matches("xx").count(),
        html.matches("xx").count(),
        "{text}"
    );
}

#[rstest]
#[case::more_than_four_fifths(850, 150, true)]
#[case::less(849, 151, false)]
#[case::of_two_hundred_bytes(170, 30, true)]
#[case::of_less(170, 29, false)]
fn the_densest_part_holds_nearly_all_of_the_text(
    #[case] bytes: usize,
    #[case] rest: usize,
    #[case] is_main: bool,
) {
    let (own, rest) = (long(bytes), prose(rest - 2));
    let text = markdown(&format!(
        "<body><div><p>{own}</p></div><div>yy {rest}</div></body>"
    ));
    assert_eq!(!text.contains("yy"), is_main, "{text}");
}

#[rstest]
#[case::a_division("<div>", "</div>", true)]
#[case::a_section("<section>", "</section>", true)]
#[case::a_form("<form>", "</form>", true)]
#[case::centred("<center>", "</center>", true)]
#[case::a_cell("<table><tr><td>", "</table>", true)]
#[case::an_element_of_its_own("<x-page>", "</x-page>", true)]
#[case::an_article("<article>", "</article><article>yy</article>", true)]
#[case::a_list("<ul><li>", "</ul>", false)]
#[case::a_quote("<blockquote>", "</blockquote>", false)]
fn the_densest_part_is_no_piece_of_text(
    #[case] open: &str,
    #[case] close: &str,
    #[case] is_main: bool,
) {
    let own = long(900);
    let text = markdown(&format!(
        "<body>{open}<p>{own}</p>{close}<div>yy</div></body>"
    ));
    assert_eq!(!text.contains("yy"), is_main, "{text}");
}

#[rstest]
#[case::a_title_beside_it("<div><h1>yy</h1></div>", "", true)]
#[case::a_title_beside_it_and_words("<div><h1>yy</h1><p>One.</p></div>", "", true)]
#[case::a_title_in_it("<div>yy</div>", "<h1>One</h1>", false)]
#[case::a_heading_before_it("<div><h2>yy</h2></div>", "", true)]
#[case::a_heading_with_words("<div><h2>Us</h2>yy</div>", "", false)]
#[case::a_heading_without_words("<div>yy</div><div><h2></h2></div>", "", false)]
#[case::code("<div><pre>yy</pre></div>", "", true)]
#[case::code_alone("<pre>yy</pre>", "", true)]
#[case::no_code("<div>yy<pre></pre></div>", "", true)]
#[case::no_code_alone("<div>yy</div><pre></pre>", "", false)]
fn the_densest_part_holds_its_title_and_its_code(
    #[case] before: &str,
    #[case] within: &str,
    #[case] is_kept: bool,
) {
    let own = long(900);
    let text = markdown(&format!(
        "<body>{before}<div>{within}<p>{own}</p></div></body>"
    ));
    assert_eq!(text.contains("yy"), is_kept, "{text}");
}

#[test]
fn a_heading_behind_the_densest_part_is_not_its_own() {
    let own = long(900);
    let text = markdown(&format!(
        "<body><div><p>{own}</p></div><div><h2>yy</h2></div></body>"
    ));
    assert!(!text.contains("yy"), "{text}");
}

#[rstest]
#[case::an_article(500, false)]
#[case::less(499, true)]
fn an_article_has_five_hundred_bytes(#[case] bytes: usize, #[case] is_kept: bool) {
    let own = long(bytes);
    let text = markdown(&format!(
        "<main><p>{own}</p><div><a href=/x>yy</a></div><p></p></main>"
    ));
    assert_eq!(text.contains("yy"), is_kept, "{text}");
}

#[rstest]
#[case::a_quarter(100, 300, false)]
#[case::less(100, 301, true)]
fn surroundings_that_leave_less_than_a_quarter_were_the_page(
    #[case] rest: usize,
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let parts: String = [bytes / 2, bytes - bytes / 2]
        .map(|bytes| format!("<nav><p>yy {}</p></nav>", prose(bytes - 2)))
        .concat();
    let text = markdown(&format!("<main><p>{}</p>{parts}</main>", long(rest)));
    assert_eq!(text.contains("yy"), is_kept, "{text}");
}

#[rstest]
#[case::navigation_of_links("<nav><a href=/x>yy</a></nav>", "yy")]
#[case::a_picture("<main><nav><img src=/a.png></nav><img src=/p.png></main>", "p.png")]
fn a_page_of_nothing_but_links_or_pictures_keeps_what_it_is(
    #[case] html: &str,
    #[case] expected: &str,
) {
    let text = markdown(&format!("<body>{html}</body>"));
    assert!(text.contains(expected) && !text.contains("a.png"), "{text}");
}

#[test]
fn a_script_is_no_text() {
    let (own, script) = (long(900), prose(900));
    let text = markdown(&format!(
        "<body><div><p>{own}</p></div><div>yy<script>{script}</script></div></body>"
    ));
    assert!(!text.contains("yy"), "{text}");
}

#[test]
fn comments_do_not_count_against_the_main_part() {
    let (own, rest, comments) = (long(400), prose(98), prose(2000));
    let text = markdown(&format!(
        "<body><main>{own}</main><p>yy {rest}</p><div class=comments>{comments}</div></body>"
    ));
    assert!(text.contains("xx") && !text.contains("yy"), "{text}");
}
