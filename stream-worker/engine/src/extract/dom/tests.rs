//! Holds the tokens against those of html5ever, whose tree builder is the same.

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;

use super::parse::Guard;
use super::tags::MAX_ATTRIBUTES;
use super::{NodeId, Tree, parse};

/// Tells a tree builder nothing of faults: before a fault it forgets to drop the line end that a `<pre>` begins with.
struct Faultless(Guard);

impl TokenSink for Faultless {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        match token {
            Token::ParseError(_) => TokenSinkResult::Continue,
            _ => self.0.process_token(token, line),
        }
    }

    fn end(&self) {
        self.0.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The tree of `html` by the tokens of html5ever.
pub(in crate::extract) fn by_html5ever(html: &str) -> Tree {
    let guard = Faultless(Guard::for_page(html.len()));
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !input.is_empty() {
        let _stopped_for_script = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.builder.sink.finish()
}

/// A line for each element and each text, indented.
fn lines(tree: &Tree) -> String {
    let mut lines = String::new();
    for id in tree.subtree(tree.root()) {
        let parents = std::iter::successors(tree.parent(id), |id| tree.parent(*id));
        let indent = " ".repeat(parents.count());
        if let Some(text) = tree.text(id) {
            lines.push_str(&format!("{indent}{text:?}\n"));
        } else if let Some(name) = tree.element_name(id) {
            let attributes: Vec<_> = tree.attributes(id).collect();
            lines.push_str(&format!("{indent}<{name:?} {attributes:?}\n"));
        }
    }
    lines
}

fn are_equal(html: &str) {
    let own = parse(html).unwrap();
    assert_eq!(lines(&own), lines(&by_html5ever(html)), "{html:?}");
}

#[rstest]
#[case::text("a < b & c &amp; d &lt;p> </ e <3 &#150; &notit; <")]
#[case::an_open_end("<p>a</")]
#[case::tags(
    "<P CLASS=a class=b Id='c'data-x=\"d\"e = f g/h/ =i>x</p a=b><br/><br / ><A/b=/c>y</a>z</>"
)]
#[case::values("<a href=?a&amp;b&copy=1&lt x='&quot;>' y=\"a\nb\" z= >x<b c=>y<i d='")]
#[case::a_tag_without_end("<p>x<b a=b c")]
#[case::comments(
    "a<!-->b--><!--->c--><!-- x --!>d<!----><!--- e -->f<!-- <!-- --> g --><?x?>h<!y>i</ z>j<!---!>k-->l<!--m"
)]
#[case::doctypes("<!doctype html><table><p>a<table><tr><td>b</table>")]
#[case::old_doctypes(
    "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 3.2//EN'>\r\n<p>a<table><tr><td>b</table>"
)]
#[case::an_unclosed_doctype("<!doctype html PUBLIC 'x")]
#[case::titles("<title>a &amp; <b>b</titles></TITLE x>c<textarea>\n<p>d</textarea/>e")]
#[case::styles(
    "<style>a</styles &amp;<!-- </style>b<iframe><p></iframe><noembed><b></noembed><xmp><i></xmp>"
)]
#[case::scripts(
    "<script>a<b</Script x>c<script><!-- <script> </script> --> </script>d<script><!--></script>e"
)]
#[case::scripts_in_comments(
    "<script><!-- <script>a</script>b</script>c<script><!-- <scripts></script>d<script><!-- <script/ </script --></script>e"
)]
#[case::a_script_without_end("<script>a</script")]
#[case::formulas(
    "<math><![CDATA[a<b]]c]]>d</math><svg><title><![CDATA[x]]></title><path/></svg><![CDATA[y]]>"
)]
#[case::plain_text("<p>a<plaintext><b>&amp;</plaintext>")]
#[case::lines("<pre>\r\n\r\na\rb</pre><pre>\n\nc</pre><p title='a\r\nb'>d</p>\r")]
#[case::lines_behind_faults("<pre>&#xa</pre><pre></>\nb</pre><pre>&#10\nc</pre>")]
#[case::nulls(
    "a\0b<p\0q c\0d='e\0f'>g</p><script>h\0i</script><svg>j\0k<![CDATA[l\0m]]></svg><title>\0</title><!-- \0 -->"
)]
#[case::a_mark("\u{feff}<p>a")]
#[case::nothing("")]
#[case::letters("<äp>a</äp><p ä=ö>b<İ>c</K><AİÄ Ä=b>d</Aİä>")]
#[case::blanks("<p\x0ca=b\tc\n=\x0cd\te>x</p\t><pre\x0c>y</pre\x0c>")]
#[case::elements_that_close_themselves("<svg><g/>a<g a=b/>c<g / >d</g></svg><math><mi/>e</math>")]
fn pages_are_read_as_html5ever_reads_them(#[case] html: &str) {
    are_equal(html);
}

#[rstest]
#[case::attributes_of_a_page_that_come_twice(
    "<html a=1><body c=1><html a=2 b=2><body c=2 d=2>x",
    "html a=1 b=2, head, body c=1 d=2, 'x'"
)]
#[case::text_in_a_table(
    "<table>x<tr><td>y</table>",
    "html, head, body, 'x', table, tbody, tr, td, 'y'"
)]
#[case::elements_in_a_table(
    "<table><tr><b>x</b><td>y</table>",
    "html, head, body, b, 'x', table, tbody, tr, td, 'y'"
)]
#[case::text_in_two_pieces("<p>x<!-- -->y</p>", "html, head, body, p, 'x', 'y'")]
#[case::marks_over_each_other("<b>x<p>y</b>z</p>", "html, head, body, b, 'x', p, b, 'y', 'z'")]
fn a_tree_is_built_as_browsers_build_it(#[case] html: &str, #[case] expected: &str) {
    let tree = parse(html).unwrap();
    let nodes = tree.subtree(tree.root()).filter_map(|id| {
        let text = tree.text(id).map(|text| format!("'{text}'"));
        text.or_else(|| {
            let mut element = tree.element_name(id)?.to_owned();
            for (name, value) in tree.attributes(id) {
                element.push_str(&format!(" {name}={value}"));
            }
            Some(element)
        })
    });
    assert_eq!(nodes.collect::<Vec<_>>().join(", "), expected);
}

/// Parts of pages, whole and broken.
const PARTS: [&str; 64] = [
    "<",
    ">",
    "</",
    "/>",
    "/",
    "<!",
    "!",
    "?",
    "-",
    "--",
    "<!--",
    "-->",
    "--!>",
    "=",
    "\"",
    "'",
    "&",
    "&amp;",
    "&amp",
    "&#60;",
    "&#x",
    ";",
    "\n",
    "\r",
    "\r\n",
    "\0",
    " ",
    "a",
    "B",
    "é",
    "<p>",
    "</p>",
    "<P ",
    "<b>",
    "</b>",
    "<a href=",
    "<br/>",
    "<pre>",
    "<script>",
    "</script>",
    "<script ",
    "</script ",
    "script",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea",
    "<svg>",
    "</svg>",
    "<math>",
    "<mi>",
    "<![CDATA[",
    "]]>",
    "]",
    "<table>",
    "<td>",
    "</table>",
    "<select>",
    "<template>",
    "</template>",
    "<!doctype html>",
    "<!DOCTYPE ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_page_is_read_as_html5ever_reads_it(parts in prop::collection::vec(select(&PARTS[..]), 0..40)) {
        are_equal(&parts.concat());
    }
}

fn attributes(count: usize) -> String {
    (0..count).map(|number| format!("a{number} ")).collect()
}

#[rstest]
#[case::most(format!("<p {}>x", attributes(MAX_ATTRIBUTES)))]
#[case::many_tags(format!("<p {}>x", attributes(600)).repeat(3))]
#[case::one_long_value(format!("<p a='{0}' b=\"{0}\">x", attributes(5000)))]
#[case::a_script(format!("<script>if (a <b {}) {{}}</script>x", attributes(5000)))]
#[case::a_comment(format!("<!-- <p {} -->x", attributes(5000)))]
#[case::text(format!("a < b {} x", attributes(5000)))]
fn ordinary_tags_are_not_crowded(#[case] html: String) {
    assert!(parse(&html).is_some());
}

#[rstest]
#[case::names(format!("<p {}>x", attributes(MAX_ATTRIBUTES + 1)))]
#[case::values(format!("<p {}>x", "a = '>' ".repeat(MAX_ATTRIBUTES + 1)))]
#[case::unquoted(format!("<p {}>x", "a=b/c ".repeat(MAX_ATTRIBUTES + 1)))]
#[case::slashes(format!("<p {}>x", "a/".repeat(MAX_ATTRIBUTES + 1)))]
#[case::an_end(format!("<p>x</p {}>", attributes(MAX_ATTRIBUTES + 1)))]
#[case::behind_a_script(format!("<script>a</SCRIPT><p {}>", attributes(MAX_ATTRIBUTES + 1)))]
#[case::a_million(format!("<p {}>x", attributes(1_000_000)))]
fn a_page_with_a_crowded_tag_has_no_tree(#[case] html: String) {
    assert!(parse(&html).is_none());
}
