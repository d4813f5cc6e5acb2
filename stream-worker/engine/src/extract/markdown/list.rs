//! Lists: their items, their numbers, and the empty lines between them.

use super::super::dom::NodeId;
use super::super::elements::is_block;
use super::Page;
use super::blocks::Blocks;
use super::lines::Gap;
use super::marker::{MAX_NUMBER, Marker};

impl Blocks<'_> {
    pub(super) fn list(&mut self, list: NodeId) {
        let tree = self.page.tree;
        let start = number(self.page, list, "start").unwrap_or(1);
        let marker = if tree.name(list) == "ol" {
            Marker::Dot(start)
        } else {
            Marker::Dash
        };
        let mut marker = marker.after(self.list_before());
        let is_tight = tree.children(list).all(|item| is_tight(self.page, item));
        // A list that begins with another number than one does not end the paragraph before it.
        if !is_tight
            || matches!(marker, Marker::Dot(number) | Marker::Bracket(number) if number != 1)
        {
            self.lines.gap = Gap::Blank;
        }
        let mut is_begun = false;
        for item in tree.children(list) {
            if self.page.skips(item) || self.is_empty(item) {
                continue;
            }
            if is_begun && is_tight {
                self.lines.gap = Gap::Line;
            }
            if matches!(tree.name(item), "ul" | "ol") {
                // A list right in a list belongs to the item before it.
                self.lines.enter("  ", "  ");
                self.block(item);
                self.lines.leave();
                continue;
            }
            marker = marker.numbered(number(self.page, item, "value"));
            if self.item(item, marker, is_tight) {
                is_begun = true;
                marker = marker.next();
            }
        }
        if is_begun {
            self.end_list(marker);
        }
    }

    /// Writes an item. False if it turned out to be empty.
    fn item(&mut self, item: NodeId, marker: Marker, is_tight: bool) -> bool {
        let first = marker.text();
        let rest = " ".repeat(first.len());
        let first = first + check_box(self.page, item);
        self.lines.enter(&first, &rest);
        self.begin_item(is_tight);
        if matches!(self.page.tree.name(item), "li" | "") {
            self.children_or_text(item);
        } else {
            self.block(item);
        }
        self.lines.leave()
    }

    /// Terms with what they mean: each an item, its meaning below it.
    pub(super) fn definitions(&mut self, list: NodeId) {
        let tree = self.page.tree;
        let mut parts = Vec::new();
        for child in tree.children(list) {
            if tree.name(child) == "div" {
                parts.extend(tree.children(child));
            } else {
                parts.push(child);
            }
        }
        // A table of contents: terms, and lists of terms below them.
        let is_tight = parts.iter().all(|part| match tree.name(*part) {
            "dt" => !self.page.shape.has_block(*part),
            _ => tree.children(*part).all(|child| {
                self.page.shape.text(child) == 0 || matches!(tree.name(child), "dl" | "ul" | "ol")
            }),
        });
        let mut is_open = false;
        let marker = Marker::Dash.after(self.list_before());
        let mut has_items = false;
        for part in parts {
            if self.page.skips(part) || self.is_empty(part) {
                continue;
            }
            if tree.name(part) == "dt" || !is_open {
                if is_open {
                    self.lines.leave();
                }
                if has_items && is_tight {
                    self.lines.gap = Gap::Line;
                }
                self.lines.enter(&marker.text(), "  ");
                self.begin_item(is_tight);
                (is_open, has_items) = (true, true);
            }
            self.children_or_text(part);
        }
        if is_open {
            self.lines.leave();
        }
        if has_items {
            self.end_list(marker);
        }
    }
}

fn number(page: &Page<'_>, id: NodeId, name: &str) -> Option<u32> {
    let number: u32 = page.tree.attribute(id, name)?.trim().parse().ok()?;
    (number <= MAX_NUMBER).then_some(number)
}

/// The box of an item in a list of tasks.
fn check_box(page: &Page<'_>, item: NodeId) -> &'static str {
    let is_box = |id: &NodeId| {
        page.tree.name(*id) == "input" && page.tree.attribute(*id, "type") == Some("checkbox")
    };
    match page.tree.subtree(item).take(6).find(is_box) {
        Some(input) if page.tree.attribute(input, "checked").is_some() => "[x] ",
        Some(_) => "[ ] ",
        None => "",
    }
}

/// True if an item is one paragraph, with lists below it at most.
fn is_tight(page: &Page<'_>, item: NodeId) -> bool {
    let (mut paragraphs, mut is_running) = (0, false);
    for child in page.tree.children(item) {
        let name = page.tree.name(child);
        let is_blank = page.shape.text(child) == 0
            && !page
                .tree
                .subtree(child)
                .any(|id| matches!(page.tree.name(id), "img" | "hr"));
        match name {
            _ if page.skips(child) || is_blank => {}
            "ul" | "ol" => is_running = false,
            "p" | "div" if !page.shape.has_block(child) => {
                paragraphs += 1;
                is_running = false;
            }
            _ if is_block(name) || page.shape.has_block(child) => return false,
            _ if !is_running => {
                paragraphs += 1;
                is_running = true;
            }
            _ => {}
        }
    }
    paragraphs <= 1
}
