//! Sitemaps, feeds and indexes in XML.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{QName, ResolveResult};
use url::Url;

use super::listing::{Kind, SitemapFile};

/// Bytes of one URL that are read.
const MAX_URL: usize = 16 * 1024;

/// Elements within each other that are told apart; a sitemap has three.
const MAX_DEPTH: usize = 64;

/// Reads an XML file element by element. What was read before a fault counts.
pub(super) struct XmlSitemap<'a> {
    file: &'a mut SitemapFile,
    base: &'a Url,
    open: Vec<Element>,
    /// The URL of the element that names one, while in it.
    text: Option<String>,
    is_sitemap: bool,
}

/// An element that is open.
struct Element {
    name: Name,
    namespace: Option<String>,
}

/// Elements that mean something here, whatever their prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// `<url>`, `<item>` or `<entry>`.
    Page,
    /// `<sitemap>`.
    Sitemap,
    Loc,
    Link,
    Other,
}

impl<'a> XmlSitemap<'a> {
    pub(super) const fn new(file: &'a mut SitemapFile, base: &'a Url) -> Self {
        Self {
            file,
            base,
            open: Vec::new(),
            text: None,
            is_sitemap: false,
        }
    }

    pub(super) fn read(&mut self, text: &str) {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_end_names = false;
        // `?a=1&b=2` is not XML, and common.
        reader.config_mut().allow_dangling_amp = true;
        loop {
            match reader.read_resolved_event() {
                Ok((_, Event::Eof)) => break,
                Ok((namespace, event)) => self.take(&namespace, &event),
                Err(error) => {
                    self.file
                        .fault(|| format!("it is not well-formed: {error}"));
                    break;
                }
            }
            if self.file.is_overfull() {
                break;
            }
        }
        if !self.is_sitemap {
            self.file.fault(|| "it is not a sitemap".to_owned());
        }
    }

    fn take(&mut self, namespace: &ResolveResult<'_>, event: &Event<'_>) {
        match event {
            Event::Start(element) => self.open(namespace, element),
            Event::Empty(element) => self.link(namespace, element),
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

    fn open(&mut self, namespace: &ResolveResult<'_>, element: &BytesStart<'_>) {
        let name = Name::of(element.name());
        let local_name = element.local_name();
        self.is_sitemap |= matches!(
            local_name.as_ref(),
            "urlset" | "sitemapindex" | "rss" | "feed" | "RDF"
        );
        self.link(namespace, element);
        let names_url = matches!(name, Name::Loc | Name::Link);
        self.text = (names_url && self.is_own(namespace)).then(String::new);
        if self.open.len() < MAX_DEPTH {
            let namespace = text_of(namespace);
            self.open.push(Element { name, namespace });
        }
    }

    /// True for a child of an element that lists a URL, in the namespace of that element: extensions for pictures, videos and
    /// news name other things, and so do feeds.
    fn is_own(&self, namespace: &ResolveResult<'_>) -> bool {
        let lists = |parent: &&Element| matches!(parent.name, Name::Page | Name::Sitemap);
        let parent = self.open.last().filter(lists);
        parent.is_some_and(|parent| parent.namespace == text_of(namespace))
    }

    /// Lists the page of Atom's `<link href>`, unless the link is to something else than the entry's page.
    fn link(&mut self, namespace: &ResolveResult<'_>, element: &BytesStart<'_>) {
        if Name::of(element.name()) != Name::Link || !self.is_own(namespace) {
            return;
        }
        let attribute = |name: &str| {
            let attribute = element.try_get_attribute(name).ok()??;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some(value.into_owned())
        };
        let is_page = attribute("rel").is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"));
        if let Some(href) = attribute("href").filter(|_| is_page) {
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
        self.open.pop();
        let Some(text) = self.text.take() else { return };
        let kind = match self.open.last().map(|parent| parent.name) {
            Some(Name::Sitemap) => Kind::Sitemap,
            _ => Kind::Page,
        };
        self.file.list(kind, &text, None);
    }
}

impl Name {
    fn of(name: QName<'_>) -> Self {
        match name.local_name().as_ref() {
            "url" | "item" | "entry" => Self::Page,
            "sitemap" => Self::Sitemap,
            "loc" => Self::Loc,
            "link" => Self::Link,
            _ => Self::Other,
        }
    }
}

/// The namespace of an element; a prefix that was not declared stands for itself.
fn text_of(namespace: &ResolveResult<'_>) -> Option<String> {
    match namespace {
        ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
        ResolveResult::Unknown(prefix) => Some(prefix.to_string()),
        ResolveResult::Unbound => None,
    }
}
