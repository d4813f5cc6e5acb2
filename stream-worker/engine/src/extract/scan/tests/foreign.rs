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
#[case::a_link("<svg><a>y</a>z</svg>x", "yz")]
fn text_of_drawings_is_told_apart(#[case] html: &str, #[case] text: &str) {
    for length in 1..=html.len() {
        let found = record(html, &vec![length; html.len()]);
        assert_eq!(found.foreign, text, "in pieces of {length}");
    }
}
