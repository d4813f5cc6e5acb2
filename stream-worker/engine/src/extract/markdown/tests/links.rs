use rstest::rstest;

use url::Url;

use super::found::Found;
use super::{markdown, read};
use crate::extract::Page;

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
#[case("<a href=\"vbscript:x()\">a</a><a href=about:blank>b</a>", "ab")]
#[case(
    "<a href=\"data:text/plain,x\">a</a><a href=blob:https://h.example/1>b</a>",
    "ab"
)]
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
#[case("<img src=/pixel.gif width=1px height=0px>x", "x")]
#[case(
    "<img src=/line.gif width=1 height=20>",
    "![](https://h.example/line.gif)"
)]
#[case(
    "<img src=/line.gif width=20 height=1>",
    "![](https://h.example/line.gif)"
)]
#[case("<img alt=''>x", "x")]
#[case("<img src=/a.png alt='[x]'>", "![\\[x\\]](https://h.example/a.png)")]
#[case(
    "<img data-srcset='/a.png 1x' src=/b.png>",
    "![](https://h.example/a.png)"
)]
#[case("<img srcset=', /a.png, /b.png'>", "![](https://h.example/a.png)")]
#[case("<img srcset='/a.png,'>", "![](https://h.example/a.png)")]
#[case("<img src=ftp://a.example/a.png alt=x>", "x")]
#[case(
    "<picture><source data-srcset=/a.webp><img alt=x></picture>",
    "![x](https://h.example/a.webp)"
)]
#[case("<p><source srcset=/a.webp><img alt=x></p>", "x")]
#[case(
    "<a href=/x>a <a href=/y>b</a></a>",
    "[a](https://h.example/x) [b](https://h.example/y)"
)]
#[case("<a href=/x><object></object></a>y", "y")]
#[case(
    "<a href=/x><img src=/a.png alt=p></a>",
    "[![p](https://h.example/a.png)](https://h.example/x)"
)]
#[case("<code><a href=/x>f</a>(x)</code>", "[`f`](https://h.example/x)`(x)`")]
fn links_and_pictures_are_absolute(#[case] html: &str, #[case] expected: &str) {
    assert_eq!(markdown(html), expected);
}

/// The links of a page's Markdown that lead to another page, or nowhere, and are not among the page's links.
pub(super) fn unknown_links(page: &Page) -> Vec<String> {
    let is_known = |href: &str| {
        let Ok(mut url) = href.parse::<Url>() else {
            return false;
        };
        url.set_fragment(None);
        !matches!(url.scheme(), "http" | "https")
            || page.links.iter().any(|link| link.url == url.as_str())
    };
    let found = Found::of(page.markdown.as_deref().unwrap());
    let hrefs = found.links.into_iter().map(|(href, _)| href);
    hrefs.filter(|href| !is_known(href)).collect()
}

#[test]
fn unknown_links_are_told_from_known_ones() {
    let page = Page {
        markdown: Some(
            "[a](/a) [b](https://h.example/b) [c](https://h.example/c#d) <mailto:x@y.example>"
                .into(),
        ),
        ..read("<a href=/c>c</a>")
    };
    assert_eq!(unknown_links(&page), ["/a", "https://h.example/b"]);
}
