use rstest::rstest;

use super::markdown;

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
#[case::numbered_sphinx(
    "<div class=highlight-python><table class=highlighttable><tr><td class=linenos><div class=linenodiv><pre><span>1</span></pre></div></td>\
     <td class=code><div class=highlight><pre>a\n</pre></div></td></tr></table></div>",
    "```python\na\n```"
)]
#[case::a_language_of_prose("<div class=lang-en><pre>x</pre></div>", "```\nx\n```")]
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
#[case::a_block_of_code("<pre><div>a</div>b</pre>", "```\na\nb\n```")]
#[case::cells_of_code(
    "<pre><table><tr><td>a</td><td>b</td></tr></table></pre>",
    "```\nab\n```"
)]
#[case::a_style_is_no_code("<pre>a<style>x</style></pre>", "```\na\n```")]
#[case::no_code("<pre> </pre>x", "x")]
#[case::numbers_of_a_script(
    "<pre class=line-numbers><code class=line-numbers>x</code></pre>",
    "```\nx\n```"
)]
#[case::numbers_that_count_nothing(
    "<table><tr><td><pre>1\n3</pre><td><pre>a\nb</pre></table>",
    "```\n1\n3\n```\n\n```\na\nb\n```"
)]
#[case::an_attribute("<pre lang=ruby>x</pre>", "```ruby\nx\n```")]
#[case::the_language_of_words("<pre lang=en>x</pre>", "```\nx\n```")]
#[case::brush_with_a_sign("<pre class=brush:js;>f()</pre>", "```js\nf()\n```")]
#[case::another_word_beside("<pre class='hljs copyable rust'>x</pre>", "```rust\nx\n```")]
#[case::a_word_with_a_hyphen_beside("<pre class='hljs a-b rust'>x</pre>", "```rust\nx\n```")]
#[case::a_word_with_an_underscore_beside("<pre class='hljs a_b rust'>x</pre>", "```rust\nx\n```")]
#[case::a_word_with_a_colon_beside("<pre class='hljs a:b rust'>x</pre>", "```rust\nx\n```")]
#[case::a_language_of_two_words("<pre data-lang='Objective C'>x</pre>", "```objective-c\nx\n```")]
#[case::a_language_with_signs("<pre class=language-c++>x</pre>", "```c++\nx\n```")]
#[case::no_word("<pre class=language-{{lang}}>x</pre>", "```\nx\n```")]
#[case::a_long_word(
    "<pre class=language-abcdefghijklmnopqrstuvwxyz0123456>x</pre>",
    "```\nx\n```"
)]
#[case::a_button_is_no_code("<pre><button>Copy</button><code>x</code></pre>", "```\nx\n```")]
#[case::blank_lines("<pre>\n\na\n\n  b  \n\n</pre>", "```\n\na\n\n  b  \n\n```")]
#[case::in_a_list("<ul><li>x<pre>a\n\nb</pre></ul>", "- x\n\n  ```\n  a\n\n  b\n  ```")]
#[case::spans(
    "<p>a <code>b`c</code> <code>  d  e </code> <code>`</code> <code>`f</code> <code>g`</code>",
    "a ``b`c`` `d e` `` ` `` `` `f `` `` g` ``"
)]
fn code_stands_as_it_is(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}
