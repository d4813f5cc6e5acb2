//! Elements by how browsers show them.

use super::dom::{NodeId, Tree};
use super::scan::*;

/// True if an element stands on lines of its own.
pub(super) const fn is_block(name: &str) -> bool {
    is_block_name(Name::of(name))
}

pub(super) const fn is_block_name(name: Name) -> bool {
    matches!(
        name,
        ADDRESS
            | ARTICLE
            | ASIDE
            | BLOCKQUOTE
            | BODY
            | CAPTION
            | CENTER
            | DD
            | DETAILS
            | DIALOG
            | DIR
            | DIV
            | DL
            | DT
            | FIELDSET
            | FIGCAPTION
            | FIGURE
            | FOOTER
            | FORM
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | HEADER
            | HGROUP
            | HR
            | LEGEND
            | LI
            | LISTING
            | MAIN
            | MENU
            | NAV
            | OL
            | OPTGROUP
            | OPTION
            | P
            | PLAINTEXT
            | PRE
            | SEARCH
            | SECTION
            | SUMMARY
            | TABLE
            | TBODY
            | TD
            | TFOOT
            | TH
            | THEAD
            | TR
            | UL
            | XMP
    )
}

/// True if an element is a heading.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// True if an element shows its text exactly as it is written.
pub(super) const fn is_preformatted(name: &str) -> bool {
    is_preformatted_name(Name::of(name))
}

pub(super) const fn is_preformatted_name(name: Name) -> bool {
    matches!(name, LISTING | PLAINTEXT | PRE | XMP)
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
