//! The encoding that a page declares in its own bytes, before they can be decoded.
//!
//! A browser's tokenizer runs over the bytes, which are ASCII where it matters, so that a declaration within a comment, a script
//! or an attribute is none.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, mem};

use super::scan::{BODY, Kind, META, Name, Scanner, Sink, StartTag};

/// Bytes within which an XML declaration ends.
const MAX_XML_DECLARATION: usize = 256;

/// Looks for a declaration as bytes arrive.
pub(super) struct Prescan {
    scanner: Scanner,
    found: Found,
    /// The first bytes, while they may be an XML declaration.
    head: Option<String>,
}

#[derive(Default)]
struct Found {
    encoding: Option<&'static Encoding>,
    is_in_body: bool,
}

impl Prescan {
    pub(super) fn new() -> Self {
        Self {
            scanner: Scanner::new(),
            found: Found::default(),
            head: Some(String::new()),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        // What is not ASCII stands in no declaration, and every byte is a character of this encoding.
        let text = mem::decode_latin1(bytes);
        if let Some(mut head) = self.head.take() {
            let room = MAX_XML_DECLARATION - head.len();
            head.push_str(&text[..text.floor_char_boundary(room)]);
            match in_xml_declaration(&head) {
                Declaration::Cut => self.head = Some(head),
                Declaration::None => {}
                Declaration::Of(encoding) => self.found.encoding = Some(encoding),
            }
        }
        self.scanner.feed(&text, &mut self.found);
    }

    /// The first encoding that was declared.
    pub(super) const fn declared(&self) -> Option<&'static Encoding> {
        self.found.encoding
    }

    /// True once the page's body has begun.
    pub(super) const fn is_in_body(&self) -> bool {
        self.found.is_in_body
    }
}

impl Sink for Found {
    fn reads(&self, name: Name) -> bool {
        name == META
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        match tag.name {
            META if self.encoding.is_none() => self.encoding = in_meta(tag),
            BODY => self.is_in_body = true,
            _ => {}
        }
    }

    fn end(&mut self, _name: Name) {}

    fn text(&mut self, _piece: &str, _kind: Kind, _is_last: bool) {}
}

/// The encoding in the attributes of a `<meta>`; a `charset` outranks a `content`.
fn in_meta(tag: &StartTag<'_>) -> Option<&'static Encoding> {
    if let Some(label) = tag.attribute("charset") {
        return for_label(&label);
    }
    let http_equiv = tag.attribute("http-equiv")?;
    let is_content_type = http_equiv.trim().eq_ignore_ascii_case("content-type");
    let content = tag.attribute("content")?;
    for_label(in_content(&content).filter(|_| is_content_type)?)
}

/// The label in a content like `text/html; charset=utf-8` (HTML, section "extracting a character encoding from a meta
/// element").
fn in_content(content: &str) -> Option<&str> {
    let lower = content.to_ascii_lowercase();
    let mut from = 0;
    loop {
        from += lower[from..].find("charset")? + "charset".len();
        let value = content[from..].trim_ascii_start().strip_prefix('=');
        if let Some(value) = value.map(str::trim_ascii_start) {
            return quoted(value).or_else(|| {
                let end = |character: char| character == ';' || character.is_ascii_whitespace();
                value
                    .split(end)
                    .next()
                    .filter(|label| !label.starts_with(['"', '\'']))
            });
        }
    }
}

/// The XML declaration at the start of a page, as far as its first bytes tell.
#[derive(Debug, PartialEq, Eq)]
enum Declaration {
    /// The beginning of what may be an XML declaration.
    Cut,
    None,
    Of(&'static Encoding),
}

/// The encoding in `<?xml version="1.0" encoding="…"?>` at the start of a page.
fn in_xml_declaration(head: &str) -> Declaration {
    const OPENING: &str = "<?xml";
    let head = head.trim_ascii_start();
    let Some(declaration) = head.strip_prefix(OPENING) else {
        return if OPENING.starts_with(head) {
            Declaration::Cut
        } else {
            Declaration::None
        };
    };
    let Some((declaration, _)) = declaration.split_once('>') else {
        return if head.len() < MAX_XML_DECLARATION / 2 {
            Declaration::Cut
        } else {
            Declaration::None
        };
    };
    let encoding = declaration.split_once("encoding").and_then(|(_, value)| {
        let value = value.trim_ascii_start().strip_prefix('=')?;
        for_label(quoted(value.trim_ascii_start())?)
    });
    encoding.map_or(Declaration::None, Declaration::Of)
}

/// The text within quotes; none if there are no two.
fn quoted(value: &str) -> Option<&str> {
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(text, _)| text)
}

/// A page whose declaration could be read in ASCII is not in UTF-16, whatever it says.
fn for_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim_ascii().as_bytes())?;
    match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => Some(UTF_8),
        "x-user-defined" => Some(WINDOWS_1252),
        _ => Some(encoding),
    }
}
