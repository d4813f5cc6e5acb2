//! The text of a page as a reader sees it: white space folded, a line for each block.

/// Collects text and breaks between blocks.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    /// The text node that is being read, with its entities: one may be cut in two.
    node: String,
    /// White space that is due before the next word.
    gap: Gap,
    /// Open elements that hide their content.
    hidden: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Text {
    /// Adds a piece of a text node; `last` ends the node.
    pub(super) fn piece(&mut self, piece: &str, last: bool) {
        self.node.push_str(piece);
        if last {
            let node = std::mem::take(&mut self.node);
            if self.hidden == 0 {
                self.node(&html_escape::decode_html_entities(&node));
            }
        }
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

    /// Begins a new line before the next word: a block begins or ends here.
    pub(super) fn break_line(&mut self) {
        self.gap = Gap::Line;
    }

    /// Leaves text out until the matching [`show`](Self::show): an element whose content is not shown begins.
    pub(super) fn hide(&mut self) {
        self.hidden += 1;
    }

    /// Ends the element of the last [`hide`](Self::hide).
    pub(super) fn show(&mut self) {
        self.hidden = self.hidden.saturating_sub(1);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// True for an element that is shown on lines of its own.
pub(super) fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "dd"
            | "details"
            | "dialog"
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
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
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
        let end = word
            .char_indices()
            .nth(room)
            .map_or(word.len(), |(end, _)| end);
        folded.push_str(&word[..end]);
        length += separator + word.chars().count().min(room);
    }
    folded
}
