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
            known = known.with(bytes[at]);
            at += 1;
        }
        known
    }

    /// The name with one more byte. Up to eight are kept as they are, more are mixed: two long names of one page are the same
    /// number once in 2^63.
    pub(super) const fn with(self, byte: u8) -> Self {
        let byte = byte.to_ascii_lowercase() as u64;
        if self.0 >> 56 == 0 {
            Self(self.0 << 8 | byte)
        } else {
            Self((self.0.rotate_left(8) ^ byte).wrapping_mul(SPREAD) | LONG)
        }
    }
}
