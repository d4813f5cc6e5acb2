//! Navigation, notes and other parts around the content of a page, which are left out or kept.

use rstest::rstest;

use super::{markdown, page_with, prose};

/// The Markdown of a page of documentation that does not say what its main part is, with `bytes` of its own text.
fn documentation_with(bytes: usize, part: &str) -> String {
    let words = prose(bytes - 4);
    markdown(&format!(
        "<body><p>{words}</p><pre>let y</pre>{part}</body>"
    ))
}

#[rstest]
#[case::beside_a_title(200, 149, true)]
#[case::beside_a_text(200, 150, false)]
#[case::beside_more(301, 300, false)]
#[case::less_than_beside_it(140, 149, false)]
#[case::three_quarters(900, 300, false)]
#[case::more_than_three_quarters(901, 300, true)]
fn navigation_that_holds_the_page_is_kept(
    #[case] bytes: usize,
    #[case] rest: usize,
    #[case] is_kept: bool,
) {
    let text = page_with(rest, &format!("<nav><p>xx {}</p></nav>", prose(bytes - 2)));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[test]
fn beside_navigation_that_holds_the_page_other_navigation_is_left_out() {
    let part = format!("<nav><p>xx {}</p></nav><nav>yy</nav>", prose(1000));
    let text = page_with(300, &part);
    assert!(text.contains("xx") && !text.contains("yy"), "{text}");
}

#[rstest]
#[case::navigation("<div role=navigation>xx</div>")]
#[case::a_banner("<div role=banner>xx</div>")]
#[case::facts_of_the_page("<div role=contentinfo>xx</div>")]
#[case::a_search("<div role=search>xx</div>")]
#[case::a_dialog("<div role=dialog>xx</div>")]
#[case::an_alert("<div role=alertdialog>xx</div>")]
#[case::what_complements("<div role=complementary>xx</div>")]
#[case::a_closed_dialog("<dialog>xx</dialog>")]
#[case::a_footer("<footer>xx</footer>")]
#[case::a_button_that_copies("<div class=copybtn>xx</div>")]
#[case::a_link_to_an_editor("<span class=edit-page-link>xx</span>")]
#[case::a_link_to_a_wikis_editor("<span class=mw-editsection>xx</span>")]
#[case::a_link_over_the_navigation("<p class=skip-link>xx</p>")]
#[case::another_one("<pre>let y;</pre><p class=skip-nav>xx</p>")]
#[case::not_displayed("<p style='color: red; DISPLAY : None'>xx</p>")]
#[case::hidden("<p hidden>xx</p>")]
#[case::hidden_from_the_blind("<p aria-hidden=true>xx</p>")]
fn what_stands_around_content_is_left_out(#[case] part: &str) {
    let text = page_with(600, part);
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::an_open_dialog("<dialog open>xx</dialog>")]
#[case::the_source_of_a_quote("<blockquote>It is.<footer>xx</footer></blockquote>")]
#[case::words_on_a_figure("<figure><img src=/p.png><footer>xx</footer></figure>")]
#[case::a_note("<aside role=note>xx</aside>")]
#[case::a_footnote("<aside role=doc-footnote>xx</aside>")]
#[case::footnotes("<aside role=doc-endnotes>xx</aside>")]
#[case::a_warning("<aside class=warning>xx</aside>")]
#[case::found_by_a_search("<p hidden=until-found>xx</p>")]
#[case::displayed("<p style='display: block; content: none'>xx</p>")]
#[case::not_hidden_from_the_blind("<p aria-hidden=false>xx</p>")]
#[case::named_in_a_declared_part("<pre>let y;</pre><div class=menu>xx</div>")]
fn what_stands_in_content_is_kept(#[case] part: &str) {
    let text = page_with(600, part);
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
#[case::an_article(500, false)]
#[case::less(499, true)]
fn beside_an_article_an_aside_is_left_out(#[case] bytes: usize, #[case] is_kept: bool) {
    for part in ["<aside>xx</aside>", "<div role=complementary>xx</div>"] {
        let text = page_with(bytes, part);
        assert_eq!(text.contains("xx"), is_kept, "{part}: {text}");
    }
}

#[rstest]
#[case::half(20, 20, true)]
#[case::more_than_half(20, 21, false)]
fn an_aside_of_documentation_is_left_out_if_most_of_it_are_links(
    #[case] words: usize,
    #[case] links: usize,
    #[case] is_kept: bool,
) {
    let (words, link) = (prose(words - 2), prose(links));
    let part = format!("<pre>let y;</pre><aside>xx {words} <a href=/x>{link}</a></aside>");
    let text = page_with(600, &part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::two_hundred_bytes(200, true)]
#[case::less(199, false)]
fn a_hidden_part_with_much_text_waits_for_a_click(#[case] bytes: usize, #[case] is_kept: bool) {
    let text = page_with(600, &format!("<div hidden>xx {}</div>", prose(bytes - 2)));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::a_tab_panel("<div hidden role=tabpanel>xx</div>")]
#[case::a_tab("<div hidden class=my-tab>xx</div>")]
#[case::a_pane("<div hidden class=my_pane>xx</div>")]
#[case::a_panel("<div hidden class=Panel>xx</div>")]
#[case::code("<div hidden><pre>xx</pre></div>")]
#[case::a_table("<div hidden><table><tr><td>xx<td>1<tr><td>2<td>3</table></div>")]
fn a_hidden_part_with_content_waits_for_a_click(#[case] part: &str) {
    let text = page_with(600, part);
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
fn a_hidden_dialog_is_left_out_whatever_it_holds(
    #[values("class=my-Modal", "id=CookieNotice", "class=popup", "id=newsletter")] name: &str,
) {
    let part = format!("<section hidden {name}>xx {}</section>", prose(300));
    let text = documentation_with(600, &part);
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::a_tenth(900, false)]
#[case::more(899, true)]
fn a_name_for_what_stands_around_is_believed_of_a_tenth_of_a_page(
    #[case] bytes: usize,
    #[case] is_kept: bool,
) {
    let part = format!("<div class=sidebar>xx {}</div>", prose(98));
    let text = documentation_with(bytes, &part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::an_aside("<aside>xx</aside>", false)]
#[case::a_class("<div class=menu>xx</div>", false)]
#[case::an_id("<div id=menu>xx</div>", false)]
#[case::a_part_of_a_name("<div class='a left_Menu'>xx</div>", false)]
#[case::another_part_of_a_name("<div class=menu-left>xx</div>", false)]
#[case::a_part_of_a_word("<div class=menus>xx</div>", true)]
#[case::the_id_of_a_heading("<h3 id=menu>xx</h3><p>One.</p>", true)]
#[case::with_a_title("<div class=menu><h1>xx</h1></div>", true)]
fn documentation_names_what_stands_around_it(#[case] part: &str, #[case] is_kept: bool) {
    let text = documentation_with(600, part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[rstest]
#[case::a_banner("<header>xx</header>", false)]
#[case::a_title("<header><h1>xx</h1></header>", true)]
#[case::of_a_part("<div><header>xx</header></div>", true)]
fn the_header_of_a_page_is_a_banner_unless_it_holds_the_title(
    #[case] part: &str,
    #[case] is_kept: bool,
) {
    let text = documentation_with(600, part);
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}
