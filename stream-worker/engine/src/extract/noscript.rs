//! Content for browsers without scripts. The scanner takes it for text, as a browser with scripts does; this crawler runs none, so it
//! reads it: links, text and pictures, but no orders (robots, refresh, base).

use super::document::{Document, RawText};
use super::layout::Flow;
use super::scan::{Scanner, StartTag};

/// Bytes of one `<noscript>` that are read; an element that was never closed is the whole page.
const MAX_CONTENT: usize = 1024 * 1024;

impl Document {
    pub(super) fn begin_noscript(&mut self, tag: &StartTag<'_>) {
        if !tag.is_foreign && !self.is_in_noscript {
            self.raw = RawText::Noscript;
        }
    }

    pub(super) fn noscript_piece(&mut self, piece: &str) {
        let room = MAX_CONTENT.saturating_sub(self.noscript.len());
        self.noscript
            .push_str(&piece[..piece.floor_char_boundary(room)]);
    }

    /// Reads what has been collected. What it opens ends with it.
    pub(super) fn read_noscript(&mut self) {
        let html = std::mem::take(&mut self.noscript);
        if html.trim_ascii().is_empty() {
            return;
        }
        let templates = self.templates.len();
        let depth = self.text.as_ref().map_or(0, Flow::depth);
        self.is_in_noscript = true;
        let mut scanner = Scanner::new();
        scanner.feed(&html, self);
        scanner.end(self);
        self.is_in_noscript = false;
        self.templates.truncate(templates);
        if let Some(text) = &mut self.text {
            text.close_to(depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::html::text_of;
    use super::MAX_CONTENT;

    #[test]
    fn a_long_noscript_is_read_up_to_a_bound() {
        let page = |length: usize| format!("<noscript>{}<p>end</noscript>", "x".repeat(length));
        assert!(text_of(&page(MAX_CONTENT - 6)).ends_with("end"));
        assert!(text_of(&page(MAX_CONTENT - 5)).ends_with("en"));
        assert!(text_of(&page(MAX_CONTENT + 9)).ends_with('x'));
    }
}
