//! A page's bytes as UTF-8, whatever its encoding.
//!
//! A byte order mark outranks the `Content-Type` header, which outranks what the page declares; a page that declares nothing is
//! guessed. ASCII reads alike in every encoding, so it is passed on at once, and the page's declaration is looked for until a
//! byte makes a difference, and some way further.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use super::decoding::Decoding;
use super::prescan::Prescan;

/// Bytes of the longest byte order mark.
const MARK: usize = 3;
/// Bytes that are kept at a time, from the first that is not ASCII, for a declaration behind it or a guess.
const BLOCK: usize = 4096;
/// Bytes after which is asked if a declaration was among them: most pages have it in their first lines.
const STEP: usize = 512;
/// Blocks at most: a head may hold long scripts and styles before it declares its encoding.
const MAX_BLOCKS: usize = 16;
/// Begins what is not ASCII in ISO-2022-JP.
const ESCAPE: u8 = 0x1b;

/// Decodes as bytes arrive. Its output does not depend on how they are cut.
pub(super) enum Charset {
    /// The first bytes may be a byte order mark.
    Beginning {
        declared: Option<&'static Encoding>,
        has_markup: bool,
        head: Vec<u8>,
    },
    /// Nothing is declared yet.
    Looking(Box<Looking>),
    /// The encoding is settled.
    Settled(Decoding),
}

/// The search for the encoding of a page whose header does not say it.
pub(super) struct Looking {
    /// None for a document without markup, which declares nothing.
    prescan: Option<Prescan>,
    detector: EncodingDetector,
    /// Bytes from the first that is not ASCII.
    kept: Vec<u8>,
}

impl Charset {
    /// Follows the header's declaration, if there is one; else that of the page, if it `has_markup`.
    pub(super) const fn new(declared: Option<&'static Encoding>, has_markup: bool) -> Self {
        Self::Beginning {
            declared,
            has_markup,
            head: Vec::new(),
        }
    }

    /// Decodes `bytes` and tells the text to `read`, in pieces.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, read: &mut impl FnMut(&str)) {
        match self {
            Self::Settled(decoding) => decoding.decode(bytes, last, read),
            Self::Beginning {
                declared,
                has_markup,
                head,
            } => {
                head.extend_from_slice(bytes);
                if head.len() < MARK && !last {
                    return;
                }
                let head = std::mem::take(head);
                *self = Self::begun(&head, *declared, *has_markup);
                self.decode(&head, last, read);
            }
            Self::Looking(looking) => {
                let Some(encoding) = looking.look(bytes, last, read) else {
                    return;
                };
                let kept = std::mem::take(&mut looking.kept);
                let decoder = encoding.new_decoder_without_bom_handling();
                *self = Self::Settled(Decoding::new(encoding, decoder));
                self.decode(&kept, last, read);
            }
        }
    }

    /// The encoding, once it is settled.
    pub(super) const fn encoding(&self) -> Option<&'static Encoding> {
        match self {
            Self::Beginning { .. } | Self::Looking(_) => None,
            Self::Settled(decoding) => Some(decoding.encoding()),
        }
    }

    fn begun(head: &[u8], declared: Option<&'static Encoding>, has_markup: bool) -> Self {
        let (encoding, decoder) = match (Encoding::for_bom(head), declared) {
            (Some((encoding, _)), _) => (encoding, encoding.new_decoder_with_bom_removal()),
            (None, Some(encoding)) => (encoding, encoding.new_decoder_without_bom_handling()),
            (None, None) => {
                return Self::Looking(Box::new(Looking {
                    prescan: has_markup.then(Prescan::new),
                    detector: EncodingDetector::new(Iso2022JpDetection::Allow),
                    kept: Vec::new(),
                }));
            }
        };
        Self::Settled(Decoding::new(encoding, decoder))
    }
}

impl Looking {
    /// Looks at more bytes. Answers the encoding once it is settled; then `kept` holds what has not been passed on.
    fn look(
        &mut self,
        mut bytes: &[u8],
        last: bool,
        read: &mut impl FnMut(&str),
    ) -> Option<&'static Encoding> {
        if self.kept.is_empty() {
            let (ascii, rest) = bytes.split_at(ascii_length(bytes));
            if !ascii.is_empty() {
                read(str::from_utf8(ascii).expect("ASCII is UTF-8"));
            }
            self.take(ascii);
            bytes = rest;
        }
        let mut settled = self.declared();
        while settled.is_none() && !bytes.is_empty() {
            let room = BLOCK - self.kept.len() % BLOCK;
            let (block, rest) = bytes.split_at(room.min(bytes.len()));
            bytes = rest;
            self.kept.extend_from_slice(block);
            self.take(block);
            settled = self.declared();
            if settled.is_none() && self.has_kept_enough() {
                settled = Some(self.guess());
            }
        }
        if settled.is_none() && last {
            settled = Some(self.guess());
        }
        if settled.is_some() {
            self.kept.extend_from_slice(bytes);
        }
        settled
    }

    /// Looks at bytes for a declaration, and no further than that.
    fn take(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(STEP) {
            if self.declared().is_some() {
                return;
            }
            if let Some(prescan) = &mut self.prescan {
                prescan.feed(bytes);
            }
            self.detector.feed(bytes, false);
        }
    }

    fn declared(&self) -> Option<&'static Encoding> {
        self.prescan.as_ref().and_then(Prescan::declared)
    }

    /// True at the end of a block if the page's head is over, or far too long.
    fn has_kept_enough(&self) -> bool {
        let is_whole = self.kept.len().is_multiple_of(BLOCK);
        let is_in_body = self.prescan.as_ref().is_none_or(Prescan::is_in_body);
        is_whole && (is_in_body || self.kept.len() >= MAX_BLOCKS * BLOCK)
    }

    fn guess(&mut self) -> &'static Encoding {
        self.detector.feed(&[], true);
        self.detector.guess(None, Utf8Detection::Allow)
    }
}

/// Bytes that read alike in every encoding of pages.
fn ascii_length(bytes: &[u8]) -> usize {
    let ascii = Encoding::ascii_valid_up_to(bytes);
    memchr::memchr(ESCAPE, &bytes[..ascii]).unwrap_or(ascii)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;
    use rstest::rstest;

    use super::*;

    fn read(label: Option<&str>, bytes: &[u8]) -> (String, &'static str) {
        let declared = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        let mut charset = Charset::new(declared, true);
        let mut text = String::new();
        for chunk in bytes.chunks(7) {
            charset.decode(chunk, false, &mut |piece| text.push_str(piece));
        }
        charset.decode(&[], true, &mut |piece| text.push_str(piece));
        (text, charset.encoding().unwrap().name())
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
    #[case::a_mark_outranks_the_header(Some("windows-1251"), "\u{feff}na\u{ef}ve".as_bytes().to_vec(), "UTF-8")]
    #[case::utf_16(None, utf16("na\u{ef}ve"), "UTF-16LE")]
    #[case::the_header(Some("ISO-8859-1"), b"na\xefve".to_vec(), "windows-1252")]
    fn an_encoding_is_found(
        #[case] label: Option<&str>,
        #[case] bytes: Vec<u8>,
        #[case] name: &str,
    ) {
        assert_eq!(read(label, &bytes), ("na\u{ef}ve".to_owned(), name));
    }

    #[test]
    fn the_header_outranks_the_page() {
        let page = b"<meta charset=utf-8>\xef";
        assert_eq!(read(Some("windows-1252"), page).1, "windows-1252");
    }

    #[rstest]
    #[case(b"<meta charset=windows-1251>\xcf\xf0\xe8".to_vec(), "windows-1251")]
    #[case(b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>\xf0".to_vec(), "KOI8-R")]
    #[case(b"<meta charset=utf-16>".to_vec(), "UTF-8")]
    fn the_pages_own_declaration_is_followed(#[case] page: Vec<u8>, #[case] name: &str) {
        assert_eq!(read(None, &page).1, name);
    }

    #[rstest]
    #[case::a_comment(
        "<!-- <meta charset=\"windows-1251\"> --><meta charset=utf-8><title>naïve</title>"
    )]
    #[case::a_script("<script>var m=\"<meta charset=koi8-r>\";</script><meta charset=utf-8>naïve")]
    #[case::an_attribute("<p title='<meta charset=koi8-r>'><meta charset=utf-8>naïve")]
    #[case::a_name_alone("<meta name=x content='charset=koi8-r'><meta charset=utf-8>naïve")]
    #[case::no_encoding("<meta charset=nonsense><meta charset=utf-8>naïve")]
    #[case::xml("<?xml version='1.0' encoding='utf-8'?><p>naïve")]
    fn what_only_looks_like_a_declaration_is_none(#[case] page: &str) {
        assert_eq!(read(None, page.as_bytes()), (page.to_owned(), "UTF-8"));
    }

    #[rstest]
    #[case::behind_ascii(1_500, "")]
    #[case::far_behind_ascii(100_000, "")]
    #[case::behind_a_title(1_500, "<title>Привет</title>")]
    fn a_late_declaration_is_found(#[case] style: usize, #[case] title: &str) {
        let page = format!(
            "<head>{title}<style>{}</style><meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\"></head>
             <body>{}Привет, мир",
            "x".repeat(style),
            "y".repeat(8_000)
        );
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&page);
        assert_eq!(read(None, &bytes), (page, "windows-1251"));
    }

    #[test]
    fn a_late_declaration_of_utf_8_is_no_news() {
        for declaration in ["", "<meta charset=utf-8>"] {
            let page = format!("{declaration}<p>{}naïve", "x".repeat(9_000));
            assert_eq!(read(None, page.as_bytes()), (page.clone(), "UTF-8"));
        }
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
        assert_eq!(
            read(Some(label), &bytes),
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
            assert_eq!(read(Some(label), &bytes).0, "n\u{ef}");
        }
    }

    #[rstest]
    #[case(encoding_rs::SHIFT_JIS)]
    #[case(encoding_rs::EUC_JP)]
    #[case(encoding_rs::ISO_2022_JP)]
    #[case(UTF_8)]
    fn an_undeclared_page_is_guessed(#[case] encoding: &'static Encoding) {
        let text = "これは日本語で書かれた、宣言のないページです。";
        let (bytes, _, _) = encoding.encode(text);
        assert_eq!(read(None, &bytes), (text.to_owned(), encoding.name()));
    }

    #[rstest]
    #[case("a")]
    #[case("é")]
    #[case("\u{feff}")]
    #[case("\u{feff}naïve")]
    fn a_mark_may_be_cut(#[case] text: &str) {
        let mut charset = Charset::new(Some(UTF_8), true);
        let mut read = String::new();
        for byte in text.as_bytes() {
            charset.decode(&[*byte], false, &mut |piece| read.push_str(piece));
        }
        charset.decode(&[], true, &mut |piece| read.push_str(piece));
        assert_eq!(read, text.trim_start_matches('\u{feff}'));
    }

    #[rstest]
    #[case::in_the_first_block_of_a_body("<body>", BLOCK - 100, true)]
    #[case::in_another("<body>", BLOCK, false)]
    #[case::in_a_long_head("<head><style>", MAX_BLOCKS * BLOCK - 100, true)]
    #[case::in_a_longer_one("<head><style>", MAX_BLOCKS * BLOCK, false)]
    fn a_declaration_is_looked_for_behind_the_first_other_byte(
        #[case] begin: &str,
        #[case] bytes: usize,
        #[case] is_found: bool,
    ) {
        let page = format!(
            "{begin}é{}</style><meta charset=windows-1251>",
            "x".repeat(bytes)
        );
        let found = if is_found { "windows-1251" } else { "UTF-8" };
        assert_eq!(read(None, page.as_bytes()).1, found);
    }
}
