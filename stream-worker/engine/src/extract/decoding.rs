//! Bytes of a known encoding as text, which is passed on where it lies if it is UTF-8 already.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// Decodes as bytes arrive.
pub(super) struct Decoding {
    encoding: &'static Encoding,
    decoder: Box<Decoder>,
    /// Text that is not passed on where it lies; kept for its memory.
    text: String,
}

impl Decoding {
    pub(super) fn new(encoding: &'static Encoding, decoder: Decoder) -> Self {
        Self {
            encoding,
            decoder: Box::new(decoder),
            text: String::new(),
        }
    }

    pub(super) const fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Decodes `bytes` and tells the text to `read`, in pieces.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, read: &mut impl FnMut(&str)) {
        let (plain, rest) = self.split(bytes);
        if !plain.is_empty() {
            read(plain);
        }
        if rest.is_empty() && !last {
            return;
        }
        self.convert(rest, last);
        if !self.text.is_empty() {
            read(&self.text);
            self.text.clear();
        }
    }

    /// The start of `bytes` that is the same in UTF-8, as text, and the rest. Nothing if the decoder is in the midst of a character.
    fn split<'a>(&self, bytes: &'a [u8]) -> (&'a str, &'a [u8]) {
        // It is asked only for its state.
        let is_between = self.decoder.latin1_byte_compatible_up_to(&[]).is_some();
        if !is_between || !self.encoding.is_ascii_compatible() {
            return ("", bytes);
        }
        let end = if self.encoding == UTF_8 {
            bytes.len()
        } else {
            Encoding::ascii_valid_up_to(bytes)
        };
        match str::from_utf8(&bytes[..end]) {
            Ok(plain) => (plain, &bytes[end..]),
            Err(error) => {
                let (plain, rest) = bytes.split_at(error.valid_up_to());
                (str::from_utf8(plain).unwrap_or_default(), rest)
            }
        }
    }

    fn convert(&mut self, mut bytes: &[u8], last: bool) {
        let (decoder, text) = (&mut self.decoder, &mut self.text);
        loop {
            // Too little only costs another round.
            let room = decoder.max_utf8_buffer_length(bytes.len());
            text.reserve(room.unwrap_or(bytes.len()));
            let (result, read, _replaced) = decoder.decode_to_string(bytes, text, last);
            bytes = &bytes[read..];
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;

    use super::*;

    /// Text, and bytes of which some are none.
    const PARTS: [&[u8]; 5] = [b"abc", "é😀".as_bytes(), b"\xc3", b"\xf0\x9f", b"\xff"];

    proptest! {
        #[test]
        fn how_bytes_are_cut_does_not_matter(
            parts in prop::collection::vec(
                prop::sample::select(PARTS.as_slice()),
                0..20,
            ),
            length in 1_usize..8,
        ) {
            let bytes = parts.concat();
            for encoding in [UTF_8, WINDOWS_1252] {
                let mut decoding = Decoding::new(encoding, encoding.new_decoder_without_bom_handling());
                let mut text = String::new();
                for piece in bytes.chunks(length) {
                    decoding.decode(piece, false, &mut |piece| text.push_str(piece));
                }
                decoding.decode(&[], true, &mut |piece| text.push_str(piece));
                let (whole, _) = encoding.decode_without_bom_handling(&bytes);
                prop_assert_eq!(text, whole);
            }
        }
    }
}
