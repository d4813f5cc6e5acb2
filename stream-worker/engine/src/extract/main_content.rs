//! The main content of a page.
//!
//! It owns the guess: what a page itself calls its main part (`<main>`, or its only `<article>`), without the navigation,
//! banners and notes around it. A page that says nothing of the kind is about all of itself. One streaming pass, no tree.

use std::borrow::Cow;

use lol_html::html_content::ContentType;
use lol_html::{RewriteStrSettings, element, rewrite_str};

/// Selects the elements around the content of a page: navigation, banners and footers.
const AROUND: &str = "nav, aside, footer, body > header, [role=navigation], [role=banner], [role=contentinfo], \
                      [role=search], [role=complementary], [hidden], [aria-hidden=true]";
/// Stand where a main part begins and ends. No page has a reason to hold them; one that does confuses its own reader only.
const MAIN: [&str; 2] = ["\u{1}main\u{2}", "\u{1}/main\u{2}"];
const ARTICLE: [&str; 2] = ["\u{1}article\u{2}", "\u{1}/article\u{2}"];

/// The main part of `html`; all of it if the page does not say, cannot be read, or would have nothing left.
pub(super) fn main_content(html: &str) -> Cow<'_, str> {
    let Ok(marked) = mark(html) else {
        return Cow::Borrowed(html);
    };
    let main = between(&marked, MAIN).or_else(|| {
        let is_only = marked.matches(ARTICLE[0]).count() == 1;
        between(&marked, ARTICLE).filter(|_| is_only)
    });
    let marks = MAIN.into_iter().chain(ARTICLE);
    let content = main.unwrap_or(&marked).to_owned();
    let content = marks.fold(content, |text, mark| text.replace(mark, ""));
    if content.trim().is_empty() {
        return Cow::Borrowed(html);
    }
    Cow::Owned(content)
}

/// The page without the elements around its content, and with marks around each part that may be the main one.
fn mark(html: &str) -> Result<String, lol_html::errors::RewritingError> {
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(AROUND, |element| {
            element.remove();
            Ok(())
        }))
        .append_element_content_handler(element!("main, [role=main]", |element| {
            element.before(MAIN[0], ContentType::Html);
            element.after(MAIN[1], ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("article", |element| {
            element.before(ARTICLE[0], ContentType::Html);
            element.after(ARTICLE[1], ContentType::Html);
            Ok(())
        }));
    rewrite_str(html, settings)
}

/// The text between the first `begin` and the last `end`.
fn between<'a>(text: &'a str, [begin, end]: [&str; 2]) -> Option<&'a str> {
    let from = text.find(begin)? + begin.len();
    let to = text.rfind(end).filter(|to| *to >= from)?;
    text.get(from..to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::main(
        "<nav>n</nav><main><p>x</p></main><footer>f</footer>",
        "<main><p>x</p></main>"
    )]
    #[case::role(
        "<div role=banner>b</div><p>a<div role=main>x</div>",
        "<div role=main>x</div>"
    )]
    #[case::an_article(
        "<p>a<article><header>T</header>x</article><p>b",
        "<article><header>T</header>x</article>"
    )]
    #[case::many_articles(
        "<article>a</article><article>b</article>",
        "<article>a</article><article>b</article>"
    )]
    #[case::around_within("<main>a<nav>n</nav>b<aside>c</aside></main>", "<main>ab</main>")]
    #[case::hidden("<p>a</p><p hidden>b</p><p aria-hidden=true>c</p>", "<p>a</p>")]
    #[case::a_banner("<body><header>b</header><p>a</p></body>", "<body><p>a</p></body>")]
    #[case::nothing_said("<div>a</div>", "<div>a</div>")]
    #[case::nothing_left("<nav>all there is", "<nav>all there is")]
    fn the_main_part_is_found(#[case] html: &str, #[case] expected: &str) {
        assert_eq!(main_content(html), expected);
    }

    proptest! {
        #[test]
        fn no_page_makes_it_panic(html in "[<>/ a-z\u{1}\u{2}=]{0,80}") {
            let _content = main_content(&html);
        }
    }
}
