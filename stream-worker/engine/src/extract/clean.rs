//! A page's content as HTML that can be shown anywhere: without scripts, styles and forms, with absolute URLs.

use std::borrow::Cow;

use super::dom::{NodeId, Tree};
use super::links::References;
use super::main_content::MainContent;
use super::written::{self, Part, Writing};

/// Attributes with one URL.
const REFERENCES: [&str; 5] = ["cite", "href", "longdesc", "poster", "src"];

/// The content of a page that is written.
struct Clean<'a> {
    main: &'a MainContent,
    references: &'a References,
}

/// The HTML of a page's content.
pub(super) fn html(tree: &Tree, main: &MainContent, references: &References) -> String {
    let clean = Clean { main, references };
    let roots = main.roots.iter();
    let html: String = roots
        .map(|root| written::html(tree, *root, &clean))
        .collect();
    html.trim().to_owned()
}

impl Writing for Clean<'_> {
    fn element(&self, tree: &Tree, id: NodeId) -> Part {
        if self.main.leaves_out(id) {
            return Part::None;
        }
        match tree.element_name(id).unwrap_or_default() {
            "template" if tree.attribute(id, "shadowrootmode").is_none() => Part::None,
            "base" | "button" | "canvas" | "datalist" | "embed" | "frame" | "frameset" | "head"
            | "input" | "link" | "meta" | "noembed" | "noframes" | "object" | "script"
            | "select" | "style" | "textarea" | "title" => Part::None,
            // A browser with scripts would show none of the first; a page of frames has no body.
            "noscript" | "template" | "form" | "html" => Part::Content,
            _ => Part::Whole,
        }
    }

    fn attribute<'a>(&self, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
        let is_script = name.starts_with("on") || name == "style" || name == "srcdoc";
        if is_script {
            return None;
        }
        if name == "srcset" {
            return Some(self.set(value).into());
        }
        if !REFERENCES.contains(&name) {
            return Some(value.into());
        }
        let url = self.references.absolute(value.trim())?;
        match url.scheme() {
            "javascript" | "vbscript" => None,
            "data" if !value.trim_ascii_start().starts_with("data:image/") => None,
            _ => Some(String::from(url).into()),
        }
    }
}

impl Clean<'_> {
    /// A set of pictures with absolute URLs. One whose URL has a comma in it is left as it is.
    fn set(&self, set: &str) -> String {
        let candidates = set.split(", ").map(|candidate| {
            let candidate = candidate.trim();
            let (reference, rest) =
                candidate.split_at(candidate.find(' ').unwrap_or(candidate.len()));
            let url = self.references.absolute(reference);
            url.map_or_else(|| candidate.to_owned(), |url| format!("{url}{rest}"))
        });
        candidates.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;
    use rstest::rstest;

    use super::super::dom;
    use super::super::links::Links;
    use super::*;

    fn clean(page: &str) -> String {
        let tree = dom::parse(page).unwrap();
        let url = "https://a.example/dir/page".parse().unwrap();
        let references = Links::new().references(&url, UTF_8);
        html(&tree, &MainContent::whole(&tree), &references)
    }

    #[rstest]
    fn an_element_that_shows_no_content_is_left_out(
        #[values(
            "base", "button", "canvas", "datalist", "embed", "input", "link", "meta", "noembed",
            "noframes", "object", "script", "select", "style", "template", "textarea", "title"
        )]
        name: &str,
    ) {
        assert_eq!(
            clean(&format!("<p>a</p><{name}>x</{name}>")).replace('x', ""),
            "<p>a</p>"
        );
    }

    #[rstest]
    #[case("<frameset><frame src=/x></frameset>")]
    #[case("<head><title>x</title></head><body></body>")]
    fn a_page_without_content_is_empty(#[case] page: &str) {
        assert_eq!(clean(page), "");
    }

    #[rstest]
    #[case("<form><p>a</p></form>")]
    #[case("<noscript><p>a</p></noscript>")]
    #[case("<body><template shadowrootmode=open><p>a</p></template>")]
    fn the_content_of_an_element_that_does_something_is_kept(#[case] page: &str) {
        assert_eq!(clean(page), "<p>a</p>");
    }

    #[rstest]
    fn a_reference_is_absolute(#[values("cite", "href", "longdesc", "poster", "src")] name: &str) {
        assert_eq!(
            clean(&format!("<p {name}=' x '>")),
            format!("<p {name}=\"https://a.example/dir/x\"></p>")
        );
    }

    #[rstest]
    #[case(
        "<p src='data:image/png;base64,AA'>",
        "<p src=\"data:image/png;base64,AA\"></p>"
    )]
    #[case("<p src='data:text/html,x'>", "<p></p>")]
    #[case("<p href='javascript:x()'>", "<p></p>")]
    #[case("<p href='vbscript:x()'>", "<p></p>")]
    #[case(
        "<p srcdoc='<b>' style='x' onload='y()' title='z'>",
        "<p title=\"z\"></p>"
    )]
    fn nothing_in_it_runs(#[case] page: &str, #[case] expected: &str) {
        assert_eq!(clean(page), expected);
    }
}
