//! The links of a page, each once, in document order.
//!
//! It keeps them as they are written until the page has ended: a `<base>` further down moves those above it too, and the
//! encoding of their queries is the page's, which may be declared late.

use std::borrow::Cow;

use encoding_rs::{EncoderResult, Encoding};
use memchr::memchr;
use url::Url;

use super::page_links::{LinkCollector, PageLinks, Places};
use super::plain_reference::PlainReader;

/// Links of one page that are kept at most.
pub(super) const MAX_LINKS: usize = 10_000;
/// Bytes of a link that is read. Nothing longer can be fetched.
const MAX_HREF: usize = 8 * 1024;

pub(super) struct Links {
    base: Option<Box<str>>,
    /// All of them, one behind the other.
    text: String,
    written: Vec<Written>,
    places: Places,
    /// Links past the cap; they are not compared with each other.
    beyond: u32,
}

/// A link as it is written.
struct Written {
    /// The end of its text. It begins where the one before it ends.
    end: usize,
    nofollow: bool,
}

impl Links {
    pub(super) fn new() -> Self {
        Self {
            base: None,
            text: String::new(),
            written: Vec::new(),
            places: Places::default(),
            beyond: 0,
        }
    }

    /// Takes the first `<base href>`, even if it turns out to be no URL: then the page's own URL is the base.
    pub(super) fn set_base(&mut self, href: &str) {
        self.base.get_or_insert_with(|| href.into());
    }

    /// Adds a link. One that is there twice may be followed if either may.
    pub(super) fn add(&mut self, href: &str, nofollow: bool) {
        if !may_lead_to_page(href) {
            return;
        }
        let href = without_place(href);
        match self.places.find(href, |place| self.href(place)) {
            Ok(place) => self.written[place].nofollow &= nofollow,
            Err(_) if self.written.len() >= MAX_LINKS => {
                self.beyond = self.beyond.saturating_add(1);
            }
            Err(hash) => {
                self.places.add(hash, self.written.len());
                self.text.push_str(href);
                let end = self.text.len();
                self.written.push(Written { end, nofollow });
            }
        }
    }

    fn href(&self, place: usize) -> &str {
        let start = place
            .checked_sub(1)
            .map_or(0, |last| self.written[last].end);
        &self.text[start..self.written[place].end]
    }

    /// The number of links that were kept so far.
    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// The links that were kept, and how many there are.
    pub(super) fn finish(&self, references: &References) -> (PageLinks, u32) {
        let mut links = LinkCollector::new(self.written.len());
        let plain = PlainReader::new(&references.base);
        for (place, Written { nofollow, .. }) in self.written.iter().enumerate() {
            let href = self.href(place);
            links.add(*nofollow, |text| {
                let is_plain = plain.as_ref().is_some_and(|plain| plain.write(href, text));
                is_plain
                    || references
                        .resolve(href)
                        .map(|url| text.push_str(url.as_str()))
                        .is_some()
            });
        }
        let links = links.finish();
        let count = u32::try_from(links.len()).unwrap_or(u32::MAX);
        (links, count.saturating_add(self.beyond))
    }

    /// The reading of this page's references, once its first `<base>` and its encoding are known.
    pub(super) fn references(&self, page: &Url, encoding: &'static Encoding) -> References {
        let base = self.base.as_deref().and_then(|href| page.join(href).ok());
        let base = base.filter(|base| !matches!(base.scheme(), "data" | "javascript"));
        References {
            base: base.unwrap_or_else(|| page.clone()),
            encoding: encoding.output_encoding(),
        }
    }
}

/// Reads the references of one page (HTML, section "encoding-parsing a URL").
pub(super) struct References {
    base: Url,
    encoding: &'static Encoding,
}

impl References {
    /// The page that `href` leads to, without fragment. A link cannot bring credentials.
    pub(super) fn resolve(&self, href: &str) -> Option<Url> {
        if !may_lead_to_page(href) {
            return None;
        }
        let mut url = self.absolute(href)?;
        let is_page = matches!(url.scheme(), "http" | "https") && url.has_host();
        url.set_fragment(None);
        is_page.then_some(url)
    }

    /// The URL that `href` means on this page, of whatever scheme, with its fragment. A link cannot bring credentials.
    pub(super) fn absolute(&self, href: &str) -> Option<Url> {
        let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|query| Cow::Owned(self.encode(query));
        let parser = Url::options().base_url(Some(&self.base));
        let is_utf8 = self.encoding == encoding_rs::UTF_8 || href.is_ascii();
        let parser = if is_utf8 {
            parser
        } else {
            parser.encoding_override(Some(encode))
        };
        let url = parser.parse(href).ok()?;
        (url.username().is_empty() && url.password().is_none()).then_some(url)
    }

    /// A query in the page's encoding. Characters that it lacks become escaped character references (URL, section
    /// "percent-encode after encoding").
    fn encode(&self, query: &str) -> Vec<u8> {
        let mut encoder = self.encoding.new_encoder();
        let mut bytes = Vec::with_capacity(query.len() + 16);
        let mut rest = query;
        loop {
            let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
            bytes.reserve(room.unwrap_or(rest.len()));
            let (result, read) =
                encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return bytes,
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(character) => {
                    let number = u32::from(character);
                    bytes.extend_from_slice(format!("%26%23{number}%3B").as_bytes());
                }
            }
        }
    }
}

/// False for what is too long to be fetched, and for schemes of other things than pages: most `mailto:` and `javascript:` links
/// need no parse.
fn may_lead_to_page(href: &str) -> bool {
    if href.len() > MAX_HREF {
        return false;
    }
    if !href.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return true;
    }
    let is_of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = href.bytes().position(|byte| !is_of_scheme(&byte));
    match end.map(|end| href.split_at(end)) {
        Some((scheme, rest)) if rest.starts_with(':') => {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        }
        Some(_) | None => true,
    }
}

/// A reference without the place within its page: an index has thousands of links to places of one page. A blank before the `#`
/// belongs to the path, and would be cut off at the end of a reference: there the `#` stays.
fn without_place(href: &str) -> &str {
    let Some(hash) = memchr(b'#', href.as_bytes()) else {
        return href;
    };
    let has_blank = href[..hash]
        .bytes()
        .next_back()
        .is_some_and(|last| last <= b' ');
    &href[..hash + usize::from(has_blank)]
}
