//! Decodes the bytes of a page, whatever its encoding, into UTF-8.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// Bytes that are looked at before the encoding is settled: enough for a declaration (HTML asks for it within 1024) and for a
/// good guess where there is none.
const LOOK: usize = 4096;

/// Decodes as bytes arrive. What it yields does not depend on how they are cut.
pub(super) enum Charset {
    /// The first bytes are kept until there are enough of them.
    Looking {
        declared: Option<&'static Encoding>,
        head: Vec<u8>,
    },
    /// The encoding is settled.
    Settled {
        decoder: Box<Decoder>,
        encoding: &'static Encoding,
    },
}

impl Charset {
    /// A decoder for a page with this `Content-Type` header, which may declare the encoding.
    pub(super) fn new(content_type: Option<&str>) -> Self {
        let label = content_type.and_then(|value| parameter(value, "charset"));
        let declared = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        Self::Looking {
            declared,
            head: Vec::new(),
        }
    }

    /// Decodes `bytes` and appends the text to `text`.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) {
        match self {
            Self::Settled { decoder, .. } => decode(decoder, bytes, last, text),
            Self::Looking { declared, head } => {
                head.extend_from_slice(bytes);
                if head.len() < LOOK && !last {
                    return;
                }
                let head = std::mem::take(head);
                let (encoding, decoder) = settle(&head, *declared);
                *self = Self::Settled {
                    decoder: Box::new(decoder),
                    encoding,
                };
                self.decode(&head, last, text);
            }
        }
    }

    /// The encoding's name, once it is settled.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Self::Looking { .. } => None,
            Self::Settled { encoding, .. } => Some(encoding.name()),
        }
    }
}

fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, text: &mut String) {
    loop {
        // Too little only costs another round.
        text.reserve(
            decoder
                .max_utf8_buffer_length(bytes.len())
                .unwrap_or(bytes.len()),
        );
        let (result, read, _replaced) = decoder.decode_to_string(bytes, text, last);
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

/// A byte order mark outranks the header, which outranks the page's own declaration; then it is a guess.
fn settle(head: &[u8], declared: Option<&'static Encoding>) -> (&'static Encoding, Decoder) {
    if let Some((encoding, _length)) = Encoding::for_bom(head) {
        return (encoding, encoding.new_decoder_with_bom_removal());
    }
    let head = &head[..head.len().min(LOOK)];
    let encoding = declared
        .or_else(|| in_meta(&head[..head.len().min(1024)]))
        .unwrap_or_else(|| guess(head));
    (encoding, encoding.new_decoder_without_bom_handling())
}

fn guess(head: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// The encoding that a `<meta>` within the first bytes names (HTML, section "prescan a byte stream").
fn in_meta(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = find(rest, b"<meta") {
        let tag = &rest[at + 5..];
        let end = tag
            .iter()
            .position(|byte| *byte == b'>')
            .unwrap_or(tag.len());
        if let Some(encoding) = label_in(&tag[..end]) {
            return Some(encoding);
        }
        rest = &tag[end..];
    }
    None
}

fn label_in(tag: &[u8]) -> Option<&'static Encoding> {
    let after = &tag[find(tag, b"charset")? + 7..];
    let value = after
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let end = value
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\'' | b';' | b' ' | b'/'))
        .unwrap_or(value.len());
    let encoding = Encoding::for_label(&value[..end])?;
    // A page whose declaration could be read in ASCII is not in UTF-16, whatever it says.
    match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => Some(UTF_8),
        "x-user-defined" => Some(WINDOWS_1252),
        _ => Some(encoding),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// A parameter of a header's value, unquoted.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(content_type: Option<&str>, bytes: &[u8]) -> (String, &'static str) {
        let mut charset = Charset::new(content_type);
        let mut text = String::new();
        for chunk in bytes.chunks(7) {
            charset.decode(chunk, false, &mut text);
        }
        charset.decode(&[], true, &mut text);
        (text, charset.name().unwrap())
    }

    fn utf16(text: &str) -> Vec<u8> {
        [0xfeff]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    }

    #[rstest]
    #[case::plain(None, "na\u{ef}ve".as_bytes().to_vec(), "UTF-8")]
    #[case::a_mark_outranks_the_header(Some("text/html; charset=windows-1251"), "\u{feff}na\u{ef}ve".as_bytes().to_vec(), "UTF-8")]
    #[case::utf_16(None, utf16("na\u{ef}ve"), "UTF-16LE")]
    #[case::the_header(Some("text/html; charset=\"ISO-8859-1\""), b"na\xefve".to_vec(), "windows-1252")]
    fn an_encoding_is_found(
        #[case] content_type: Option<&str>,
        #[case] bytes: Vec<u8>,
        #[case] name: &str,
    ) {
        assert_eq!(read(content_type, &bytes), ("na\u{ef}ve".to_owned(), name));
    }

    #[test]
    fn the_header_outranks_the_page() {
        let page = b"<meta charset=utf-8>\xef";
        assert_eq!(
            read(Some("text/html; charset=windows-1252"), page).1,
            "windows-1252"
        );
    }

    #[rstest]
    #[case(b"<meta charset=windows-1251>\xcf\xf0\xe8".to_vec(), "windows-1251")]
    #[case(b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>\xf0".to_vec(), "KOI8-R")]
    #[case(b"<meta charset=utf-16>".to_vec(), "UTF-8")]
    fn the_pages_own_declaration_is_followed(#[case] page: Vec<u8>, #[case] name: &str) {
        assert_eq!(read(None, &page).1, name);
    }

    /// Every encoding of the WHATWG's standard that a page can be written in.
    #[rstest]
    #[case("utf-8", "naïve 😀")]
    #[case("ibm866", "Привет")]
    #[case("iso-8859-2", "Žluťoučký kůň")]
    #[case("iso-8859-3", "Ĥoro ĉe ĝardeno")]
    #[case("iso-8859-4", "Ķēniņš")]
    #[case("iso-8859-5", "Привет")]
    #[case("iso-8859-6", "مرحبا")]
    #[case("iso-8859-7", "Γειά")]
    #[case("iso-8859-8", "שלום")]
    #[case("iso-8859-8-i", "שלום")]
    #[case("iso-8859-10", "Þórður Ŋ")]
    #[case("iso-8859-13", "Ąžuolas")]
    #[case("iso-8859-14", "Ŵy ŵyr")]
    #[case("iso-8859-15", "Œuvre à 5 €")]
    #[case("iso-8859-16", "Țară și €")]
    #[case("koi8-r", "Привет")]
    #[case("koi8-u", "Привіт")]
    #[case("macintosh", "Ärger über ∑")]
    #[case("windows-874", "สวัสดี")]
    #[case("windows-1250", "Žluťoučký")]
    #[case("windows-1251", "Привет")]
    #[case("windows-1252", "naïve – €")]
    #[case("windows-1253", "Γειά")]
    #[case("windows-1254", "İyi akşamlar")]
    #[case("windows-1255", "שלום")]
    #[case("windows-1256", "مرحبا")]
    #[case("windows-1257", "Ąžuolas")]
    #[case("windows-1258", "Đ ă ơ ư ₫")]
    #[case("x-mac-cyrillic", "Привет")]
    #[case("gbk", "你好")]
    #[case("gb18030", "你好 😀")]
    #[case("big5", "你好")]
    #[case("euc-jp", "こんにちは")]
    #[case("iso-2022-jp", "こんにちは")]
    #[case("shift_jis", "こんにちは")]
    #[case("euc-kr", "안녕하세요")]
    #[case("ks_c_5601-1987", "안녕하세요")]
    #[case("latin1", "naïve")]
    fn every_encoding_is_read(#[case] label: &str, #[case] text: &str) {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{label} can write {text}");
        let header = format!("text/html; charset={label}");
        assert_eq!(
            read(Some(&header), &bytes),
            (text.to_owned(), encoding.name())
        );
        let declaration = format!("<meta charset=\"{label}\">");
        let page = [declaration.as_bytes(), &bytes].concat();
        assert_eq!(read(None, &page), (declaration + text, encoding.name()));
    }

    #[test]
    fn utf_16_is_read_in_either_order() {
        for (label, bytes) in [
            ("utf-16le", [b'n', 0, 0xef, 0]),
            ("utf-16be", [0, b'n', 0, 0xef]),
        ] {
            let header = format!("text/html; charset={label}");
            assert_eq!(read(Some(&header), &bytes).0, "n\u{ef}");
        }
    }

    #[test]
    fn an_undeclared_page_is_guessed() {
        let (text, _, _) =
            encoding_rs::SHIFT_JIS.encode("これは日本語で書かれた、宣言のないページです。");
        assert_eq!(read(None, &text).1, "Shift_JIS");
    }
}
