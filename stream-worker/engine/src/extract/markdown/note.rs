//! Call-outs: notes and warnings beside the text, which become quotes.

use super::super::dom::NodeId;
use super::Page;

/// Classes that generators of documentation give to call-outs.
const CLASSES: [&str; 28] = [
    "admonition",
    "admonitionblock",
    "alert",
    "attention",
    "callout",
    "caution",
    "custom-block",
    "danger",
    "error",
    "example-note",
    "hint",
    "important",
    "info",
    "infobox-note",
    "markdown-alert",
    "message",
    "note",
    "notice",
    "rustdoc-warning",
    "seealso",
    "starlight-aside",
    "theme-admonition",
    "tip",
    "topic",
    "versionadded",
    "warning",
    "deprecated-note",
    "callout-note",
];
/// Bytes of text of the longest call-out. A longer one is a part of the page with an unlucky name.
const LONGEST: u64 = 5000;

/// True if an element is a call-out.
pub(super) fn is_note(page: &Page<'_>, id: NodeId) -> bool {
    let text = page.shape.text(id);
    if text == 0 || text > LONGEST {
        return false;
    }
    match page.tree.name(id) {
        "aside" => true,
        "div" | "section" => {
            page.tree.has_class(id, &CLASSES)
                || matches!(
                    page.tree.attribute(id, "role"),
                    Some("note" | "doc-tip" | "doc-notice")
                )
        }
        _ => false,
    }
}

/// The name of a call-out where only software for the blind is told.
pub(super) fn label(page: &Page<'_>, id: NodeId) -> Option<String> {
    let label = page.tree.attribute(id, "aria-label")?;
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_told = label.is_empty()
        || label.len() > 100
        || page.tree.text_of(id).trim_start().starts_with(&label);
    (!is_told).then_some(label)
}

/// True if an element is the title of a call-out.
pub(super) fn is_title(page: &Page<'_>, id: NodeId) -> bool {
    const TITLES: [&str; 8] = [
        "admonition-title",
        "callout-title",
        "custom-block-title",
        "markdown-alert-title",
        "alert-heading",
        "starlight-aside__title",
        "admonition-heading",
        "topic-title",
    ];
    page.tree.has_class(id, &TITLES) && !page.shape.has_heading(id)
}
