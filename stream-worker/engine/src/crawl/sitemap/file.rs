//! The URLs in a sitemap file (sitemaps.org protocol 0.9, and the RSS, Atom and text forms).
//!
//! Pure: bytes in, URLs out. Lenient as the files are: any namespace, gzip by content whatever the name says, and what was
//! read before a fault counts. Hostile files are bounded: bytes after unpacking, URLs per file; entities beyond the
//! predefined ones are not expanded.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use url::Url;

/// Bytes of one file at most, unpacked, as the protocol has it.
pub(crate) const MAX_BYTES: usize = 50 * 1024 * 1024;
/// URLs of one file at most, as the protocol has it.
const MAX_URLS: usize = 50_000;
/// Characters of one URL that are read.
const MAX_URL: usize = 16 * 1024;

/// The URLs in one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SitemapFile {
    /// URLs of pages, in the order of the file.
    pub(crate) pages: Vec<Url>,
    /// URLs of further sitemaps, in the order of the file.
    pub(crate) sitemaps: Vec<Url>,
    /// The fault of the file in words, if it has one. The URLs before it count.
    pub(crate) fault: Option<String>,
    /// True if the file lists more than [`MAX_URLS`].
    is_overfull: bool,
}

/// Reads a file that was found at `base`.
pub(crate) fn parse(bytes: &[u8], base: &Url) -> SitemapFile {
    let unpacked;
    let mut file = SitemapFile::default();
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked = unpack(bytes);
        if unpacked.len() > MAX_BYTES {
            file.fault = Some("it is larger than 50 MiB unpacked".to_owned());
        }
        &unpacked[..unpacked.len().min(MAX_BYTES)]
    } else {
        bytes
    };
    // A byte order mark may say UTF-16; all else is taken for UTF-8, as the protocol has it.
    let (text, ..) = encoding_rs::UTF_8.decode(bytes);
    let text = text.trim_start();
    if text.starts_with('<') {
        XmlSitemap::new(&mut file, base).read(text);
    } else {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            file.list(Kind::Page, line, None);
        }
    }
    if file.is_empty() && file.fault.is_none() && !text.starts_with('<') {
        file.fault = Some("it lists no URL".to_owned());
    }
    file
}

/// The content of a gzip file, as far as it is whole and within bounds.
fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // A file that ends early gives what came before; whether that is a sitemap is seen next.
    let _cut = MultiGzDecoder::new(bytes)
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut unpacked);
    unpacked
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Page,
    Sitemap,
}

impl SitemapFile {
    fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.sitemaps.is_empty()
    }

    fn is_full(&self) -> bool {
        self.pages.len() + self.sitemaps.len() >= MAX_URLS
    }

    /// Takes a URL in; relative ones, which the protocol forbids, only where `base` is given.
    fn list(&mut self, kind: Kind, text: &str, base: Option<&Url>) {
        if self.is_full() {
            self.is_overfull = true;
            self.fault = Some(format!("it lists more than {MAX_URLS} URLs"));
            return;
        }
        let Ok(url) = Url::options().base_url(base).parse(text.trim()) else {
            return;
        };
        if matches!(url.scheme(), "http" | "https") {
            match kind {
                Kind::Page => self.pages.push(url),
                Kind::Sitemap => self.sitemaps.push(url),
            }
        }
    }
}

/// Reads an XML file element by element.
struct XmlSitemap<'a> {
    file: &'a mut SitemapFile,
    base: &'a Url,
    /// The kind of URL that `<loc>` names: sitemaps within `<sitemap>`, else pages.
    kind: Kind,
    /// The text of the element that names a URL, while in it.
    text: Option<String>,
    /// True once the root element was one that a sitemap may have.
    is_sitemap: bool,
}

impl<'a> XmlSitemap<'a> {
    fn new(file: &'a mut SitemapFile, base: &'a Url) -> Self {
        Self {
            file,
            base,
            kind: Kind::Page,
            text: None,
            is_sitemap: false,
        }
    }

    fn read(&mut self, text: &str) {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        loop {
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => self.take(&event),
                Err(error) => {
                    let fault = &mut self.file.fault;
                    fault.get_or_insert_with(|| format!("it is not well-formed: {error}"));
                    break;
                }
            }
            if self.file.is_overfull {
                break;
            }
        }
        if !self.is_sitemap && self.file.fault.is_none() {
            self.file.fault = Some("it is not a sitemap".to_owned());
        }
    }

    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => self.open(element),
            Event::Empty(element) => self.link(element),
            Event::Text(text) => self.add(text.as_ref()),
            Event::CData(text) => self.add(text.as_ref()),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &**name);
                self.add(&unescape(&reference).unwrap_or_default());
            }
            Event::End(_) => self.close(),
            _ => {}
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "urlset" | "sitemapindex" | "rss" | "feed" | "RDF" => self.is_sitemap = true,
            "sitemap" => self.kind = Kind::Sitemap,
            "url" | "item" | "entry" => self.kind = Kind::Page,
            "loc" => self.text = Some(String::new()),
            "link" => {
                self.link(element);
                self.text = Some(String::new());
            }
            _ => {}
        }
    }

    /// Atom's `<link href>`.
    fn link(&mut self, element: &BytesStart<'_>) {
        if element.local_name().as_ref() != "link" {
            return;
        }
        if let Ok(Some(href)) = element.try_get_attribute("href")
            && let Ok(href) = href.normalized_value(XmlVersion::Implicit1_0)
        {
            self.file.list(Kind::Page, &href, Some(self.base));
        }
    }

    fn add(&mut self, more: &str) {
        if let Some(text) = &mut self.text
            && text.len() + more.len() <= MAX_URL
        {
            text.push_str(more);
        }
    }

    fn close(&mut self) {
        if let Some(text) = self.text.take() {
            self.file.list(self.kind, &text, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rstest::rstest;

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>, bool) {
        let base = Url::parse("https://a.example/sitemap.xml").unwrap();
        let file = parse(bytes, &base);
        let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
        (
            texts(file.pages),
            texts(file.sitemaps),
            file.fault.is_some(),
        )
    }

    #[rstest]
    #[case::urlset(
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>\n https://a.example/x?a=1&amp;b=2 </loc><lastmod>2026-01-01</lastmod></url></urlset>"
    )]
    #[case::odd_namespace(
        "<s:urlset xmlns:s='odd'><s:url><s:loc>https://a.example/x?a=1&#38;b=2</s:loc></s:url></s:urlset>"
    )]
    #[case::cdata(
        "\u{feff}<urlset><url><loc><![CDATA[https://a.example/x?a=1&b=2]]></loc></url></urlset>"
    )]
    #[case::rss(
        "<rss><channel><item><link>https://a.example/x?a=1&amp;b=2</link></item></channel></rss>"
    )]
    #[case::atom("<feed><entry><link rel='alternate' href='/x?a=1&amp;b=2'/></entry></feed>")]
    #[case::text("https://a.example/x?a=1&b=2\r\n\r\nftp://a.example/\n")]
    fn every_form_of_a_sitemap_is_read(#[case] text: &str) {
        assert_eq!(
            read(text.as_bytes()),
            (vec!["https://a.example/x?a=1&b=2".into()], vec![], false)
        );
    }

    #[test]
    fn an_index_names_sitemaps() {
        let text =
            "<sitemapindex><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>";
        assert_eq!(
            read(text.as_bytes()),
            (vec![], vec!["https://a.example/1.xml".into()], false)
        );
    }

    #[test]
    fn gzip_is_known_by_its_content() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(b"<urlset><url><loc>https://a.example/x</loc></url></urlset>")
            .unwrap();
        let (pages, _, fault) = read(&encoder.finish().unwrap());
        assert_eq!((pages.len(), fault), (1, false));
    }

    #[rstest]
    #[case::html("<!doctype html><html><p>Not found</p></html>")]
    #[case::cut("<urlset><url><loc>https://a.example/x</lo")]
    #[case::words("There is no sitemap here.")]
    #[case::empty("")]
    fn a_file_that_is_none_is_a_fault(#[case] text: &str) {
        assert!(read(text.as_bytes()).2);
    }

    #[rstest]
    #[case::little_endian(u16::to_le_bytes)]
    #[case::big_endian(u16::to_be_bytes)]
    fn a_file_in_utf_16_is_read(#[case] bytes: fn(u16) -> [u8; 2]) {
        let text = "\u{feff}<urlset><url><loc>https://a.example/x</loc></url></urlset>";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        assert_eq!(read(&bytes).0, ["https://a.example/x"]);
    }

    #[test]
    fn a_bomb_is_unpacked_up_to_the_protocols_bound() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(b"<urlset><url><loc>https://a.example/x</loc></url>")
            .unwrap();
        let blanks = vec![b' '; 1024 * 1024];
        for _ in 0..60 {
            encoder.write_all(&blanks).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        let (pages, _, fault) = read(&bomb);
        assert_eq!((pages.len(), fault), (1, true));
        assert_eq!(unpack(&bomb).len(), MAX_BYTES + 1);
    }

    #[test]
    fn entities_of_a_files_own_are_not_expanded() {
        let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>https://a.example/&b;</loc></url></urlset>";
        assert_eq!(read(text.as_bytes()).0, ["https://a.example/"]);
    }

    #[test]
    fn a_file_gives_no_more_urls_than_the_protocol_has_it() {
        let lines = "https://a.example/x\n".repeat(MAX_URLS + 10);
        let (pages, _, fault) = read(lines.as_bytes());
        assert_eq!((pages.len(), fault), (MAX_URLS, true));
    }
}
