//! XHTML as XML reads it, written as HTML.
//!
//! In XML every element may be empty (`<script/>`, `<a id="top"/>`) and text may be quoted whole (CDATA). An HTML parser takes
//! both for something else and swallows what follows.

use std::fmt::Write;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};

/// The namespace of elements that HTML knows.
const XHTML: Namespace<'static> = Namespace("http://www.w3.org/1999/xhtml");

/// Elements without content, which HTML closes by itself.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The document as HTML. None if it is not well-formed: a browser shows an error instead, and an HTML parser at least some of it.
pub(super) fn to_html(xml: &str) -> Option<String> {
    let mut reader = NsReader::from_str(xml);
    let mut html = String::with_capacity(xml.len() + xml.len() / 16);
    // Scripts and styles are no content, and their text would have to be written in another way.
    let mut code = 0_u32;
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        match event {
            Event::Eof => return Some(html),
            Event::Start(element) if is_linked_data(&element) => {
                html.push_str("<script type=\"application/ld+json\">");
                html.push_str(&raw_text(&mut reader, &element)?);
                html.push_str("</script>");
            }
            Event::Start(element) if is_code(element.name()) => code += 1,
            Event::End(element) if is_code(element.name()) => code = code.saturating_sub(1),
            Event::Empty(element) if is_code(element.name()) => {}
            _ if code > 0 => {}
            Event::Start(element) => open(&mut html, &namespace, &element),
            Event::End(element) => close(&mut html, name_in(&namespace, element.name())),
            Event::Empty(element) => {
                open(&mut html, &namespace, &element);
                close(&mut html, name_in(&namespace, element.name()));
            }
            Event::Text(text) => html.push_str(&text),
            Event::CData(text) => html.push_str(&html_escape::encode_text(&*text)),
            Event::GeneralRef(name) => {
                // Writing to a string does not fail.
                let _infallible = write!(html, "&{};", &*name);
            }
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// True for a script that holds JSON-LD.
fn is_linked_data(element: &BytesStart<'_>) -> bool {
    is_code(element.name()) && element.attributes_raw().contains("ld+json")
}

/// The text up to the end of `element`, with its references decoded. In HTML a script's text has none; JSON has another way to write
/// what would end it.
fn raw_text(reader: &mut NsReader<&[u8]>, element: &BytesStart<'_>) -> Option<String> {
    let name = element.name().into_inner().to_owned();
    let written = reader.read_text(QName(&name)).ok()?;
    let text = written.trim();
    let text = text
        .strip_prefix("<![CDATA[")
        .and_then(|text| text.strip_suffix("]]>"));
    let text = text.map_or_else(|| html_escape::decode_html_entities(&*written), Into::into);
    Some(text.replace("</", "<\\/"))
}

fn is_code(name: QName<'_>) -> bool {
    matches!(name.local_name().as_ref(), "script" | "style")
}

/// The name that HTML has for an element, whatever its prefix.
fn name_in<'a>(namespace: &ResolveResult<'_>, name: QName<'a>) -> &'a str {
    match namespace {
        ResolveResult::Bound(namespace) if *namespace == XHTML => name.local_name().into_inner(),
        _ => name.into_inner(),
    }
}

fn open(html: &mut String, namespace: &ResolveResult<'_>, element: &BytesStart<'_>) {
    html.push('<');
    html.push_str(name_in(namespace, element.name()));
    html.push_str(element.attributes_raw());
    html.push('>');
}

fn close(html: &mut String, name: &str) {
    if !VOID.contains(&name) {
        html.push_str("</");
        html.push_str(name);
        html.push('>');
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty_elements("<p><a id=\"top\"/>one<br/></p>", "<p><a id=\"top\"></a>one<br></p>")]
    #[case::quoted_text("<p><![CDATA[a < b & c]]></p>", "<p>a &lt; b &amp; c</p>")]
    #[case::references("<p>&amp;&#233;&nbsp;</p>", "<p>&amp;&#233;&nbsp;</p>")]
    #[case::scripts("<p/><script src='a'/><style>p > a</style>x", "<p></p>x")]
    #[case::prefixes(
        "<h:p xmlns:h='http://www.w3.org/1999/xhtml'>x</h:p>",
        "<p xmlns:h='http://www.w3.org/1999/xhtml'>x</p>"
    )]
    fn xml_is_written_as_html(#[case] xml: &str, #[case] html: &str) {
        assert_eq!(to_html(xml).as_deref(), Some(html));
    }

    #[test]
    fn what_is_not_well_formed_is_no_xml() {
        assert_eq!(to_html("<p><b>x</p>"), None);
    }
}
