use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use rstest::rstest;
use shared::request::Format;

use crate::extract::{ExtractOptions, Extractor, Formats, MediaType};

/// The Markdown of a page at `https://h.example/p/q`.
pub(super) fn markdown(html: &str) -> String {
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut extractor = Extractor::new(ExtractOptions {
        url: "https://h.example/p/q".parse().unwrap(),
        media_type: MediaType::of(&HeaderMap::from_iter([(CONTENT_TYPE, html_type)])),
        agent: "crawlcast".into(),
        formats: Formats::new(&[Format::Markdown]),
    });
    extractor.feed(html.as_bytes());
    extractor.finish().markdown.unwrap()
}

#[rstest]
#[case::row_heads(
    "<table><tr><th>Born</th><td>1815</td></tr><tr><th>Died</th><td>1852</td></tr></table>",
    "|  |  |\n| --- | --- |\n| Born | 1815 |\n| Died | 1852 |"
)]
#[case::both_heads(
    "<table><tr><th></th><th>Mon</th><th>Tue</th></tr><tr><th>AM</th><td>a</td><td>b</td></tr></table>",
    "|  | Mon | Tue |\n| --- | --- | --- |\n| AM | a | b |"
)]
#[case::no_head(
    "<table><tr><td>a<td>b<tr><td>c<td>d</table>",
    "|  |  |\n| --- | --- |\n| a | b |\n| c | d |"
)]
#[case::columns(
    "<table><tr><th>a<th>b<th>c<tr><td colspan=2>x<td>y</table>",
    "| a | b | c |\n| --- | --- | --- |\n| x |  | y |"
)]
#[case::rows(
    "<table><thead><tr><th rowspan=2>A<th colspan=2>G<tr><th>B<th>C</thead><tr><td>1<td>2<td>3</table>",
    "| A | G |  |\n| --- | --- | --- |\n|  | B | C |\n| 1 | 2 | 3 |"
)]
#[case::caption_and_foot(
    "<table><caption>Sums</caption><thead><tr><th>n</th></tr></thead><tfoot><tr><td>3<tbody><tr><td>1<tr><td>2</table>",
    "**Sums**\n\n| n |\n| --- |\n| 1 |\n| 2 |\n| 3 |"
)]
#[case::pipes_and_blocks(
    "<table><tr><th>a|b<th>c<tr><td><code>x|y</code><td><p>one<p>two<ul><li>i<li>j</ul></table>",
    "| a\\|b | c |\n| --- | --- |\n| `x\\|y` | one<br>two<br>- i<br>- j |"
)]
#[case::layout(
    "<table><tr><td><h1>Title</h1><td><p>words</table>",
    "# Title\n\nwords"
)]
#[case::code_in_a_cell(
    "<table><tr><th>n<th>c<tr><td>1<td><pre>a\nb</pre></table>",
    "| n | c |\n| --- | --- |\n| 1 | `a`<br>`b` |\n\n```\na\nb\n```"
)]
fn a_table_keeps_its_columns(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case::sphinx(
    "<div class=\"highlight-python notranslate\"><div class=highlight><pre><span></span><span class=gp>&gt;&gt;&gt; </span>\
     <span class=k>def</span> f():\n    <span class=k>return</span> 1\n# note\n</pre></div></div>",
    "```python\n>>> def f():\n    return 1\n# note\n```"
)]
#[case::brush("<pre class=\"brush: php\">echo 1;</pre>", "```php\necho 1;\n```")]
#[case::brush_with_options("<pre class=\"brush: js; gutter: false\">f()</pre>", "```js\nf()\n```")]
#[case::breaks("<pre>line1<br>line2</pre>", "```\nline1\nline2\n```")]
#[case::backticks("<pre>a ``` b</pre>", "````\na ``` b\n````")]
#[case::prism(
    "<pre class=language-css><code class=language-css>a{}</code></pre>",
    "```css\na{}\n```"
)]
#[case::hljs(
    "<pre><code class=\"hljs rust\">fn f()</code></pre>",
    "```rust\nfn f()\n```"
)]
#[case::data_lang(
    "<div class=highlight><pre><code data-lang=go>x</code></pre></div>",
    "```go\nx\n```"
)]
#[case::github(
    "<div class=\"highlight highlight-source-shell\"><pre>ls</pre></div>",
    "```shell\nls\n```"
)]
#[case::pandoc(
    "<div class=sourceCode><pre class=\"sourceCode haskell\"><code>x</code></pre></div>",
    "```haskell\nx\n```"
)]
#[case::no_language("<div class=highlight-default><pre>x</pre></div>", "```\nx\n```")]
#[case::chroma(
    "<div class=chroma><table class=lntable><tr><td class=lntd><pre class=chroma><code><span class=lnt>1\n</span><span class=lnt>2\n</span>\
     </code></pre></td><td class=lntd><pre class=chroma><code class=language-go data-lang=go>a\nb\n</code></pre></td></tr></table></div>",
    "```go\na\nb\n```"
)]
#[case::chroma_inline(
    "<pre><code class=language-go><span class=line><span class=ln>1</span><span class=cl>a\n</span></span>\
     <span class=line><span class=ln>2</span><span class=cl>b\n</span></span></code></pre>",
    "```go\na\nb\n```"
)]
#[case::pygments_table(
    "<table class=highlighttable><tr><td class=linenos><div class=linenodiv><pre>1\n2</pre></div></td>\
     <td class=code><div class=highlight><pre>a\nb\n</pre></div></td></tr></table>",
    "```\na\nb\n```"
)]
#[case::rouge(
    "<div class=\"language-ruby highlighter-rouge\"><div class=highlight><pre class=highlight><code><table class=rouge-table><tbody><tr>\
     <td class=\"rouge-gutter gl\"><pre class=lineno>1\n2\n</pre></td><td class=rouge-code><pre>a\nb\n</pre></td></tr></tbody></table></code></pre></div></div>",
    "```ruby\na\nb\n```"
)]
#[case::without_pre(
    "<div class=\"syntaxhighlighter php\"><table><tr><td class=gutter><div>1</div><div>2</div></td><td class=code>\
     <div class=line><code>echo</code> <code>1;</code></div><div class=line><code>x</code></div></td></tr></table></div>",
    "```php\necho 1;\nx\n```"
)]
#[case::a_button_is_no_code("<pre><button>Copy</button><code>x</code></pre>", "```\nx\n```")]
#[case::blank_lines("<pre>\n\na\n\n  b  \n\n</pre>", "```\n\na\n\n  b  \n\n```")]
#[case::in_a_list("<ul><li>x<pre>a\n\nb</pre></ul>", "- x\n\n  ```\n  a\n\n  b\n  ```")]
#[case::spans(
    "<p>a <code>b`c</code> <code>  d  e </code> <code>`</code>",
    "a ``b`c`` `d e` `` ` ``"
)]
fn code_stands_as_it_is(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[rstest]
#[case(
    "<base href=\"/docs/v2/\"><a href=\"guide.html\">g</a>",
    "[g](https://h.example/docs/v2/guide.html)"
)]
#[case(
    "<base href=\"/docs/v2/\"><a href=\"#sec\">g</a>",
    "[g](https://h.example/docs/v2/#sec)"
)]
#[case("<a href=\"//o.example/x\">g</a>", "[g](https://o.example/x)")]
#[case(
    "<base href=\"/docs/v2/\"><img src=\"img/a.png\">",
    "![](https://h.example/docs/v2/img/a.png)"
)]
#[case("<a href=\"javascript:x()\">js</a>", "js")]
#[case(
    "<a href=\"a b(c)[d]\">g]</a>",
    "[g\\]](<https://h.example/p/a%20b(c)[d]>)"
)]
#[case("<a href=mailto:a@b.example>mail</a>", "[mail](mailto:a@b.example)")]
#[case("<img src=\"data:image/png;base64,AAAA\" alt=six>", "six")]
#[case(
    "<img src=\"data:image/gif;base64,AAAA\" data-src=/a.png alt=x>",
    "![x](https://h.example/a.png)"
)]
#[case(
    "<img srcset=\"/a.png 1x, /b.png 2x\">",
    "![](https://h.example/a.png)"
)]
#[case(
    "<picture><source srcset=/a.webp><img alt=x></picture>",
    "![x](https://h.example/a.webp)"
)]
#[case(
    "<p><img class=lazy src=\"data:image/gif;base64,AA\" data-src=/a.png><noscript><img src=/a.png></noscript>",
    "![](https://h.example/a.png)"
)]
#[case(
    "<noscript><p>Plain <a href=/plain>words</a> <img src=/r.jpg alt=real></p></noscript>",
    "Plain [words](https://h.example/plain) ![real](https://h.example/r.jpg)"
)]
#[case("<img src=/pixel.gif width=1 height=1>x", "x")]
#[case(
    "<a href=/x><img src=/a.png alt=p></a>",
    "[![p](https://h.example/a.png)](https://h.example/x)"
)]
#[case("<code><a href=/x>f</a>(x)</code>", "[`f`](https://h.example/x)`(x)`")]
fn links_and_pictures_are_absolute(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

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
#[case::empty("<table><tr><td></td></tr></table>x", "x")]
#[case::presentation("<table role=presentation><tr><th>a<td>b</table>", "a\n\nb")]
#[case::nested(
    "<table><tr><td><table><tr><th>a<th>b<tr><td>1<td>2</table><td>side</table>",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nside"
)]
fn a_table_without_data_is_what_it_holds(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

#[test]
fn deep_pages_keep_their_words_and_their_structure() {
    let html = format!(
        "{}<h1>deep</h1><p>words{}",
        "<div>".repeat(100_000),
        "</div>".repeat(100_000)
    );
    assert_eq!(markdown(&html), "# deep\n\nwords");
    let unclosed = format!("<p>start{}end", "<div><b>".repeat(100_000));
    assert!(markdown(&unclosed).starts_with("start") && markdown(&unclosed).contains("end"));
}

#[test]
fn hostile_spans_cannot_grow_a_page() {
    let row = "<tr><td rowspan=65534 colspan=1000>x</td></tr>".repeat(100);
    let html = format!(
        "<table><tr>{}{}</table>",
        "<th rowspan=65534>h".repeat(1000),
        row
    );
    assert!(markdown(&html).len() < 20 * html.len());
}

#[test]
fn a_table_of_a_million_cells_keeps_all_of_them() {
    let row = format!("<tr>{}", "<td>x".repeat(100));
    let html = format!("<table>{}</table>", row.repeat(10_000));
    let text = markdown(&html);
    assert_eq!(text.matches('x').count(), 1_000_000);
    assert!(text.starts_with("|  |") && text.len() < 2 * html.len());
}

#[rstest]
#[case::formatting(format!("{}{}", (0..500).map(|n| format!("<font color=c{n}>")).collect::<String>(), "<p>x".repeat(20_000)))]
#[case::nested_lists("<ul><li>x".repeat(20_000))]
#[case::nested_quotes("<blockquote>x<br>".repeat(20_000))]
#[case::nested_tables("<table><tr><th>x".repeat(5_000))]
#[case::links_with_a_long_base(format!("<base href=/{}/>{}", "b".repeat(2000), "<a href=x>y</a>".repeat(50_000)))]
#[case::misplaced("<table>a<tr>b".repeat(20_000))]
#[case::attributes(format!("<p {}>x", (0..3_000).map(|n| format!("a{n} ")).collect::<String>()))]
fn hostile_pages_have_bounded_markdown(#[case] html: String) {
    let text = markdown(&html);
    assert!(
        !text.is_empty() && text.len() <= 8 * html.len() + 1024 * 1024,
        "{}",
        text.len()
    );
}

#[test]
fn a_page_too_large_for_a_tree_has_its_text_as_markdown() {
    let html = format!("<p># no heading<p>{}", "x".repeat(13 * 1024 * 1024));
    assert!(markdown(&html).starts_with("\\# no heading\n\nxxx"));
}
