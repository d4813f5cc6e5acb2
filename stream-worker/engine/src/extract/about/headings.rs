//! The headings of a page.

use shared::event::Heading;

use super::super::entities::{self, Within};
use super::super::text::folded;

/// Headings that are kept.
const MAX_HEADINGS: usize = 200;
/// Characters of one.
const MAX_TEXT: usize = 200;
/// Bytes of one that are read; one that was never closed is the rest of the page.
const MAX_RAW: usize = 4 * 1024;
/// Signs of a link to the heading itself, as documentation has them at the end.
const PERMALINKS: [char; 4] = ['¶', '#', '§', '🔗'];

/// The headings so far.
#[derive(Default)]
pub(super) struct Headings {
    headings: Vec<Heading>,
    /// Level and text of the one that is being read, with its entities: one may be cut in two.
    open: Option<(u8, String)>,
}

impl Headings {
    pub(super) fn begin(&mut self, level: u8) {
        self.end();
        if self.headings.len() < MAX_HEADINGS {
            self.open = Some((level, String::new()));
        }
    }

    pub(super) fn piece(&mut self, piece: &str) {
        if let Some((_, raw)) = &mut self.open {
            let room = MAX_RAW.saturating_sub(raw.len());
            raw.push_str(&piece[..piece.floor_char_boundary(room)]);
        }
    }

    pub(super) fn end(&mut self) {
        let Some((level, raw)) = self.open.take() else {
            return;
        };
        let text = entities::decode(&raw, Within::Text);
        let text = folded(without_permalink(text.trim()), MAX_TEXT);
        if !text.is_empty() {
            self.headings.push(Heading { level, text });
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
