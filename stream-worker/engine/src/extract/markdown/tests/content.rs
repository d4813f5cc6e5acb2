use rstest::rstest;

use super::markdown;

#[rstest]
#[case::nav("<nav><ul><li><a href=/a>A</a></ul>")]
#[case::aside("<aside>")]
#[case::footer("<footer>")]
#[case::hidden("<div hidden>")]
#[case::header("<header>")]
#[case::main("<main></main>")]
fn boilerplate_that_was_never_closed_holds_the_article(#[case] unclosed: &str) {
    let page =
        format!("<body><h1>Title</h1>{unclosed}<p>The whole article, word for word.</p></body>");
    let text = markdown(&page);
    assert!(
        text.contains("# Title") && text.contains("The whole article, word for word."),
        "{text}"
    );
}

#[test]
fn an_unclosed_nav_behind_an_introduction_holds_the_rest_of_the_article() {
    let (intro, rest) = ("An introduction. ".repeat(6), "The rest of it. ".repeat(18));
    let page =
        format!("<body><p>{intro}</p><nav><ul><li><a href=/a>A</a></ul><p>{rest}</p></body>");
    assert!(markdown(&page).contains(rest.trim_end()));
}

#[test]
fn a_page_without_main_is_its_densest_part() {
    let words = "Words of the article, which go on for a while. ".repeat(20);
    let page = format!(
        "<body><div id=top><a href=/>Home</a> <a href=/b>Blog</a></div><div class=row><div id=side><ul><li><a href=/1>One</a></ul></div>\
         <div class=post><h1>Title</h1><p>{words}</p></div></div><div>(c) us</div>"
    );
    assert_eq!(markdown(&page), format!("# Title\n\n{}", words.trim_end()));
}

#[rstest]
#[case::its_heading("<div><h2>Title</h2></div>", "", "## Title\n\n", "")]
#[case::code_before("<div><pre>use it</pre></div>", "", "```\nuse it\n```\n\n", "")]
#[case::code_behind("", "<pre>use it</pre>", "", "\n\n```\nuse it\n```")]
fn what_belongs_to_the_densest_part_stays_with_it(
    #[case] before: &str,
    #[case] behind: &str,
    #[case] first: &str,
    #[case] last: &str,
) {
    let words = "Words of a section, which go on for a while. ".repeat(20);
    let page = format!("<body>{before}<div class=section><p>{words}</p></div>{behind}</body>");
    assert_eq!(
        markdown(&page),
        format!("{first}{}{last}", words.trim_end())
    );
}

#[test]
fn a_large_footer_is_left_out_of_a_short_page() {
    let page = format!(
        "<body><h1>Title</h1><p>{}</p><div class=cookie-banner>We use cookies.</div><footer><p>{}</p></footer></body>",
        "Words of a short page. ".repeat(10),
        "Words of a law. ".repeat(20),
    );
    let text = markdown(&page);
    assert!(text.ends_with("Words of a short page."), "{text}");
}

#[rstest]
#[case::main("<nav>n</nav><main><p>x</p></main><footer>f</footer>", "x")]
#[case::role("<div role=banner>b</div><p>a<div role=main>x</div>", "x")]
#[case::an_article("<p>a<article>x</article><p>b", "x")]
#[case::a_header_within("<p>a<article><header>T</header>x</article>", "T\n\nx")]
#[case::many_articles("<article>a</article><article>b</article>", "a\n\nb")]
#[case::around_within("<main>a<nav>n</nav>b<aside>c</aside></main>", "a\n\nb\n\n> c")]
#[case::hidden("<p>a</p><p hidden>b</p><p aria-hidden=true>c</p>", "a")]
#[case::a_banner("<body><header>b</header><p>a</p></body>", "a")]
#[case::nothing_said("<div>a</div>", "a")]
#[case::nothing_left("<nav>all there is", "all there is")]
#[case::an_empty_main("<main></main><p>words", "words")]
#[case::related_links("<main><p>a</p><aside><a href=/x>x</a></aside></main>", "a")]
#[case::a_dialog("<p>words</p><dialog><p>d</p></dialog>", "words")]
fn the_main_part_is_found(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

/// An article with `part` behind it, which its page says is its main part.
fn article_with(part: &str) -> String {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    markdown(&format!(
        "<main><h1>Title</h1><p>{words}</p>{part}<p>The last words.</p></main>"
    ))
}

#[rstest]
#[case::comments("<div id=comments><p>x</p></div>")]
#[case::a_comment("<ol><li class='comment-even depth-1'>x</ol>")]
#[case::related_articles("<section class=o-teaser-list><h2>x</h2><a href=/y>y</a></section>")]
#[case::a_title_of_another("<div class=relatedArticles><h1>x</h1><a href=/y>y</a></div>")]
#[case::a_word_within_a_word("<div class=artikelfooter>x</div>")]
#[case::an_id_of_many_words("<div id=blog_related_posts_2>x <a href=/y>y</a></div>")]
#[case::what_is_not_printed("<div class='box noprint'>x</div>")]
#[case::an_empty_section("<h2>x</h2><ul class=related><li>x <a href=/y>y</a></ul><h2>More</h2>")]
#[case::share_buttons("<ul class=c-article__sharing><li>x</ul>")]
#[case::a_newsletter("<div class=newsletter-box><p>x</p></div>")]
#[case::the_author("<div class='m-author__description is-wide'>x</div>")]
#[case::facts("<p class=entry-meta>x</p>")]
#[case::an_advertisement("<div id=ad-2>x</div>")]
#[case::a_sidebar("<div id=sidebar1>x</div>")]
#[case::a_form("<form><label>x</label></form>")]
#[case::words_in_a_row("<p class=vw-tag-links>x</p>")]
#[case::a_fact_within_a_line("<div><span class=post-ratings>x</span></div>")]
#[case::a_class_for_a_script("<div class=js-newsletter>x</div>")]
#[case::a_sidebar_with_a_calendar(
    "<div id=sidebar><p>x</p><table><tr><th>x<th>x<tr><td>x<td>x</table></div>"
)]
fn what_an_element_calls_boilerplate_is_left_out_of_a_declared_main_part(#[case] part: &str) {
    let text = article_with(part);
    assert!(
        !text.contains('x') && text.ends_with("The last words."),
        "{text}"
    );
}

#[rstest]
#[case::a_section_about_it("<section id=comments><h2>Comments</h2><p>x</p></section>")]
#[case::an_anchor("<div class=section id=related><h2>Related</h2><p>x</p></div>")]
#[case::an_id_made_of_a_heading("<div id=recommended-storage-settings>x</div>")]
#[case::a_topic("<div class='tag-newsletter category-social post'>x</div>")]
#[case::a_state("<div class=has-sidebar>x</div>")]
#[case::another_word("<div class=header-comment>x</div>")]
#[case::a_form_of_documentation("<pre>let y;</pre><form><label>x</label></form>")]
#[case::an_introduction("<p class=teaser-text>x</p>")]
#[case::a_heading_with_an_anchor("<h3 id=nav_or_not>x</h3><p>Why.</p>")]
#[case::a_table("<div class=related><table><tr><th>x<th>y<tr><td>1<td>2</table></div>")]
#[case::a_table_of_documentation(
    "<pre>let y;</pre><div class=topics><table><tr><th>x<th>y<tr><td>1<td>2</table></div>"
)]
#[case::a_span_of_documentation("<pre>let y;</pre><p><span class=credit>x</span></p>")]
#[case::code("<div class=comments><pre>x</pre></div>")]
#[case::a_comment_in_code("<pre><span class=comment>// x</span></pre>")]
#[case::facts_of_documentation("<pre>let y;</pre><div class=api_meta>x</div>")]
fn what_only_sounds_like_boilerplate_is_kept(#[case] part: &str) {
    let text = article_with(part);
    assert!(text.contains('x'), "{text}");
}

#[test]
fn the_only_title_is_kept_whatever_holds_it() {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    let text = markdown(&format!(
        "<main><div class=entry-meta><h1>Title</h1></div><p>{words}</p></main>"
    ));
    assert!(text.starts_with("# Title\n\nWords"), "{text}");
}

/// An article long enough to tell what is none, with `part` behind it.
fn long_article_with(part: &str) -> String {
    let words = "Words of the article, which go on for a while. ".repeat(20);
    markdown(&format!(
        "<body><main><h1>Title</h1><p>{words}</p>{part}<p>The last words.</p></main></body>"
    ))
}

#[rstest]
#[case::a_list("<ul><li><a href=/x>x</a><li><a href=/y>xx</a></ul>")]
#[case::a_paragraph("<p><a href=/x>x</a></p><div><p>One.</p></div>")]
#[case::with_a_label("<div>x: <a href=/x>xxxx</a> <a href=/y>xxxx</a></div>")]
#[case::under_a_heading("<h3>x</h3><ul><li><a href=/x>x</a></ul><h3>More</h3>")]
#[case::an_aside("<aside><p>x</p></aside>")]
#[case::who_took_a_picture("<figure><img alt=p><figcaption>x</figcaption></figure>")]
#[case::a_label("<div><img alt=p><div class=wp-caption-text>x</div></div>")]
#[case::a_caption_with_a_year(
    "<figure><figcaption>Our xs in the spring of 2016</figcaption></figure>"
)]
#[case::links_behind_a_label(
    "<div>A label: <a href=/x>xxxxxxxxxx</a> <a href=/y>xxxxxxxxxx</a></div>"
)]
#[case::a_link_that_stands_alone("<a href=/x>x</a>")]
#[case::a_picture_that_is_a_link("<figure><a href=/x><h3>x</h3></a></figure>")]
#[case::a_link_that_says_read_more("<p>One.</p><p><a href=/x>Read this: x</a></p>")]
#[case::a_date("<p>23.10.2018</p><p>One.</p>")]
#[case::a_credit("<p>(Photo: x)</p>")]
#[case::an_hour("<div><div>3:59 PM</div></div><p>One.</p>")]
#[case::an_advertisement("<div><span>Advertisement:</span></div><p>One.</p>")]
#[case::an_advertisement_that_is_filled_later(
    "<div><span>Advertisement:</span><div><script>x</script></div></div><p>One.</p>"
)]
#[case::a_box("<div class=asset-box><p>x</p><p>The offer of the xs: <a href=/x>x</a></p></div>")]
#[case::a_box_in_one_word("<x-part class='kastenBox open'><b>x</b>: x <a href=/x>x</a></x-part>")]
#[case::what_a_heading_announces(
    "<h3>Related articles</h3><div><p>x and <a href=/x>x</a></p></div><h3>More</h3>"
)]
#[case::what_a_line_announces("<div><div>Mehr zum Thema:</div><div>x <a href=/x>x</a></div></div>")]
fn what_stands_beside_an_article_without_a_name_is_left_out(#[case] part: &str) {
    let text = long_article_with(part);
    assert!(
        !text.contains("x") && text.ends_with("The last words."),
        "{text}"
    );
}

#[rstest]
#[case::a_list_of_documentation("<pre>let y;</pre><ul><li><a href=/x>x</a></ul>")]
#[case::a_link_in_a_sentence("<p>See <a href=/x>x</a>, which says it well.</p>")]
#[case::a_note("<aside class=note><p>x</p></aside>")]
#[case::an_aside_of_documentation("<pre>let y;</pre><aside><p>x</p></aside>")]
#[case::a_figure_with_a_number("<figure><figcaption>Figure 1: x</figcaption></figure>")]
#[case::a_table_of_links("<table><tr><th>a<th>b<tr><td><a href=/x>x</a><td>1</table>")]
#[case::a_heading_that_never_had_a_text("<h3>x</h3>")]
#[case::a_paragraph_that_is_a_link("<p>One.</p><p><a href=/x>x</a></p><p>Two.</p>")]
#[case::a_link_in_an_item("<ul><li><p>One.</p><a href=/x>x</a></ul>")]
#[case::no_picture_near("<div class=caption>x</div>")]
#[case::a_line_with_words("<p>x on 23.10.2018</p>")]
#[case::a_credit_in_a_list("<ul><li>Photo: x</ul>")]
#[case::the_text_behind_an_announcement(
    "<h3>Related articles</h3><ul><li><a href=/y>y</a></ul><p>And here goes on what this article is really about, in one more sentence with many words: x.</p>"
)]
#[case::a_box_that_leads_nowhere("<div class=infobox><p>x</p></div>")]
#[case::a_box_of_documentation("<pre>let y;</pre><div class=infobox>See x <a href=/x>x</a></div>")]
#[case::a_box_that_is_laid_out("<div class=flex-box>What is seen here: x <a href=/x>x</a></div>")]
#[case::a_box_of_pictures("<div class=lightbox>What is seen here: x <a href=/x>x</a></div>")]
#[case::a_box_with_a_tenth_of_the_text(
    "<div class=infobox><p>What it is: something about which there is as much to say as nobody can say in one sentence, however long that is and however often it is read, x. <a href=/x>x</a></p></div>"
)]
#[case::a_heading_of_documentation("<pre>let y;</pre><h3>Related articles</h3><p>x</p>")]
fn what_belongs_to_an_article_is_kept(#[case] part: &str) {
    let text = long_article_with(part);
    assert!(text.contains('x'), "{text}");
}

#[test]
fn a_page_of_links_keeps_them() {
    let words = "Words about the list below, which go on for a while. ".repeat(12);
    let links: String = (0..60)
        .map(|number| format!("<li><a href=/{number}>Entry number {number}</a>"))
        .collect();
    let text = markdown(&format!(
        "<main><h1>All</h1><p>{words}</p><ul>{links}</ul></main>"
    ));
    assert!(text.contains("Entry number 59"), "{text}");
}

#[test]
fn comments_that_outweigh_the_article_are_left_out() {
    let words = "Words of the article, which go on for a while. ".repeat(20);
    let comments = "<li class=comment><p>What one of the readers thought of it.</p>".repeat(60);
    let text = markdown(&format!(
        "<body><article><h1>Title</h1><p>{words}</p></article><ol id=comments>{comments}</ol></body>"
    ));
    assert_eq!(text, format!("# Title\n\n{}", words.trim_end()));
}

#[test]
fn names_that_take_nearly_everything_are_not_believed_and_navigation_still_is() {
    let part = "<p>What stands in one of many parts of the whole.</p>".repeat(4);
    let parts: String = ["ad", "menu", "bio", "share", "newsletter"]
        .map(|name| format!("<div class={name}>{part}</div>"))
        .concat();
    let text = markdown(&format!(
        "<main><h1>All</h1><nav><a href=/n>Elsewhere</a></nav>{parts}</main>"
    ));
    assert_eq!(text.matches("What stands").count(), 20, "{text}");
    assert!(!text.contains("Elsewhere"), "{text}");
}

#[test]
fn a_title_in_a_named_part_below_the_text_is_not_the_pages() {
    let text =
        long_article_with("<div class=author-box><h1>x</h1><p>x</p></div>").replace("# Title", "");
    assert!(!text.contains('x'), "{text}");
    let words = "Words of the article, which go on for a while. ".repeat(20);
    let text = markdown(&format!(
        "<main><h2>Title</h2><p>{words}</p><div class=author-box><h1>Us</h1><p>x</p></div></main>"
    ));
    assert_eq!(text, format!("## Title\n\n{}", words.trim_end()));
}

#[test]
fn a_named_part_that_holds_the_body_of_the_article_is_none() {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    let aside = "Words of a list of blogs that stand beside it. ".repeat(30);
    let text = markdown(&format!(
        "<main><div><p>{aside}</p></div><div class='widget Blog'><div class=post-body>{words}</div></div></main>"
    ));
    assert!(text.contains(words.trim_end()), "{text}");
}

#[test]
fn captions_that_hold_a_fair_part_of_a_page_are_its_text() {
    let figure =
        "<figure><img src=/p><figcaption>A costume of which much can be said</figcaption></figure>"
            .repeat(20);
    let text = long_article_with(&figure);
    assert_eq!(text.matches("A costume").count(), 20, "{text}");
}

#[test]
fn boxes_that_hold_much_of_a_page_are_kept() {
    let part = "<div class=box><p>What stands in one of many boxes.</p><a href=/x>x</a></div>";
    let text = long_article_with(&part.repeat(12));
    assert_eq!(text.matches("one of many boxes").count(), 12, "{text}");
}

#[test]
fn the_id_of_a_heading_is_there_for_links_to_it() {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    let text = markdown(&format!(
        "<h1>Title</h1><p>{words}</p><h3 id=nav_more_1>More of it</h3><p>Words.</p>"
    ));
    assert!(text.contains("### More of it"), "{text}");
}

#[test]
fn announced_parts_that_hold_much_of_a_page_are_kept() {
    let card = "<div><p>What stands in one of many cards.</p><a href=/x>x</a></div>".repeat(30);
    let text = long_article_with(&format!("<section><h3>Latest news</h3>{card}</section>"));
    assert!(
        text.contains("Latest news") && text.contains("one of many cards"),
        "{text}"
    );
}

#[test]
fn soft_hyphens_do_not_part_words() {
    assert_eq!(markdown("<p>An Au&shy;to&shy;mat.</p>"), "An Automat.");
}

#[test]
fn a_form_around_the_article_is_no_boilerplate() {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    let text = markdown(&format!(
        "<main><h1>Title</h1><form><p>{words}</p></form></main>"
    ));
    assert_eq!(text, format!("# Title\n\n{}", words.trim_end()));
}

#[test]
fn named_parts_that_hold_most_of_the_text_together_are_kept() {
    for name in ["teaser", "comment", "entry-meta"] {
        let parts: String = (0..12)
            .map(|number| format!("<div class={name}><p>Number {number} of all.</p></div>"))
            .collect();
        let text = markdown(&format!("<main><h1>All</h1>{parts}</main>"));
        assert!(
            text.contains("Number 0 of all.") && text.contains("Number 11 of all."),
            "{text}"
        );
    }
}

#[rstest]
#[case::by_class("class='post-12 entry-content'")]
#[case::in_another_spelling("class=article__body")]
#[case::by_id("id=article-content")]
#[case::by_its_meaning("itemprop=articleBody")]
fn the_named_body_of_an_article_is_its_main_part(#[case] name: &str) {
    let words = "Words of the article, which go on for a while. ".repeat(10);
    let introduction = "An introduction that says in one sentence what it is about.".repeat(2);
    let text = markdown(&format!(
        "<article><p>Home</p><h1>Title</h1><p>{introduction}</p><p>4 min read</p>\
         <div {name}><p>{words}</p></div><p>Tell us what you think of it.</p></article>"
    ));
    let expected = format!("# Title\n\n{introduction}\n\n{}", words.trim_end());
    assert_eq!(text, expected);
}

#[rstest]
#[case::a_small_one("<div class=entry-content><p>One of many.</p></div>")]
#[case::one_that_is_hidden("<div class=entry-content hidden><p>One of many.</p></div>")]
fn a_named_body_with_little_of_the_text_changes_nothing(#[case] part: &str) {
    let text = article_with(part);
    assert!(
        text.starts_with("# Title\n\nWords") && text.ends_with("The last words."),
        "{text}"
    );
}
