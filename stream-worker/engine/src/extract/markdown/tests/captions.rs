//! Captions of pictures.

use rstest::rstest;

use super::{page_with, prose};

fn figure(caption: &str) -> String {
    format!("<figure><img src=/p.png><figcaption>{caption}</figcaption></figure>")
}

#[rstest]
#[case::two_hundred_bytes(200, false)]
#[case::more(201, true)]
fn a_caption_is_shorter_than_a_paragraph(#[case] bytes: usize, #[case] is_kept: bool) {
    let text = page_with(1000, &figure(&format!("x {}", prose(bytes - 1))));
    assert_eq!(text.contains("x word"), is_kept, "{text}");
}

#[rstest]
#[case::a_quarter(300, false)]
#[case::more_than_a_quarter(299, true)]
fn captions_hold_a_quarter_of_a_page_at_most(#[case] bytes: usize, #[case] is_kept: bool) {
    let caption = figure(&format!("x {}", prose(49)));
    let text = page_with(bytes, &caption.repeat(2));
    assert_eq!(text.contains("x word"), is_kept, "{text}");
}

#[rstest]
fn a_caption_is_known_by_its_name(
    #[values(
        "bildunterschrift",
        "wp-caption",
        "copyright-note",
        "photo-credit",
        "image-source",
        "image-subtitle",
        "image__source",
        "legend"
    )]
    class: &str,
    #[values("div", "p")] element: &str,
) {
    let part = format!("<div><img src=/p.png><{element} class='a {class}'>xx</{element}></div>");
    let text = page_with(300, &part);
    assert!(!text.contains("xx"), "{text}");
}

#[rstest]
#[case::another_element("<div><img src=/p.png><blockquote class=caption>xx</blockquote></div>")]
#[case::another_name("<div><img src=/p.png><p class=text>xx</p></div>")]
#[case::far_from_a_picture("<div><p class=caption>xx</p></div><img src=/p.png>")]
#[case::a_number("<figure><figcaption>Figure 3: xx</figcaption></figure>")]
#[case::a_number_of_another_word("<figure><figcaption>Illustration 3: xx</figcaption></figure>")]
#[case::a_table(
    "<figure><figcaption>xx<table><tr><td>1<td>2<tr><td>3<td>4</table></figcaption></figure>"
)]
#[case::of_documentation("<pre>let y;</pre><figure><figcaption>xx</figcaption></figure>")]
fn what_only_sounds_like_a_caption_is_kept(#[case] part: &str) {
    let text = page_with(300, part);
    assert!(text.contains("xx"), "{text}");
}

#[rstest]
#[case::a_long_word("Construction 3 xx", true)]
#[case::a_longer_word("Constructions 3 xx", false)]
#[case::no_number("Figure of xx", false)]
fn a_caption_with_the_number_of_a_figure_is_kept(#[case] caption: &str, #[case] is_kept: bool) {
    let text = page_with(300, &figure(caption));
    assert_eq!(text.contains("xx"), is_kept, "{text}");
}

#[test]
fn a_picture_is_looked_for_near_a_caption() {
    for (beside, is_kept) in [(100, false), (1000, true)] {
        let empty = "<i></i>".repeat(beside);
        let part = format!("<div>{empty}<img src=/p.png><p class=caption>xx</p></div>");
        let text = page_with(300, &part);
        assert_eq!(text.contains("xx"), is_kept, "{beside}: {text}");
    }
}
