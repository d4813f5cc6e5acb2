//! The URLs in a sitemap file (sitemaps.org protocol 0.9, and the RSS, Atom and text forms).
//!
//! Pure: bytes in, URLs out. Lenient as the files are: any namespace, gzip by content whatever the name says, and what was
//! read before a fault counts. Hostile files are bounded: bytes after unpacking, URLs per file; entities beyond the
//! predefined ones are not expanded.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;
use url::Url;

use super::listing::{Kind, SitemapFile};
use super::xml::XmlSitemap;
use crate::fetch::escape_non_utf8;

/// Bytes of one file at most, unpacked, as the protocol has it.
pub(crate) const MAX_BYTES: usize = 50 * 1024 * 1024;

/// Reads a file that was found at `base`.
pub(crate) fn parse(bytes: &[u8], declared: Option<&'static Encoding>, base: &Url) -> SitemapFile {
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
    let text = decode(bytes, declared);
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

/// The text of a file. A byte order mark outranks the header's encoding, and that the file's own declaration; all else is UTF-8,
/// as the protocol has it, with foreign bytes escaped.
fn decode<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Cow<'a, str> {
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or(declared).or_else(|| in_declaration(bytes));
    match encoding {
        Some(encoding) if encoding != encoding_rs::UTF_8 => encoding.decode(bytes).0,
        _ => escape_non_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

/// The encoding in `<?xml version="1.0" encoding="…"?>`.
fn in_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', &declaration[..declaration.len().min(256)])?;
    let declaration = str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rstest::rstest;

    use super::*;
    use crate::crawl::sitemap::listing::MAX_URLS;

    fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>, bool) {
        let base = Url::parse("https://a.example/sitemap.xml").unwrap();
        let file = parse(bytes, None, &base);
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

    #[rstest]
    #[case::pictures(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>
         <url><loc>https://a.example/1</loc><image:image><image:loc>https://a.example/1.jpg</image:loc></image:image></url></urlset>"
    )]
    #[case::prefixed(
        "<sm:urlset xmlns:sm='s' xmlns='i'><sm:url><sm:loc>https://a.example/1</sm:loc><image><loc>https://a.example/1.jpg</loc></image></sm:url></sm:urlset>"
    )]
    #[case::a_foreign_child(
        "<urlset><url><loc>https://a.example/1</loc><x:loc xmlns:x='x'>https://a.example/2</x:loc></url></urlset>"
    )]
    #[case::of_nothing(
        "<urlset><loc>https://a.example/0</loc><url><loc>https://a.example/1</loc></url></urlset>"
    )]
    #[case::a_feed_about_itself(
        "<feed xmlns='a'><link rel='self' href='/feed'/><entry><link rel='edit' href='/e'/><link href='/1'/></entry></feed>"
    )]
    #[case::a_channel_about_itself(
        "<rss xmlns:atom='a'><channel><link>https://a.example/</link><atom:link href='/feed'/><item><link>https://a.example/1</link></item></channel></rss>"
    )]
    fn only_what_an_entry_names_itself_is_listed(#[case] text: &str) {
        let (pages, sitemaps, fault) = read(text.as_bytes());
        assert_eq!(
            (pages, sitemaps.len(), fault),
            (vec!["https://a.example/1".into()], 0, false)
        );
    }

    #[test]
    fn a_bare_ampersand_spoils_nothing() {
        let locs = [
            "s-1",
            "s-2?a=1&b=2",
            "s-3/erik-&-rich",
            "s-4?a&amp;b",
            "s-5?x=1&copy=2",
        ];
        let urls = locs.map(|loc| format!("<url><loc>https://a.example/{loc}</loc></url>"));
        let (pages, _, fault) = read(format!("<urlset>{}</urlset>", urls.concat()).as_bytes());
        let expected = [
            "s-1",
            "s-2?a=1&b=2",
            "s-3/erik-&-rich",
            "s-4?a&b",
            "s-5?x=1&copy=2",
        ];
        assert_eq!(
            pages,
            expected.map(|page| format!("https://a.example/{page}"))
        );
        assert!(!fault);
    }

    #[rstest]
    #[case::declared(
        b"<?xml version='1.0' encoding='windows-1251'?><urlset><url><loc>https://a.example/\xe4</loc></url></urlset>",
        "https://a.example/%D0%B4"
    )]
    #[case::foreign_bytes(
        b"<urlset><url><loc>https://a.example/caf\xe9</loc></url></urlset>",
        "https://a.example/caf%E9"
    )]
    #[case::in_text(b"https://a.example/caf\xe9\n", "https://a.example/caf%E9")]
    fn a_file_in_another_encoding_is_read(#[case] bytes: &[u8], #[case] url: &str) {
        assert_eq!(read(bytes).0, [url]);
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
