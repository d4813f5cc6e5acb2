//! Character references as HTML reads them (HTML, section "character reference state").

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Bytes of the longest name, its semicolon included.
const LONGEST_NAME: usize = 32;
/// Bytes of the longest name that does without a semicolon.
const LONGEST_BARE_NAME: usize = 6;

/// The place of a reference: in an attribute's value a name without semicolon is none if it could be a parameter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Text,
    Attribute,
}

/// `raw` with its references decoded.
pub(super) fn decode(raw: &str, within: Within) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', raw.as_bytes()) else {
        return Cow::Borrowed(raw);
    };
    let mut text = String::with_capacity(raw.len());
    text.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let length = match after.strip_prefix('#') {
            Some(number) => numeric(number, &mut text).map(|length| length + 1),
            None => named(after, within, &mut text),
        };
        if length.is_none() {
            text.push('&');
        }
        let after = &after[length.unwrap_or_default()..];
        let next = memchr::memchr(b'&', after.as_bytes()).unwrap_or(after.len());
        text.push_str(&after[..next]);
        rest = &after[next..];
    }
    Cow::Owned(text)
}

/// Bytes of the number behind `&#`, which is appended.
fn numeric(number: &str, text: &mut String) -> Option<usize> {
    let (radix, prefix) = match number.as_bytes().first() {
        Some(b'x' | b'X') => (16, 1),
        _ => (10, 0),
    };
    let digits = number[prefix..]
        .bytes()
        .take_while(|byte| (*byte as char).is_digit(radix))
        .count();
    if digits == 0 {
        return None;
    }
    let end = prefix + digits;
    // What is too large for a number is too large for a character.
    let code = u32::from_str_radix(&number[prefix..end], radix).unwrap_or(u32::MAX);
    text.push(character(code));
    Some(end + usize::from(number[end..].starts_with(';')))
}

fn character(code: u32) -> char {
    let replacement = code
        .checked_sub(0x80)
        .and_then(|place| C1_REPLACEMENTS.get(place as usize).copied().flatten());
    match code {
        0 => char::REPLACEMENT_CHARACTER,
        _ => replacement
            .or_else(|| char::from_u32(code))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Bytes of the longest known name at the start of `after`, whose characters are appended.
fn named(after: &str, within: Within, text: &mut String) -> Option<usize> {
    let bytes = after.as_bytes();
    let letters = bytes
        .iter()
        .take(LONGEST_NAME)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let next = bytes.get(letters);
    if next == Some(&b';') && append(&after[..=letters], text) {
        return Some(letters + 1);
    }
    let lengths = match within {
        Within::Text => 2..=letters.min(LONGEST_BARE_NAME),
        // Letters behind the name, or a sign of equality, make it a parameter's.
        Within::Attribute if next == Some(&b'=') || letters > LONGEST_BARE_NAME => return None,
        Within::Attribute => letters..=letters,
    };
    lengths.rev().find(|length| append(&after[..*length], text))
}

/// Appends what a name stands for; false if it is none.
fn append(name: &str, text: &mut String) -> bool {
    let characters = NAMED_ENTITIES.get(name).filter(|(first, _)| *first != 0);
    let Some((first, second)) = characters else {
        return false;
    };
    text.extend(char::from_u32(*first));
    text.extend(char::from_u32(*second).filter(|_| *second != 0));
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::extract::dom;

    #[rstest]
    #[case(
        "Caf&eacute &#150; Tom &amp Jerry&#146;s &copy 1999 &#8217 x",
        "Café – Tom & Jerry’s © 1999 ’ x"
    )]
    #[case("&notit; &notin; &NotEqualTilde;", "¬it; ∉ ≂\u{338}")]
    #[case(
        "&#0; &#x110000; &#xD800; &#99999999999; &#x41;&#X42",
        "\u{fffd} \u{fffd} \u{fffd} \u{fffd} AB"
    )]
    #[case("& &; &# &#x &unknown; a&b &", "& &; &# &#x &unknown; a&b &")]
    #[case("&amp;amp; &ampamp", "&amp; &amp")]
    fn text_is_decoded(#[case] raw: &str, #[case] expected: &str) {
        assert_eq!(decode(raw, Within::Text), expected);
    }

    #[rstest]
    #[case("?a=1&copy=2&amp;b&lt", "?a=1&copy=2&b<")]
    #[case("?x&notit;&not;&copyx", "?x&notit;¬&copyx")]
    fn attributes_are_decoded(#[case] raw: &str, #[case] expected: &str) {
        assert_eq!(decode(raw, Within::Attribute), expected);
    }

    proptest! {
        #[test]
        fn references_are_read_as_a_browser_reads_them(
            parts in prop::collection::vec(prop_oneof![
                Just("&"), Just("#"), Just("x"), Just(";"), Just("amp"), Just("not"), Just("in"), Just("copy"), Just("15"),
                Just("80"), Just("="), Just(" "), Just("é"), Just("a"), Just("&#"), Just("&lt"),
            ], 0..20),
        ) {
            let raw = parts.concat();
            let tree = dom::by_html5ever(&format!("<body><p title=\"{raw}\">|{raw}"));
            let paragraph = tree.subtree(tree.root()).find(|id| tree.name(*id) == "p").unwrap();
            let text = tree.text_of(paragraph);
            prop_assert_eq!(decode(&raw, Within::Text), &text[1..]);
            prop_assert_eq!(decode(&raw, Within::Attribute), tree.attribute(paragraph, "title").unwrap());
        }
    }
}
