//! Documents that are text already.

use shared::event::PageMetadata;
use shared::request::Format;

use super::{Formats, Page};

/// Characters that are looked at before a document is taken for text (MIME Sniffing, section "resource header").
const LOOK: usize = 1445;

/// A document of plain text or Markdown, as far as it has been read.
#[derive(Default)]
pub(super) struct Plain {
    text: String,
    /// Characters that were found to be text.
    seen: usize,
}

impl Plain {
    /// Takes in more of the document. False if it is binary data, whatever its header says.
    pub(super) fn read(&mut self, text: &str) -> bool {
        for character in text.chars().take(LOOK - self.seen) {
            if is_binary(character) {
                return false;
            }
            self.seen += 1;
        }
        self.text.push_str(text);
        true
    }

    /// The document is its own text and its own Markdown.
    pub(super) fn finish(self, formats: &Formats, charset: Option<&str>) -> Page {
        let wanted = |format| formats.contains(format).then(|| self.text.clone());
        Page {
            markdown: wanted(Format::Markdown),
            text: wanted(Format::Text),
            metadata: PageMetadata {
                charset: charset.map(str::to_owned),
                ..PageMetadata::default()
            },
            ..Page::default()
        }
    }
}

/// True for a character that no text holds (MIME Sniffing, "binary data byte").
const fn is_binary(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b' | '\x0e'..='\x1a' | '\x1c'..='\x1f')
}
