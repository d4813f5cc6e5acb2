//! The number of attributes of a tag, counted before the parser sees them: it compares each with all before it.

use memchr::memchr;
use memchr::memmem;

/// Attributes of one tag at most. Real pages have some tens.
pub(super) const MAX_ATTRIBUTES: usize = 1000;

/// Elements whose content is text, whatever it looks like.
const RAW: [&str; 2] = ["script", "style"];

/// True if a tag of `html` has more than [`MAX_ATTRIBUTES`]. Looks at each byte once.
pub(super) fn are_too_many(html: &str) -> bool {
    let mut rest = html.as_bytes();
    while let Some(start) = memchr(b'<', rest) {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = after(comment, b"-->");
            continue;
        }
        let tag = rest.strip_prefix(b"/").unwrap_or(rest);
        if !tag.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let is_start = tag.len() == rest.len();
        let (name, attributes) = tag.split_at(length(tag, ends_word));
        let Some(content) = after_tag(attributes) else {
            return true;
        };
        let raw = RAW
            .iter()
            .find(|raw| is_start && name.eq_ignore_ascii_case(raw.as_bytes()));
        rest = raw.map_or(content, |raw| end_of_raw(content, raw));
    }
    false
}

/// The bytes behind a tag whose attributes begin here; nothing if they are too many.
fn after_tag(mut rest: &[u8]) -> Option<&[u8]> {
    for _ in 0..=MAX_ATTRIBUTES {
        rest = &rest[length(rest, |byte| !is_blank(byte) && byte != b'/')..];
        match rest.first() {
            None => return Some(rest),
            Some(b'>') => return Some(&rest[1..]),
            Some(_) => rest = after_attribute(rest),
        }
    }
    None
}

fn after_attribute(rest: &[u8]) -> &[u8] {
    // An equals sign may begin a name.
    let name = 1 + length(&rest[1..], |byte| ends_word(byte) || byte == b'=');
    let rest = &rest[name..];
    let value = &rest[length(rest, |byte| !is_blank(byte))..];
    let Some(value) = value.strip_prefix(b"=") else {
        return rest;
    };
    let value = &value[length(value, |byte| !is_blank(byte))..];
    match value.first() {
        Some(quote @ (b'"' | b'\'')) => after(&value[1..], &[*quote]),
        _ => &value[length(value, |byte| is_blank(byte) || byte == b'>')..],
    }
}

/// The place where the content of a raw element ends.
fn end_of_raw<'a>(content: &'a [u8], name: &str) -> &'a [u8] {
    let ends = memmem::find_iter(content, b"</");
    let mut ends = ends.map(|at| &content[at..]);
    let is_own = |end: &&[u8]| {
        end.get(2..2 + name.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
    };
    ends.find(is_own).unwrap_or_default()
}

fn after<'a>(bytes: &'a [u8], end: &[u8]) -> &'a [u8] {
    let at = memmem::find(bytes, end);
    at.map(|at| &bytes[at + end.len()..]).unwrap_or_default()
}

/// The number of bytes before the first that `ends`.
fn length(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    let end = bytes.iter().position(|byte| ends(*byte));
    end.unwrap_or(bytes.len())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

fn ends_word(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'/' | b'>')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn attributes(count: usize) -> String {
        (0..count).map(|number| format!("a{number} ")).collect()
    }

    #[rstest]
    #[case::most(format!("<p {}>x", attributes(MAX_ATTRIBUTES)))]
    #[case::many_tags(format!("<p {}>x", attributes(600)).repeat(3))]
    #[case::one_long_value(format!("<p a='{0}' b=\"{0}\">x", attributes(5000)))]
    #[case::a_script(format!("<script>if (a <b {}) {{}}</script>x", attributes(5000)))]
    #[case::a_comment(format!("<!-- <p {} -->x", attributes(5000)))]
    #[case::text(format!("a < b {} x", attributes(5000)))]
    fn ordinary_tags_are_not_crowded(#[case] html: String) {
        assert!(!are_too_many(&html));
    }

    #[rstest]
    #[case::names(format!("<p {}>x", attributes(MAX_ATTRIBUTES + 1)))]
    #[case::values(format!("<p {}>x", "a = '>' ".repeat(MAX_ATTRIBUTES + 1)))]
    #[case::unquoted(format!("<p {}>x", "a=b/c ".repeat(MAX_ATTRIBUTES + 1)))]
    #[case::slashes(format!("<p {}>x", "a/".repeat(MAX_ATTRIBUTES + 1)))]
    #[case::an_end(format!("<p>x</p {}>", attributes(MAX_ATTRIBUTES + 1)))]
    #[case::behind_a_script(format!("<script>a</SCRIPT><p {}>", attributes(MAX_ATTRIBUTES + 1)))]
    #[case::a_million(format!("<p {}>x", attributes(1_000_000)))]
    fn a_crowded_tag_is_found(#[case] html: String) {
        assert!(are_too_many(&html));
    }
}
