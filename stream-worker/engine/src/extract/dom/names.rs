//! Names of elements and attributes, each looked up once where a page repeats it.

use html5ever::LocalName;

/// Bytes of a name that is made without a look-up.
const INLINE: usize = 7;
const SLOTS: usize = 128;

/// The names of a page, as they were seen last.
pub(super) struct Names {
    slots: Vec<LocalName>,
}

impl Names {
    pub(super) fn new() -> Self {
        let slots = vec![LocalName::default(); SLOTS];
        Self { slots }
    }

    /// The name that is written as `raw`: in lower case, as far as it is ASCII.
    pub(super) fn get(&mut self, raw: &str) -> LocalName {
        let bytes = raw.as_bytes();
        if bytes
            .iter()
            .any(|byte| byte.is_ascii_uppercase() || *byte == 0)
        {
            return LocalName::from(raw.to_ascii_lowercase().replace('\0', "\u{fffd}"));
        }
        if bytes.len() <= INLINE {
            return LocalName::from(raw);
        }
        let sum = bytes.iter().fold(bytes.len(), |sum, byte| {
            sum.wrapping_mul(31) ^ usize::from(*byte)
        });
        let known = &mut self.slots[sum % SLOTS];
        if **known != *raw {
            *known = LocalName::from(raw);
        }
        known.clone()
    }
}
