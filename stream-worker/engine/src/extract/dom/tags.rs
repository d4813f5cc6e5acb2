//! The tags of a page, with their attributes.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, TokenSink};
use html5ever::{Attribute, QualName, ns};
use memchr::memchr;

use super::super::entities::Within;
use super::ends::{ends_name, is_blank};
use super::tokens::{Broken, Tokens};

/// Attributes of one tag at most: each is compared with all before it. Real pages have some tens.
pub(super) const MAX_ATTRIBUTES: usize = 1000;

impl<S: TokenSink> Tokens<'_, S> {
    /// The tag whose name begins at `start`. One that does not end is none.
    pub(super) fn tag(&mut self, kind: TagKind, start: usize) -> Result<(), Broken> {
        let html = self.html.as_bytes();
        let mut at = start + length(&html[start..], ends_name);
        let name = self.names.get(&self.html[start..at]);
        self.attributes.clear();
        let mut self_closing = false;
        let mut count = 0;
        loop {
            at += length(&html[at..], |byte| !is_blank(byte));
            match html.get(at) {
                None => {
                    self.at = at;
                    return Ok(());
                }
                Some(b'>') => break,
                Some(b'/') => {
                    self_closing = html.get(at + 1) == Some(&b'>');
                    at += 1;
                }
                Some(_) if count == MAX_ATTRIBUTES => return Err(Broken),
                Some(_) => {
                    at = self.attribute(at);
                    count += 1;
                }
            }
        }
        self.at = at + 1;
        let attrs: Vec<Attribute> = self.attributes.drain(..).collect();
        self.put_tag(Tag {
            kind,
            name,
            self_closing,
            had_duplicate_attributes: attrs.len() < count,
            attrs,
        });
        Ok(())
    }

    /// Reads an attribute, and returns the place behind it. Of two with the same name, the first counts.
    fn attribute(&mut self, start: usize) -> usize {
        let html = self.html.as_bytes();
        // An equals sign may begin a name.
        let end = start + 1 + length(&html[start + 1..], |byte| ends_name(byte) || byte == b'=');
        let name = self.names.get(&self.html[start..end]);
        let (value, next) = self.value(end);
        if !self.attributes.iter().any(|own| own.name.local == name) {
            self.attributes.push(Attribute {
                name: QualName::new(None, ns!(), name),
                value,
            });
        }
        next
    }

    /// The value of the attribute whose name ends at `end`, and the place behind it.
    fn value(&self, end: usize) -> (StrTendril, usize) {
        let html = self.html.as_bytes();
        let skip = |at: usize| at + length(&html[at..], |byte| !is_blank(byte));
        let sign = skip(end);
        if html.get(sign) != Some(&b'=') {
            return (StrTendril::new(), sign);
        }
        let start = skip(sign + 1);
        let (start, end, next) = match html.get(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let start = start + 1;
                let end = memchr(*quote, &html[start..]).map_or(html.len(), |at| start + at);
                (start, end, (end + 1).min(html.len()))
            }
            _ => {
                let end = start + length(&html[start..], |byte| is_blank(byte) || byte == b'>');
                (start, end, end)
            }
        };
        (self.slice(start, end, Some(Within::Attribute)), next)
    }
}

/// The number of bytes before the first that `ends`.
fn length(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    let end = bytes.iter().position(|byte| ends(*byte));
    end.unwrap_or(bytes.len())
}
