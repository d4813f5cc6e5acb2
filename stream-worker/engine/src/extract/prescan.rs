//! The encoding that a page declares in its own bytes, before they can be decoded.
//!
//! A browser's tokenizer runs over the bytes, which are ASCII where it matters, so that a declaration within a comment, a script
//! or an attribute is none.

use std::sync::{Arc, LazyLock};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use lol_html::send::{Element, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, Selector, doc_comments};
use parking_lot::Mutex;

use super::handlers::{Discard, Parser, on, selector, settings};

static DECLARATIONS: LazyLock<Selector> =
    LazyLock::new(|| selector("meta[charset], meta[http-equiv][content]"));
static BODY: LazyLock<Selector> = LazyLock::new(|| selector("body"));

/// Looks for a declaration as bytes arrive.
pub(super) struct Prescan {
    /// None once it has given up on the page.
    parser: Option<Parser>,
    found: Arc<Mutex<Found>>,
}

#[derive(Default)]
struct Found {
    encoding: Option<&'static Encoding>,
    is_in_body: bool,
    /// True once a comment or a `<meta>` has been seen: an XML declaration comes before.
    has_begun: bool,
}

impl Prescan {
    pub(super) fn new() -> Self {
        let found = Arc::new(Mutex::new(Found::default()));
        let encoding = AsciiCompatibleEncoding::new(WINDOWS_1252).expect("it contains ASCII");
        let settings = handlers(settings().with_encoding(encoding), &found);
        Self {
            parser: Some(HtmlRewriter::new(settings, Discard)),
            found,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if let Some(parser) = &mut self.parser
            && parser.write(bytes).is_err()
        {
            self.parser = None;
        }
    }

    /// The first encoding that was declared.
    pub(super) fn declared(&self) -> Option<&'static Encoding> {
        self.found.lock().encoding
    }

    /// True once the page's body has begun.
    pub(super) fn is_in_body(&self) -> bool {
        self.found.lock().is_in_body
    }
}

fn handlers(
    settings: Settings<'static, 'static>,
    found: &Arc<Mutex<Found>>,
) -> Settings<'static, 'static> {
    let (declared, body, comments) = (found.clone(), found.clone(), found.clone());
    settings
        .append_element_content_handler(on(&DECLARATIONS, move |element: &mut Element<'_, '_>| {
            let mut found = declared.lock();
            found.has_begun = true;
            found.encoding = found.encoding.or_else(|| in_meta(element));
            Ok(())
        }))
        .append_element_content_handler(on(&BODY, move |_element: &mut Element<'_, '_>| {
            body.lock().is_in_body = true;
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(move |comment| {
            let mut found = comments.lock();
            if !std::mem::replace(&mut found.has_begun, true) {
                found.encoding = in_xml_declaration(&comment.text());
            }
            Ok(())
        }))
}

/// The encoding in the attributes of a `<meta>`; a `charset` outranks a `content`.
fn in_meta(element: &Element<'_, '_>) -> Option<&'static Encoding> {
    if let Some(label) = element.get_attribute("charset") {
        return for_label(&label);
    }
    let http_equiv = element.get_attribute("http-equiv")?;
    let is_content_type = http_equiv.trim().eq_ignore_ascii_case("content-type");
    let content = element.get_attribute("content")?;
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

/// The encoding in `?xml version="1.0" encoding="…"?`, which is a comment to HTML.
fn in_xml_declaration(comment: &str) -> Option<&'static Encoding> {
    let (_, value) = comment.strip_prefix("?xml")?.split_once("encoding")?;
    let value = value.trim_ascii_start().strip_prefix('=')?;
    for_label(quoted(value.trim_ascii_start())?)
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
