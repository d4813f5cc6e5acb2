//! Receipts of this queue.

use shared::ChannelId;

use crate::queue::{QueueError, Receipt};

/// One receive of one message: its channel and the serial that the receive gave it.
///
/// A serial is drawn at random. A number that counts would be given twice by a server that lost its last seconds, and an old
/// receipt would then name a receive of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    channel: ChannelId,
    serial: String,
}

/// Digits of a serial, in hexadecimal.
const DIGITS: usize = 32;

impl Ticket {
    /// A serial for all messages of one receive.
    pub(super) fn new_serial() -> String {
        format!("{:0DIGITS$x}", fastrand::u128(..))
    }

    pub(super) fn of_receive(channel: ChannelId, serial: &str) -> Self {
        Self {
            channel,
            serial: serial.to_owned(),
        }
    }

    pub(super) fn receipt(&self) -> Receipt {
        Receipt(format!("{}.{}", self.channel, self.serial))
    }

    /// A receipt that this queue never gave is as stale as an old one.
    pub(super) fn of(receipt: &Receipt) -> Result<Self, QueueError> {
        let parse = || {
            let (channel, serial) = receipt.0.split_once('.')?;
            let drawn =
                serial.len() == DIGITS && serial.bytes().all(|digit| digit.is_ascii_hexdigit());
            drawn.then_some(Self::of_receive(channel.parse().ok()?, serial))
        };
        parse().ok_or(QueueError::StaleReceipt)
    }

    pub(super) fn channel(&self) -> String {
        self.channel.to_string()
    }

    pub(super) fn serial(&self) -> &str {
        &self.serial
    }
}
