//! Row IDs: all rows of one job lie together, in their order.

use crate::sqlite::StoreError;

/// A channel's number in this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChannelNumber(pub(super) i64);

/// A row ID: the channel's number in the high 32 bits, the position or ordinal in the low 31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) i64);

/// Bits of a position or ordinal; the channel's number has the other 32, since row IDs are signed.
const BITS: u32 = 31;

/// The largest position or ordinal: two thousand million, far beyond the largest job's limit.
const LAST: i64 = (1 << BITS) - 1;

impl Key {
    pub(super) fn new(channel: ChannelNumber, number: u64) -> Result<Self, StoreError> {
        let number = i64::try_from(number).ok().filter(|number| *number <= LAST);
        match (number, channel.0 >> (63 - BITS)) {
            (Some(number), 0) => Ok(Self((channel.0 << BITS) | number)),
            _ => Err(StoreError::Failed(
                "the journal's numbers are used up".into(),
            )),
        }
    }

    /// Below every row of a channel.
    pub(super) const fn first(channel: ChannelNumber) -> Self {
        Self(channel.0 << BITS)
    }

    /// The last row that a channel can have.
    pub(super) const fn last(channel: ChannelNumber) -> Self {
        Self((channel.0 << BITS) | LAST)
    }

    /// The position or ordinal: the low 31 bits.
    pub(super) const fn number(self) -> u64 {
        (self.0 & LAST).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_lie_in_the_order_of_channel_and_number(a in (1_i64..1 << 32, 0_u64..1 << 31), b in (1_i64..1 << 32, 0_u64..1 << 31)) {
            let key = |(channel, number)| Key::new(ChannelNumber(channel), number).unwrap();
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
            prop_assert_eq!(key(a).number(), a.1);
            prop_assert!(Key::first(ChannelNumber(a.0)) <= key(a) && key(a) <= Key::last(ChannelNumber(a.0)));
        }
    }

    #[test]
    fn numbers_that_have_no_row_are_refused() {
        assert!(Key::new(ChannelNumber(1 << 32), 0).is_err());
        assert!(Key::new(ChannelNumber(1), 1 << 31).is_err());
    }
}
