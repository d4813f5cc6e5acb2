//! The destinations of links and pictures: absolute, or none at all.

use std::cell::Cell;

use super::super::links::References;

/// Bytes of a reference that is read; longer ones are scripts and pictures in disguise.
const MAX_REFERENCE: usize = 8 * 1024;

/// Reads references until the room for their URLs is used up.
pub(super) struct Destinations<'a> {
    references: &'a References,
    room: Cell<Option<usize>>,
}

impl<'a> Destinations<'a> {
    pub(super) fn new(references: &'a References, room: usize) -> Self {
        let room = Cell::new(Some(room));
        Self { references, room }
    }

    /// True if there were more URLs than there was room.
    pub(super) fn are_exhausted(&self) -> bool {
        self.room.get().is_none()
    }

    /// The destination of a link, as Markdown writes it; nothing for scripts and data.
    pub(super) fn of_link(&self, href: &str) -> Option<String> {
        self.read(href, |scheme| {
            !matches!(
                scheme,
                "about" | "blob" | "data" | "javascript" | "vbscript"
            )
        })
    }

    /// The URL of a picture, as Markdown writes it.
    pub(super) fn of_picture(&self, src: &str) -> Option<String> {
        self.read(src, |scheme| matches!(scheme, "http" | "https"))
    }

    fn read(&self, reference: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        if reference.len() > MAX_REFERENCE {
            return None;
        }
        let room = self.room.get()?;
        let url = self.references.absolute(reference)?;
        if !is_wanted(url.scheme()) {
            return None;
        }
        let left = room.checked_sub(url.as_str().len());
        self.room.set(left);
        left.map(|_| written(url.as_str()))
    }
}

/// A URL between the brackets of a link. Parentheses and what could be taken for mark-up need angle brackets, and backslashes within
/// them: a percent-escape would make another URL of it.
fn written(url: &str) -> String {
    let may_hold_entities = url.contains('&') && url.contains(';');
    if !may_hold_entities && !url.contains(['(', ')', '\\', '<', '>', ' ']) {
        return url.to_owned();
    }
    let mut safe = String::with_capacity(url.len() + 8);
    safe.push('<');
    for character in url.chars() {
        match character {
            '\\' | '<' | '>' | '&' => safe.extend(['\\', character]),
            '\n' => safe.push_str("%0A"),
            _ => safe.push(character),
        }
    }
    safe.push('>');
    safe
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn a_url_is_read_back_as_it_was() {
        for url in [
            "https://a.example/b?c=d&e",
            "https://a.example/b?c=\\",
            "https://a.example/b?c=1&copy;2",
            "https://a.example/b_(c)",
            "https://a.example/b(c",
            "https://a.example/b)c",
            "mailto:<a>@b.example",
        ] {
            let text = format!("[x]({})", written(url));
            let read = pulldown_cmark::Parser::new(&text).find_map(|event| match event {
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => {
                    Some(dest_url.into_string())
                }
                _ => None,
            });
            assert_eq!(read.as_deref(), Some(url), "{text}");
        }
    }
}
