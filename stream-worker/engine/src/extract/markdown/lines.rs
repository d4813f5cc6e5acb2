//! The lines of a Markdown document, within quotes and lists.

/// Bytes before each line at most; what is nested deeper stands beside each other.
const MAX_PREFIX: usize = 64;

/// The separator between a block and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// An empty line.
    Blank,
    /// Nothing: items of a list follow each other.
    Line,
}

/// Collects blocks.
pub(super) struct Lines {
    text: String,
    frames: Vec<Frame>,
    pub(super) gap: Gap,
    /// Bytes that may be written.
    room: usize,
}

/// A quote or an item of a list around the blocks that follow.
struct Frame {
    /// Stands before its first line.
    first: String,
    /// Stands before all others.
    rest: String,
    is_begun: bool,
}

impl Lines {
    pub(super) fn new(room: usize) -> Self {
        Self {
            text: String::new(),
            frames: Vec::new(),
            gap: Gap::Blank,
            room,
        }
    }

    /// True if there is no room left.
    pub(super) fn is_full(&self) -> bool {
        self.text.len() > self.room
    }

    pub(super) fn finish(self) -> Option<String> {
        (!self.is_full()).then_some(self.text)
    }

    /// True if a mark of an item stands right before what comes next.
    pub(super) fn is_at_mark(&self) -> bool {
        self.frames.iter().any(|frame| !frame.is_begun)
    }

    /// Opens a quote or an item.
    pub(super) fn enter(&mut self, first: &str, rest: &str) {
        let width: usize = self.frames.iter().map(|frame| frame.rest.len()).sum();
        let fits = width + rest.len() <= MAX_PREFIX;
        let text = |text: &str| if fits { text.to_owned() } else { String::new() };
        self.frames.push(Frame {
            first: text(first),
            rest: text(rest),
            is_begun: false,
        });
    }

    /// Closes what was opened last. False if nothing was written into it.
    pub(super) fn leave(&mut self) -> bool {
        self.frames.pop().is_some_and(|frame| frame.is_begun)
    }

    /// Writes a block of one or more lines.
    pub(super) fn block(&mut self, block: &str) {
        if block.is_empty() || self.is_full() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
            if self.gap == Gap::Blank {
                self.blank();
            }
        }
        self.gap = Gap::Blank;
        for (number, line) in block.split('\n').enumerate() {
            if number > 0 {
                self.text.push('\n');
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        let start = self.text.len();
        for frame in &mut self.frames {
            let is_begun = std::mem::replace(&mut frame.is_begun, true);
            self.text
                .push_str(if is_begun { &frame.rest } else { &frame.first });
        }
        self.text.push_str(line);
        if line.is_empty() {
            let end = start + self.text[start..].trim_end().len();
            self.text.truncate(end);
        }
    }

    /// An empty line, which belongs to what was open before it.
    fn blank(&mut self) {
        let start = self.text.len();
        for frame in self.frames.iter().take_while(|frame| frame.is_begun) {
            self.text.push_str(&frame.rest);
        }
        let end = start + self.text[start..].trim_end().len();
        self.text.truncate(end);
        self.text.push('\n');
    }
}
