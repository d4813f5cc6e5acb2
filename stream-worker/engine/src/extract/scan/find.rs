//! Looks for a byte that is mostly near: the next `<` of a page full of tags, the end of a short value.

use memchr::memchr;

/// Words of eight bytes that are looked at before a wider search is set up, which takes longer for so few.
const NEAR: usize = 4;
const WORD: usize = size_of::<u64>();
const ONES: u64 = u64::MAX / 0xff;
const HIGH: u64 = ONES << 7;

/// The place of `wanted` at or behind `at`.
#[inline]
pub(super) fn find(wanted: u8, bytes: &[u8], mut at: usize) -> Option<usize> {
    let pattern = ONES * u64::from(wanted);
    for _ in 0..NEAR {
        let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            break;
        };
        // Bytes that are equal become zero; the lowest zero has its highest bit set (Hacker's Delight, section 6-1).
        let word = u64::from_le_bytes(*word) ^ pattern;
        let zeros = word.wrapping_sub(ONES) & !word & HIGH;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += WORD;
    }
    Some(at + memchr(wanted, bytes.get(at..)?)?)
}
