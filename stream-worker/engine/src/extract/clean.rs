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
            // A browser with scripts would show none of it.
            "noscript" | "template" | "form" => Part::Content,
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
