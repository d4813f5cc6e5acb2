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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn a_character_that_no_text_holds_is_binary_data(
        #[values('\0', '\x08', '\x0b', '\x0e', '\x1a', '\x1c', '\x1f')] character: char,
    ) {
        assert!(!Plain::default().read(&format!("a{character}b")));
    }

    #[rstest]
    fn a_sign_of_control_that_text_holds_is_none(
        #[values('\t', '\n', '\x0c', '\r', '\x1b', ' ', '\x7f', 'é')] character: char,
    ) {
        assert!(Plain::default().read(&format!("a{character}b")));
    }

    #[rstest]
    #[case::among_the_first(LOOK - 1, false)]
    #[case::behind_them(LOOK, true)]
    fn only_the_first_characters_are_looked_at(#[case] before: usize, #[case] is_text: bool) {
        let mut plain = Plain::default();
        let (first, rest) = (before / 2, before - before / 2);
        assert!(plain.read(&"é".repeat(first)) && plain.read(&"é".repeat(rest)));
        assert_eq!(plain.read("\0"), is_text);
    }

    #[test]
    fn a_text_says_in_which_encoding_it_was() {
        let page = Plain::default().finish(&Formats::new(&[Format::Text]), Some("KOI8-R"));
        assert_eq!(page.metadata.charset.as_deref(), Some("KOI8-R"));
    }
}
