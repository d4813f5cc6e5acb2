//! Drawings and formulas.

use rstest::rstest;

use super::recorder::record;

#[rstest]
#[case::quoted("<svg><![CDATA[<a>]]></svg>x", "")]
#[case::text("<svg>y<title>z</title></svg>x", "yz")]
#[case::not_quoted_in_html("<![CDATA[<svg>]]>x", "")]
#[case::elements_that_hold_text_elsewhere(
    "<svg><style>y<g></style><script>z</script></svg>x",
    "yz"
)]
#[case::ended_by_a_page("<svg>y<p>x", "y")]
#[case::ended_by_the_end_of_a_page("<div><svg>y<g></div>x", "y")]
#[case::not_ended_by_a_stray_tag("<svg>y<path/></path>z</svg>x", "yz")]
#[case::a_page_within(
    "<svg><foreignObject><p>y</p><style>x</style></foreignObject>z</svg>x",
    "yz"
)]
#[case::ended_from_a_page_within("<svg><title>y</svg>x", "y")]
#[case::a_drawing_within("<svg><g><svg/>y<svg>z</svg></g>a</svg>x", "yza")]
#[case::closed_at_once("<svg/>x", "")]
#[case::a_font("<svg><font>y</font><font color=red>x", "y")]
#[case::a_formula("<math><mi>y<b>z</b></mi><mtext><a>a</a></mtext></math>x", "yza")]
#[case::an_annotation(
    "<math><annotation-xml encoding='Text/HTML'><p>y</p></annotation-xml></math>x",
    "y"
)]
#[case::no_annotation("<math><annotation-xml><p>x", "")]
#[case::a_font_with_a_face("<svg><font face=a>x", "")]
#[case::a_font_with_a_size("<svg><font size=1>x", "")]
#[case::a_description("<svg><desc>y<p>z</p></desc>a</svg>x", "yza")]
#[case::a_title("<svg><title>y<p>z</p></title>a</svg>x", "yza")]
#[case::an_identifier("<math><mi>y<p>z</p></mi>a</math>x", "yza")]
#[case::a_number("<math><mn>y<p>z</p></mn>a</math>x", "yza")]
#[case::an_operator("<math><mo>y<p>z</p></mo>a</math>x", "yza")]
#[case::a_string("<math><ms>y<p>z</p></ms>a</math>x", "yza")]
#[case::words_of_a_formula("<math><mtext>y<p>z</p></mtext>a</math>x", "yza")]
#[case::another_annotation(
    "<math><annotation-xml encoding=application/xhtml+xml><p>y</p></annotation-xml></math>x",
    "y"
)]
#[case::a_drawing_in_an_annotation(
    "<math><annotation-xml><svg><title>y<p>z</p></title></svg></annotation-xml></math>x",
    "yz"
)]
#[case::a_stray_tag_in_a_page_within(
    "<svg><g><foreignObject>y</g><p>z</p></foreignObject>a</g></svg>x",
    "yza"
)]
#[case::a_link("<svg><a>y</a>z</svg>x", "yz")]
fn text_of_drawings_is_told_apart(#[case] html: &str, #[case] text: &str) {
    for length in 1..=html.len() {
        let found = record(html, &vec![length; html.len()]);
        assert_eq!(found.foreign, text, "in pieces of {length}");
    }
}
