//! The text of a page as a reader sees it: white space folded, a line for each block, preformatted text line for line.

use super::entities::{self, Within};

/// Collects text and breaks between blocks.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    /// The text node that is being read, with its entities: one may be cut in two.
    node: String,
    /// White space that is due before the next word.
    gap: Gap,
    /// The number of elements around here that hide their content.
    hidden: u32,
    /// The number of elements around here that show white space as it is.
    preformatted: u32,
    /// Nothing of the preformatted text has been read: a line end right at its start does not count.
    is_at_start: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Text {
    /// Adds a piece of a text node.
    pub(super) fn piece(&mut self, piece: &str, last: bool) {
        self.node.push_str(piece);
        if last {
            let node = std::mem::take(&mut self.node);
            if self.hidden == 0 {
                let text = entities::decode(&node, Within::Text);
                if self.preformatted > 0 {
                    self.verbatim(&text);
                } else {
                    self.node(&text);
                }
            }
        }
    }

    fn verbatim(&mut self, text: &str) {
        let text = match text.strip_prefix('\n') {
            Some(rest) if self.is_at_start => rest,
            _ => text,
        };
        self.is_at_start = false;
        let gap = std::mem::take(&mut self.gap);
        if gap != Gap::None && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn node(&mut self, node: &str) {
        for (number, word) in node.split(char::is_whitespace).enumerate() {
            if number > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            if word.is_empty() {
                continue;
            }
            match std::mem::take(&mut self.gap) {
                _ if self.text.is_empty() => {}
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
            self.text.push_str(word);
        }
    }

    /// A block begins or ends here.
    pub(super) fn break_line(&mut self) {
        self.gap = Gap::Line;
    }

    /// The line ends here, within a block.
    pub(super) fn end_line(&mut self) {
        if self.preformatted > 0 && self.hidden == 0 {
            self.verbatim("\n");
        } else {
            self.break_line();
        }
    }

    /// Preformatted text begins.
    pub(super) fn begin_preformatted(&mut self) {
        self.break_line();
        self.preformatted += 1;
        self.is_at_start = true;
    }

    /// Preformatted text ends, with its last line.
    pub(super) fn end_preformatted(&mut self) {
        self.preformatted = self.preformatted.saturating_sub(1);
        if self.gap == Gap::None && self.text.ends_with('\n') {
            self.text.pop();
        }
        self.break_line();
    }

    /// An element whose content is not shown begins.
    pub(super) fn hide(&mut self) {
        self.hidden += 1;
    }

    /// An element whose content is not shown ends.
    pub(super) fn show(&mut self) {
        self.hidden = self.hidden.saturating_sub(1);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// White space folded, at most `most` characters.
pub(super) fn folded(text: &str, most: usize) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let separator = usize::from(!folded.is_empty());
        if length + separator >= most {
            break;
        }
        if separator == 1 {
            folded.push(' ');
        }
        let room = most - length - separator;
        // A character has at least one byte: nearly every word fits without being counted.
        let end = match word.len() {
            short if short <= room => short,
            long => word.char_indices().nth(room).map_or(long, |(end, _)| end),
        };
        let word = &word[..end];
        folded.push_str(word);
        length += separator + word.chars().count();
    }
    folded
}
