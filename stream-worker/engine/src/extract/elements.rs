//! Elements by how browsers show them.

use super::dom::{NodeId, Tree};

/// True if an element stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "xmp"
    )
}

/// True if an element is a heading.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// True if an element shows its text exactly as it is written.
pub(super) fn is_preformatted(name: &str) -> bool {
    matches!(name, "pre" | "listing" | "xmp" | "plaintext")
}

/// True if an element's content is not what a reader reads: code, drawings, frames, controls.
pub(super) fn is_unseen(tree: &Tree, id: NodeId) -> bool {
    match tree.name(id) {
        "template" => tree.attribute(id, "shadowrootmode").is_none(),
        "audio" | "canvas" | "datalist" | "head" | "iframe" | "noembed" | "noframes" | "object"
        | "script" | "select" | "style" | "svg" | "textarea" | "title" | "video" => true,
        _ => false,
    }
}
