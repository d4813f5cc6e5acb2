//! The surroundings of the content of a page: navigation, banners, dialogs, what is hidden.

use super::dom::{NodeId, Tree};
use super::elements::is_heading;
use super::shape::Shape;

/// Bytes of text from which on a hidden part is more than a label or a hint.
const PANEL_TEXT: u64 = 200;

/// Words in ids and classes that pages without a declared main part give to what stands around it.
const AROUND: [&str; 22] = [
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "consent",
    "cookie",
    "cookies",
    "footer",
    "masthead",
    "menu",
    "nav",
    "navbar",
    "navbox",
    "navigation",
    "newsletter",
    "pager",
    "pagination",
    "share",
    "sharing",
    "sidebar",
    "social",
    "sphinxsidebar",
    "topbar",
];

/// Classes of tools that generators put into the text itself.
const TOOLS: [&str; 5] = [
    "copybtn",
    "edit-page-link",
    "mw-editsection",
    "skip-link",
    "skip-nav",
];

/// Judges the parts of a page's main content.
pub(super) struct Surroundings<'a> {
    pub(super) tree: &'a Tree,
    pub(super) shape: &'a Shape,
    /// True if the page says what its main part is.
    pub(super) is_declared: bool,
    /// True if code is within: it is documentation.
    pub(super) has_code: bool,
    /// Bytes of text outside of links in the whole part.
    pub(super) total: u64,
}

impl Surroundings<'_> {
    /// True if this element stands around content and does not hold most of it.
    pub(super) fn hold(&self, id: NodeId) -> bool {
        let name = self.tree.name(id);
        if name.is_empty() {
            return false;
        }
        // Most elements have neither a name nor an attribute that could say it.
        let may_be = matches!(name, "aside" | "dialog" | "footer" | "header" | "nav");
        if !(may_be || self.tree.has_attributes(id)) || self.is_page(id) {
            return false;
        }
        self.is_around(id, name) || (is_hidden(self.tree, id) && !self.is_panel(id))
    }

    /// True if this element holds so much of the text that it is the page, whatever it is called.
    fn is_page(&self, id: NodeId) -> bool {
        /// Bytes of text that make a page: less beside a larger part is its title.
        const PAGE_TEXT: u64 = 150;
        let own = self.shape.prose(id);
        let rest = self.total.saturating_sub(own);
        own > rest && (rest < PAGE_TEXT || own > rest * 3)
    }

    fn is_around(&self, id: NodeId, name: &str) -> bool {
        let parent = self.tree.parent(id).map_or("", |id| self.tree.name(id));
        let role = self.tree.attribute(id, "role").unwrap_or_default();
        if self.tree.has_class(id, &TOOLS) {
            return true;
        }
        match name {
            "nav" => return true,
            "footer" => return parent != "blockquote" && parent != "figure",
            "dialog" => return self.tree.attribute(id, "open").is_none(),
            "aside" if self.is_note(id, role) => return false,
            "aside" => return self.is_beside(id),
            "header" if parent == "body" => return self.shape.titles(id) == 0,
            _ => {}
        }
        match role {
            "navigation" | "banner" | "contentinfo" | "search" | "dialog" | "alertdialog" => true,
            "complementary" => self.is_beside(id),
            _ => !self.is_declared && self.is_called_around(id),
        }
    }

    fn is_note(&self, id: NodeId, role: &str) -> bool {
        const NOTES: [&str; 11] = [
            "admonition",
            "callout",
            "caution",
            "danger",
            "footnote",
            "footnote-list",
            "footnotes",
            "important",
            "note",
            "tip",
            "warning",
        ];
        matches!(role, "note" | "doc-footnote" | "doc-endnotes") || self.tree.has_class(id, &NOTES)
    }

    /// True if an aside belongs to what stands around an article: asides of documentation are notes.
    fn is_beside(&self, id: NodeId) -> bool {
        /// Bytes of text outside of links that make an article.
        const ARTICLE: u64 = 500;
        let rest = self.total.saturating_sub(self.shape.prose(id));
        !self.is_declared || self.is_links(id) || (rest >= ARTICLE && !self.has_code)
    }

    /// True if most of its text is links.
    fn is_links(&self, id: NodeId) -> bool {
        self.shape.prose(id) * 2 < self.shape.text(id)
    }

    /// A name alone is weak: it must hold little text beside links, too.
    fn is_called_around(&self, id: NodeId) -> bool {
        let own = self.tree.attribute(id, "id").unwrap_or_default();
        // A heading's id is there for links to it: `nav_history`.
        let own = if is_heading(self.tree.name(id)) {
            ""
        } else {
            own
        };
        let is_word = |name: &str| {
            let mut parts = name.split(['-', '_']);
            parts.any(|part| AROUND.iter().any(|word| part.eq_ignore_ascii_case(word)))
        };
        self.shape.prose(id) * 10 <= self.total
            && self.shape.titles(id) == 0
            && (is_word(own) || self.tree.classes(id).any(is_word))
    }

    /// True if a hidden part is content that waits for a click: the other tab, an answer, a long text.
    fn is_panel(&self, id: NodeId) -> bool {
        const DIALOG: [&str; 6] = [
            "cookie",
            "consent",
            "modal",
            "newsletter",
            "popup",
            "overlay",
        ];
        let classes = self.tree.attribute(id, "class").unwrap_or_default();
        let own = self.tree.attribute(id, "id").unwrap_or_default();
        let is_dialog = DIALOG.iter().any(|word| {
            classes.to_ascii_lowercase().contains(word) || own.to_ascii_lowercase().contains(word)
        });
        if is_dialog {
            return false;
        }
        let is_tab = self.tree.attribute(id, "role") == Some("tabpanel")
            || ["tab", "pane", "panel"].iter().any(|word| {
                self.tree.classes(id).any(|class| {
                    class
                        .split(['-', '_'])
                        .any(|part| part.eq_ignore_ascii_case(word))
                })
            });
        is_tab
            || self.shape.has_code(id)
            || self.shape.has_table(id)
            || self.shape.prose(id) >= PANEL_TEXT
    }
}

/// True if an element says of itself that it is not shown.
pub(super) fn is_hidden(tree: &Tree, id: NodeId) -> bool {
    let is_invisible = tree.attribute(id, "style").is_some_and(|style| {
        style.split(';').any(|rule| {
            rule.split_once(':').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("display")
                    && value.trim().to_ascii_lowercase().starts_with("none")
            })
        })
    });
    is_invisible
        || tree
            .attribute(id, "hidden")
            .is_some_and(|how| !how.eq_ignore_ascii_case("until-found"))
        || tree.attribute(id, "aria-hidden") == Some("true")
}
