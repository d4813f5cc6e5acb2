//! The headings of a page.

use shared::event::Heading;

use super::super::elements::is_block_name;
use super::super::entities::{self, Within};
use super::super::scan::{BR, HR, Name, P};
use super::super::text::folded;

/// Headings that are kept.
const MAX_HEADINGS: usize = 200;
/// Characters of one.
const MAX_TEXT: usize = 200;
/// Bytes of one that are read; one that was never closed is the rest of the page.
const MAX_RAW: usize = 4 * 1024;
/// Blocks within one that are looked for where they end.
const MAX_BLOCKS: usize = 32;
/// Signs of a link to the heading itself, as documentation has them at the end.
const PERMALINKS: [char; 4] = ['¶', '#', '§', '🔗'];

/// The headings so far.
#[derive(Default)]
pub(super) struct Headings {
    headings: Vec<Heading>,
    open: Option<Open>,
}

/// The heading that is being read.
struct Open {
    level: u8,
    /// With its entities: one may be cut in two.
    raw: String,
    /// Blocks that are open in it.
    blocks: Vec<Name>,
}

impl Headings {
    pub(super) fn begin(&mut self, level: u8) {
        self.end();
        if self.headings.len() < MAX_HEADINGS {
            self.open = Some(Open {
                level,
                raw: String::new(),
                blocks: Vec::new(),
            });
        }
    }

    pub(super) fn piece(&mut self, piece: &str) {
        if let Some(Open { raw, .. }) = &mut self.open {
            let room = MAX_RAW.saturating_sub(raw.len());
            raw.push_str(&piece[..piece.floor_char_boundary(room)]);
        }
    }

    pub(super) fn end(&mut self) {
        let Some(Open { level, raw, .. }) = self.open.take() else {
            return;
        };
        let text = entities::decode(&raw, Within::Text);
        let text = folded(without_permalink(text.trim()), MAX_TEXT);
        if !text.is_empty() {
            self.headings.push(Heading { level, text });
        }
    }

    /// Takes in the start of another element.
    pub(super) fn start_in_heading(&mut self, name: Name) {
        let Some(open) = &mut self.open else {
            return;
        };
        if name == BR {
            self.piece(" ");
        } else if name != HR && is_block_name(name) && open.blocks.len() < MAX_BLOCKS {
            open.blocks.push(name);
        }
    }

    /// Takes in an end tag. That of a block around the heading ends it, as does that of any heading.
    pub(super) fn end_in_heading(&mut self, name: Name) {
        let Some(open) = &mut self.open else {
            return;
        };
        if let Some(block) = open.blocks.iter().rposition(|block| *block == name) {
            open.blocks.truncate(block);
        } else if is_block_name(name) && name != P {
            self.end();
        }
    }

    pub(super) fn finish(mut self) -> Vec<Heading> {
        self.end();
        self.headings
    }
}

/// A heading without the sign at its end. A sign that has no blank before it may be a part of its last word, as in `C#`.
fn without_permalink(text: &str) -> &str {
    let Some(bare) = text.strip_suffix(PERMALINKS) else {
        return text;
    };
    let is_apart = bare.ends_with(char::is_whitespace) || !text.ends_with('#');
    if is_apart { bare.trim_end() } else { text }
}
