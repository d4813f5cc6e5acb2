//! Names of elements, compared as numbers.

/// The name of an element, without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Name(u64);

/// Set in the names that are too long to be kept letter by letter.
const LONG: u64 = 1 << 63;
/// Spreads the letters of long names (Knuth, "The art of computer programming", section 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Name {
    /// The name of no element.
    pub(super) const NONE: Self = Self(0);

    pub(in crate::extract) const fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut known = Self::NONE;
        let mut at = 0;
        while at < bytes.len() {
            known = known.with(LETTERS[bytes[at] as usize]);
            at += 1;
        }
        known
    }

    /// The name that begins at `at` if it goes on from `self`, and the place where it ends: behind all bytes, if that is not there.
    #[inline]
    pub(super) fn read(self, bytes: &[u8], at: usize) -> (Self, usize) {
        let mut name = self;
        let rest = bytes.get(at..).unwrap_or_default();
        for (read, byte) in rest.iter().enumerate() {
            let letter = LETTERS[usize::from(*byte)];
            if letter == 0 {
                return (name, at + read);
            }
            name = name.with(letter);
        }
        (name, at + rest.len())
    }

    /// The name with one more letter. Up to eight are kept as they are, more are mixed: two long names of one page are the same
    /// number once in 2^63.
    #[inline]
    const fn with(self, letter: u8) -> Self {
        let letter = letter as u64;
        if self.0 >> 56 == 0 {
            Self(self.0 << 8 | letter)
        } else {
            Self((self.0.rotate_left(8) ^ letter).wrapping_mul(SPREAD) | LONG)
        }
    }
}

/// For each byte, the letter that it is in a name, in lower case; nothing for those that end a name.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0_u8;
    loop {
        letters[byte as usize] = match byte {
            b'/' | b'>' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c => 0,
            // No name that is asked for has this character.
            0 => 0xff,
            _ => byte.to_ascii_lowercase(),
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    letters
};
