//! The places where the parts of a page end that are no markup within: comments, scripts, titles.

use memchr::{memchr, memchr_iter, memchr2_iter, memmem};

/// The end of a comment whose content begins at `start`, its closing sign included.
pub(super) fn of_comment(html: &[u8], start: usize) -> usize {
    let content = &html[start..];
    if content.starts_with(b">") {
        return start + 1;
    }
    if content.starts_with(b"->") {
        return start + 2;
    }
    let ends = memchr_iter(b'>', content).find_map(|at| {
        let before = &content[..at];
        (before.ends_with(b"--") || before.ends_with(b"--!")).then_some(start + at + 1)
    });
    ends.unwrap_or(html.len())
}

/// The end of what is read like a comment, whatever it is: the next angle bracket.
pub(super) fn of_bogus_comment(html: &[u8], start: usize) -> usize {
    memchr(b'>', &html[start..]).map_or(html.len(), |at| start + at + 1)
}

/// The end of a section of plain characters, and the place behind its closing sign.
pub(super) fn of_characters(html: &[u8], start: usize) -> (usize, usize) {
    memmem::find(&html[start..], b"]]>")
        .map_or((html.len(), html.len()), |at| (start + at, start + at + 3))
}

/// The end of an element's content that is text: the place of its end tag.
pub(super) fn of_text(html: &[u8], start: usize, name: &str) -> usize {
    let mut ends = memmem::find_iter(&html[start..], b"</").map(|at| start + at);
    ends.find(|at| is_tag(&html[at + 2..], name))
        .unwrap_or(html.len())
}

/// The end of a script. In what looks like a comment, another script may begin and end (HTML, "script data states").
pub(super) fn of_script(html: &[u8], start: usize) -> usize {
    #[derive(Clone, Copy)]
    enum Place {
        Script,
        Comment,
        ScriptInComment,
    }
    let mut place = Place::Script;
    // The dashes that begin a comment may end it.
    for at in memchr2_iter(b'<', b'>', &html[start..]).map(|at| start + at) {
        let (before, after) = (&html[start..at], &html[at + 1..]);
        let ends_script = after
            .strip_prefix(b"/")
            .is_some_and(|tag| is_tag(tag, "script"));
        place = match (place, html[at]) {
            (Place::Script | Place::Comment, b'<') if ends_script => return at,
            (Place::Script, b'<') if after.starts_with(b"!--") => Place::Comment,
            (Place::Comment, b'<') if is_tag(after, "script") => Place::ScriptInComment,
            (Place::ScriptInComment, b'<') if ends_script => Place::Comment,
            (Place::Comment | Place::ScriptInComment, b'>') if before.ends_with(b"--") => {
                Place::Script
            }
            _ => place,
        };
    }
    html.len()
}

/// True if a tag of this `name` begins here, behind its angle bracket.
fn is_tag(html: &[u8], name: &str) -> bool {
    let length = name.len();
    html.get(..length)
        .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
        && html.get(length).is_some_and(|next| ends_name(*next))
}

/// True if a byte is white space between a tag's parts.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c)
}

/// True if a byte ends the name of a tag.
pub(super) fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'/' | b'>')
}
