use rstest::rstest;

use super::markdown;

#[rstest]
#[case::card(
    "<a href=/card><h3>Card title</h3><p>Card text</p></a>",
    "### [Card title](https://h.example/card)\n\nCard text"
)]
#[case::card_without_heading(
    "<a href=/c><div>One</div><div>Two</div></a>",
    "[One](https://h.example/c)\n\nTwo"
)]
#[case::aside(
    "<main><h1>Install</h1><p>Intro.</p><aside class=starlight-aside aria-label=Caution><p>Never run this as root.</p></aside></main>",
    "# Install\n\nIntro.\n\n> **Caution**\n>\n> Never run this as root."
)]
#[case::admonition(
    "<div role=main><p>Some words that are more than the note has in it.</p><div class=\"admonition note\"><p class=admonition-title>Note</p><p>x</p></div></div>",
    "Some words that are more than the note has in it.\n\n> **Note**\n>\n> x"
)]
#[case::definitions(
    "<dl><dt>term<dd><p>one<p>two<dt>other<dd>three</dl>",
    "- term\n\n  one\n\n  two\n\n- other\n\n  three"
)]
#[case::contents(
    "<dl><dt>a</dt><dd><dl><dt>b</dt><dt>c</dt></dl></dd><dt>d</dt></dl><p>x",
    "- a\n  - b\n  - c\n- d\n\nx"
)]
#[case::number_signs("<h3>C#</h3><h3>C #</h3>", "### C#\n\n### C \\#")]
#[case::footnote_labels(
    "<aside role=note><span>[<a role=doc-backlink href=#r1>1</a>]</span><p>Said there.</p></aside><p>More words than there are in the note itself.",
    "> [[1](https://h.example/p/q#r1)]\n>\n> Said there.\n\nMore words than there are in the note itself."
)]
#[case::addresses("<p>&lt;22$f@host> &lt;5", "\\<22$f@host> <5")]
#[case::contents_of_headings(
    "<h2><a class=toc-backref role=doc-backlink href=#id1>Why?</a></h2>",
    "## Why?"
)]
#[case::details("<details><summary>More</summary><p>x</details>", "**More**\n\nx")]
#[case::permalink(
    "<h2>Head<a class=headerlink href=#head title=\"Link to this heading\">¶</a></h2>",
    "## Head"
)]
#[case::permalink_of_a_class("<h2>Head<a class=anchor href=#head>§§</a></h2>", "## Head")]
#[case::permalink_of_a_class_in_words("<p>Words<a class=permalink href=#x>Anchor</a></p>", "Words")]
#[case::permalink_that_is_a_link("<h2>Head <a href=/p/q#head>Link</a></h2>", "## Head")]
#[case::permalink_within_marks(
    "<h2>Head <b><i><a href=/p/q#head>Permalink</a></i></b></h2>",
    "## Head"
)]
#[case::a_link_with_a_class(
    "<p><a class=anchor href=/y#x>More words</a></p>",
    "[More words](https://h.example/y#x)"
)]
#[case::a_link_that_is_called_so_in_text(
    "<p><a href=/y#x>Permalink</a></p>",
    "[Permalink](https://h.example/y#x)"
)]
#[case::a_link_to_another_page("<p><a class=anchor href=/y>¶</a></p>", "[¶](https://h.example/y)")]
#[case::a_formula("<p><math><annotation>a_1</annotation></math></p>", "a_1")]
#[case::a_formula_in_words("<p><math alttext='a+b'><mi>x</mi></math></p>", "a+b")]
#[case::a_formula_without_words("<p><math alttext=' '><mi>x</mi></math></p>", "x")]
#[case::a_quotation("<p>a <q>b</q></p>", "a \"b\"")]
#[case::a_button_in_a_line("<p>a<button>b</button></p>", "a")]
#[case::a_button_in_a_heading("<h2><button>a</button></h2>", "## a")]
#[case::marks_in_marks("<p><b>a <strong>b</strong></b></p>", "**a b**")]
#[case::marks_in_code("<p><code>a<b>b</b></code>c</p>", "`ab`c")]
#[case::a_note_number_in_a_heading("<h2>a<sup>1</sup></h2>", "## a1")]
#[case::permalink_in_front("<h2><a href=#head>#</a> Head</h2>", "## Head")]
#[case::linked_heading("<h2><a href=#head>Head</a></h2>", "## Head")]
#[case::permalink_words("<h2>Head <a href=/p/q#head>Permalink</a></h2>", "## Head")]
#[case::footnotes(
    "<p>Said<sup><a href=#fn1 id=r1>1</a></sup>.<ol><li id=fn1>There <a href=#r1 class=footnote-backref>↩</a></ol>",
    "Said[1](https://h.example/p/q#fn1).\n\n1. There"
)]
#[case::panels(
    "<main><p>Choose one of these two:</p><div role=tabpanel>first</div><div role=tabpanel hidden>second</div></main>",
    "Choose one of these two:\n\nfirst\n\nsecond"
)]
#[case::hidden_code(
    "<p>Words that are here for their length<div style=\"display: none\"><pre>code</pre></div>",
    "Words that are here for their length\n\n```\ncode\n```"
)]
#[case::lists(
    "<ul><li>a<ul><li>b</ul><li><p>c</p></ul><ol start=3><li>d<li value=7>e</ol>",
    "- a\n  - b\n- c\n\n3. d\n7. e"
)]
#[case::loose("<ul><li><p>a<p>b</p><li>c</ul>", "- a\n\n  b\n\n- c")]
#[case::two_lists("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b")]
#[case::tasks(
    "<ul><li><input type=checkbox checked> a<li><input type=checkbox> b</ul>",
    "- [x] a\n- [ ] b"
)]
#[case::quote("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b")]
#[case::two_lists_with_text_between("<ul><li>a</ul><p>x</p><ul><li>b</ul>", "- a\n\nx\n\n- b")]
#[case::a_list_of_pictures("<ul><li><img src=/a.png><li></ul>", "- ![](https://h.example/a.png)")]
#[case::a_script_in_a_word("a<script>x()</script>b", "ab")]
#[case::lines("<p>a<br>b<br>c<br> <br>d", "a  \nb  \nc\n\nd")]
#[case::card_with_a_text_above(
    "<a href=/c><p>x</p><h3>T</h3></a>",
    "x\n\n### [T](https://h.example/c)"
)]
#[case::card_that_leads_nowhere("<a href=''><div>x</div></a>", "x")]
#[case::a_line_in_an_item("<ul><li><hr>a</ul>", "- a")]
#[case::a_large_button("<button><p>x</p></button>y", "y")]
#[case::a_summary_with_a_heading("<details><summary><h3>T</h3></summary>x</details>", "### T\n\nx")]
#[case::a_quote_with_a_label("<blockquote aria-label=Words><p>x</p></blockquote>", "> x")]
#[case::number_signs_alone("<h3>x<br>##</h3><h3>##</h3>", "### x \\##\n\n### \\##")]
#[case::marks(
    "<p><b>a </b>b<i>c</i> <em><strong>d</strong></em> <b></b><b>x</b><b>y</b> <s>z</s>",
    "**a** b*c* _**d**_ **xy** ~~z~~"
)]
#[case::marks_that_would_not_be_read("<p><b>(a)</b>b", "(a)b")]
#[case::ruby("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)")]
#[case::powers("<p>10<sup>6</sup> H<sub>2</sub>O", "10<sup>6</sup> H<sub>2</sub>O")]
#[case::breaks("<p>a<br>b<br><br>c", "a  \nb\n\nc")]
#[case::entities(
    "<p>Caf&eacute &#150; Tom &amp Jerry&#146;s &copy 1999 &#8217 x &notit;",
    "Café – Tom & Jerry’s © 1999 ’ x ¬it;"
)]
fn structure_is_kept(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}
