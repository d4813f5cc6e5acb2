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
        return Declaration::Cut;
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The name of the encoding that a page declares which arrives in pieces of this length.
    fn declared(page: &str, length: usize) -> Option<&'static str> {
        let mut prescan = Prescan::new();
        for piece in page.as_bytes().chunks(length) {
            prescan.feed(piece);
        }
        prescan.declared().map(Encoding::name)
    }

    #[rstest]
    #[case(
        "<meta http-equiv=' content-type ' content='text/html; CHARSET=koi8-r'>",
        Some("KOI8-R")
    )]
    #[case(
        "<meta http-equiv=content-type content='charset = koi8-r'>",
        Some("KOI8-R")
    )]
    #[case(
        "<meta http-equiv=content-type content='charset=koi8-r; x'>",
        Some("KOI8-R")
    )]
    #[case(
        "<meta http-equiv=content-type content='charset=koi8-r x'>",
        Some("KOI8-R")
    )]
    #[case(
        "<meta http-equiv=content-type content='charset charset=koi8-r'>",
        Some("KOI8-R")
    )]
    #[case(
        "<meta http-equiv=content-type content='charset=\"koi8-r\" x'>",
        Some("KOI8-R")
    )]
    #[case("<meta http-equiv=content-type content='charset=\"koi8-r'>", None)]
    #[case("<meta http-equiv=refresh content='charset=koi8-r'>", None)]
    #[case("<meta charset=koi8-r><meta charset=utf-8>", Some("KOI8-R"))]
    #[case("<meta charset=' koi8-r '>", Some("KOI8-R"))]
    #[case("<meta charset=utf-16be>", Some("UTF-8"))]
    #[case("<meta charset=x-user-defined>", Some("windows-1252"))]
    #[case(" \n<?xml version='1.0' encoding = \"koi8-r\"?>", Some("KOI8-R"))]
    #[case("<?xml encoding='koi8-r'?><meta charset=utf-8>", Some("KOI8-R"))]
    #[case("<?xml encoding=koi8-r?>", None)]
    #[case("<?xslt encoding='koi8-r'?>", None)]
    #[case("x<?xml encoding='koi8-r'?>", None)]
    fn a_declaration_is_read_however_it_is_written(#[case] page: &str, #[case] name: Option<&str>) {
        for length in 1..page.len() {
            assert_eq!(declared(page, length), name, "in pieces of {length}");
        }
    }

    #[rstest]
    #[case::short(100, Some("KOI8-R"))]
    #[case::the_longest(MAX_XML_DECLARATION, Some("KOI8-R"))]
    #[case::longer(MAX_XML_DECLARATION + 1, None)]
    fn an_xml_declaration_has_a_length(#[case] length: usize, #[case] name: Option<&str>) {
        let (begin, end) = ("<?xml ", "encoding='koi8-r'?>");
        let blanks = " ".repeat(length - begin.len() - end.len());
        let page = format!("{begin}{blanks}{end}<p>words");
        for piece in [1, 7, 90, 130, 200, page.len()] {
            assert_eq!(declared(&page, piece), name, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_page_says_where_its_body_begins() {
        let mut prescan = Prescan::new();
        prescan.feed(b"<head><!-- <body> --></head>");
        assert!(!prescan.is_in_body());
        prescan.feed(b"<body class=x>");
        assert!(prescan.is_in_body());
    }
}
