//! The formats that are made of a page when all of it is there.
//!
//! It owns which of them need the page's tree, and what they hold where a request chooses parts of pages. It refuses to know how each
//! is written.

use std::borrow::Cow;

use shared::request::Format;

use super::dom::{self, NodeId, Tree};
use super::html::text_of;
use super::links::References;
use super::main_content::MainContent;
use super::shape::Shape;
use super::written::{self, AsItIs};
use super::{Formats, clean, markdown};

/// A page that is there as a whole.
pub(super) struct Whole<'a> {
    /// In UTF-8.
    pub(super) source: &'a str,
    /// Its text, if that has been read already.
    pub(super) text: Option<String>,
    pub(super) references: &'a References,
    pub(super) formats: &'a Formats,
}

/// The formats that were asked for.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) markdown: Option<String>,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    pub(super) raw_html: Option<String>,
    pub(super) clean_html: Option<String>,
}

impl Whole<'_> {
    pub(super) fn make(self) -> Made {
        let wants = |format| self.formats.contains(format);
        let has_tags = !self.formats.tags().are_none();
        let made = if self.formats.need_tree() {
            self.of_tree()
        } else {
            Made::default()
        };
        let source = |format| wants(format).then(|| self.source.to_owned());
        let raw_html = source(Format::RawHtml);
        if has_tags {
            return Made { raw_html, ..made };
        }
        let markdown = made.markdown.or_else(|| {
            // A page that breaks the limits of a tree is shown as its text.
            wants(Format::Markdown).then(|| {
                let text = self
                    .text
                    .as_deref()
                    .map_or_else(|| Cow::Owned(text_of(self.source)), Cow::Borrowed);
                markdown::of_text(&text)
            })
        });
        Made {
            markdown,
            html: source(Format::Html),
            raw_html,
            text: self.text.filter(|_| wants(Format::Text)),
            ..made
        }
    }

    /// Those that are made of the tree; none if the page breaks its limits.
    fn of_tree(&self) -> Made {
        if self.source.len() > markdown::MAX_HTML {
            return Made::default();
        }
        let Some(mut tree) = dom::parse(self.source) else {
            return Made::default();
        };
        let tags = self.formats.tags();
        if !tags.are_none() && !tags.apply(&mut tree) {
            return Made::default();
        }
        let shape = Shape::of(&tree);
        if shape.deepest() > markdown::DEEPEST {
            return Made::default();
        }
        let wants = |format| self.formats.contains(format);
        let mut made = Made::default();
        if wants(Format::Markdown) || wants(Format::CleanHtml) {
            let main = self.content(&tree, &shape);
            made.markdown = wants(Format::Markdown)
                .then(|| {
                    markdown::of_tree(&tree, &shape, &main, self.references, self.source.len())
                })
                .flatten();
            made.clean_html =
                wants(Format::CleanHtml).then(|| clean::html(&tree, &main, self.references));
        }
        if !tags.are_none() && (wants(Format::Html) || wants(Format::Text)) {
            let html = written::html(&tree, top(&tree, !tags.include.is_empty()), &AsItIs);
            made.text = wants(Format::Text).then(|| text_of(&html));
            made.html = wants(Format::Html).then_some(html);
        }
        made
    }

    fn content(&self, tree: &Tree, shape: &Shape) -> MainContent {
        if self.formats.only_main_content() && self.formats.tags().include.is_empty() {
            MainContent::of(tree, shape)
        } else {
            MainContent::whole(tree)
        }
    }
}

/// The node whose content is the page's HTML: the body's, if that was made of the included elements.
fn top(tree: &Tree, is_choice: bool) -> NodeId {
    let body = tree.children(tree.root()).next();
    body.filter(|_| is_choice).unwrap_or_else(|| tree.root())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};
    use shared::CrawlRequest;

    use crate::extract::{DocumentType, ExtractOptions, Extractor, Formats, MediaType, Page};

    const PAGE: &str = "<!DOCTYPE html><html><head><title>T</title><style>x</style></head><body><nav class=top><a href=/>Home</a></nav>
        <main><h1>Head</h1><p class=lead>Lead &amp; <b>words</b>.</p><aside class=ad>Ad<img src=ad.png></aside>
        <table><tr><td class=cell>Cell</td></tr></table><p onclick=run() style='color:red'>See <a href=more>more</a>.</p>
        <form><input name=q><p>Form words</p></form><script>run()</script></main><footer>Imprint</footer></body></html>";

    fn read_as(document: DocumentType, html: &str, formats: &[&str], more: &Value) -> Page {
        let mut body = json!({"url": "https://a.example/", "formats": formats});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = CrawlRequest::from_value(body).unwrap();
        let mut extractor = Extractor::new(ExtractOptions {
            url: "https://a.example/dir/page".parse().unwrap(),
            media_type: MediaType {
                document,
                encoding: Some(encoding_rs::UTF_8),
            },
            agent: "crawlcast".into(),
            formats: Formats::of(&request),
        });
        for piece in html.as_bytes().chunks(64.max(html.len() / 1000)) {
            extractor.feed(piece);
        }
        extractor.finish()
    }

    fn read(formats: &[&str], more: &Value) -> Page {
        read_as(DocumentType::Html, PAGE, formats, more)
    }

    const ALL: [&str; 5] = ["markdown", "text", "html", "rawHtml", "cleanHtml"];

    #[test]
    fn without_a_choice_formats_are_as_ever() {
        let page = read(&ALL, &json!({}));
        assert_eq!(page.html.as_deref(), Some(PAGE));
        assert_eq!(page.raw_html.as_deref(), Some(PAGE));
        let text = page.text.unwrap();
        assert!(
            text.starts_with("Home\nHead\nLead & words.\nAd\nCell"),
            "{text}"
        );
        let markdown = page.markdown.unwrap();
        assert!(
            markdown.starts_with("# Head\n\nLead & **words**."),
            "{markdown}"
        );
        assert!(
            !markdown.contains("Home") && !markdown.contains("Imprint"),
            "{markdown}"
        );
    }

    #[test]
    fn clean_html_is_main_content_that_can_be_shown_anywhere() {
        let clean = read(&["cleanHtml"], &json!({})).clean_html.unwrap();
        assert!(
            clean.starts_with("<h1>Head</h1><p class=\"lead\">Lead &amp; <b>words</b>.</p>"),
            "{clean}"
        );
        assert!(
            clean.contains("<p>See <a href=\"https://a.example/dir/more\">more</a>.</p>"),
            "{clean}"
        );
        assert!(clean.contains("<td class=\"cell\">Cell</td>"), "{clean}");
        for none in [
            "script", "form", "input", "style", "onclick", "Home", "Imprint", "ad.png",
        ] {
            assert!(!clean.contains(none), "{none} in {clean}");
        }
    }

    #[rstest]
    #[case(
        "<p><img src=a.png srcset='b.png 1x, /c.png 2x'><iframe src=//b.example/></iframe>",
        "<p><img src=\"https://a.example/dir/a.png\" srcset=\"https://a.example/dir/b.png 1x, https://a.example/c.png 2x\">\
         <iframe src=\"https://b.example/\"></iframe></p>"
    )]
    #[case(
        "<p><a href='java&#10;script:x()' title='\"&lt;'>x</a>",
        "<p><a title=\"&quot;&lt;\">x</a></p>"
    )]
    #[case(
        "<p>a<noscript><b>b</b></noscript><template>c</template><br>d",
        "<p>a<b>b</b><br>d</p>"
    )]
    #[case("<pre>\n\n x &lt;b&gt;</pre>", "<pre>\n\n x &lt;b&gt;</pre>")]
    fn clean_html_is_safe(#[case] html: &str, #[case] expected: &str) {
        let page = read_as(
            DocumentType::Html,
            html,
            &["cleanHtml"],
            &json!({"onlyMainContent": false}),
        );
        assert_eq!(page.clean_html.as_deref(), Some(expected));
    }

    #[test]
    fn the_whole_page_is_there_if_it_is_asked_for() {
        let page = read(
            &["markdown", "cleanHtml"],
            &json!({"onlyMainContent": false}),
        );
        for format in [page.markdown.unwrap(), page.clean_html.unwrap()] {
            for part in ["Home", "Head", "Ad", "Cell", "Imprint"] {
                assert!(format.contains(part), "{part} in {format}");
            }
            assert!(!format.contains("run()"), "{format}");
        }
    }

    #[test]
    fn what_is_excluded_is_in_no_format_but_the_raw_one() {
        let page = read(
            &ALL,
            &json!({"excludeTags": [".lead, td", "form"], "onlyMainContent": false}),
        );
        let made = [page.markdown, page.text, page.html, page.clean_html];
        let [_, _, Some(html), _] = &made else {
            panic!("HTML was made");
        };
        assert!(html.starts_with("<html><head><title>T</title>"), "{html}");
        for format in made.map(Option::unwrap) {
            for none in ["Lead", "words", "Cell"] {
                assert!(!format.contains(none), "{none} in {format}");
            }
            assert!(
                format.contains("Head") && format.contains("Home"),
                "{format}"
            );
        }
        assert_eq!(page.raw_html.as_deref(), Some(PAGE));
    }

    #[test]
    fn main_content_is_looked_for_in_what_is_not_excluded() {
        let page = read(
            &["markdown", "text"],
            &json!({"excludeTags": [".ad", "table", "form"]}),
        );
        assert_eq!(
            page.markdown.as_deref(),
            Some("# Head\n\nLead & **words**.\n\nSee [more](https://a.example/dir/more).")
        );
        assert!(page.text.unwrap().ends_with("See more.\nImprint"));
    }

    #[test]
    fn what_is_included_is_all_there_is() {
        let page = read(
            &ALL,
            &json!({"includeTags": ["footer", ".lead", "table"], "excludeTags": ["b"]}),
        );
        assert_eq!(page.text.as_deref(), Some("Lead & .\nCell\nImprint"));
        let html = "<p class=\"lead\">Lead &amp; .</p><table><tbody><tr><td class=\"cell\">Cell</td></tr></tbody></table>\
                    <footer>Imprint</footer>";
        assert_eq!(page.html.as_deref(), Some(html));
        assert_eq!(page.clean_html.as_deref(), Some(html));
        let markdown = "Lead & .\n\nCell\n\nImprint";
        assert_eq!(page.markdown.as_deref(), Some(markdown));
        assert_eq!(page.title.as_deref(), Some("T"), "the page is the same");
        assert_eq!(page.links.len(), 2, "and so are its links");
    }

    #[test]
    fn a_heading_or_a_list_that_is_included_is_one() {
        let html = "<h2>Two</h2><ul><li>a<li>b</ul><pre>c</pre><p>d";
        let more = json!({"includeTags": ["h2", "ul", "pre"]});
        let page = read_as(DocumentType::Html, html, &["markdown"], &more);
        assert_eq!(
            page.markdown.as_deref(),
            Some("## Two\n\n- a\n- b\n\n```\nc\n```")
        );
    }

    #[test]
    fn what_selects_nothing_leaves_nothing() {
        let page = read(&ALL, &json!({"includeTags": [".none"]}));
        let made = [page.markdown, page.text, page.html, page.clean_html];
        assert_eq!(made.map(Option::unwrap), ["", "", "", ""]);
    }

    #[test]
    fn a_page_too_large_for_a_tree_shows_nothing_that_might_be_excluded() {
        let html = format!("<p class=x>secret</p>{}", "words ".repeat(2_200_000));
        let page = read_as(
            DocumentType::Html,
            &html,
            &ALL,
            &json!({"excludeTags": [".x"]}),
        );
        assert_eq!(
            (page.markdown, page.text, page.html, page.clean_html),
            (None, None, None, None)
        );
        assert!(page.raw_html.unwrap().contains("secret"));
    }

    #[test]
    fn xhtml_is_chosen_from_as_well() {
        let xml = "<html xmlns='http://www.w3.org/1999/xhtml'><head><script type='application/ld+json'><![CDATA[{\"a\": \"</b>\"}]]></script>\
                   </head><body><p>one</p><div class='x'/><p class='y'>two</p></body></html>";
        let more = json!({"excludeTags": [".y"]});
        let page = read_as(
            DocumentType::Xhtml,
            xml,
            &["metadata", "html", "rawHtml"],
            &more,
        );
        assert_eq!(page.raw_html.as_deref(), Some(xml));
        assert!(
            page.html
                .unwrap()
                .contains("<p>one</p><div class=\"x\"></div></body>")
        );
        let linked: Value = serde_json::from_str(&page.metadata.json_ld[0]).unwrap();
        assert_eq!(linked["a"], "</b>");
    }
}
