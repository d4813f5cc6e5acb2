//! A page's tokens (HTML, section "tokenization"), for the tree builder.
//!
//! It owns where each token begins and ends. A page is there as a whole: texts and values are slices of it, found by searches of
//! many bytes at once, and what is wrong with a page is told to nobody.

use std::borrow::Cow;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{Attribute, LocalName};
use memchr::memchr;

use super::super::entities::{self, Within};
use super::ends;
use super::names::Names;

/// A page that is broken off, or has a tag with too many attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// Reads a page into `sink`, as long as it `goes_on`, which is asked before each tag.
pub(super) fn read<S: TokenSink>(
    html: &str,
    sink: &S,
    mut goes_on: impl FnMut() -> bool,
) -> Result<(), Broken> {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let html = with_line_feeds(html);
    let mut tokens = Tokens {
        html: &html,
        source: StrTendril::from_slice(&html),
        has_nul: memchr(0, html.as_bytes()).is_some(),
        at: 0,
        names: Names::new(),
        attributes: Vec::new(),
        sink,
    };
    while tokens.at < html.len() {
        tokens.text();
        if !goes_on() {
            return Err(Broken);
        }
        tokens.markup()?;
    }
    tokens.put_plain(Token::EOFToken);
    sink.end();
    Ok(())
}

/// The same page whose lines end in one way.
fn with_line_feeds(html: &str) -> Cow<'_, str> {
    if memchr(b'\r', html.as_bytes()).is_none() {
        return Cow::Borrowed(html);
    }
    Cow::Owned(html.replace("\r\n", "\n").replace('\r', "\n"))
}

pub(super) struct Tokens<'a, S> {
    pub(super) html: &'a str,
    /// The same, of which texts and values are shared slices.
    source: StrTendril,
    has_nul: bool,
    /// The first byte that has not been read.
    pub(super) at: usize,
    pub(super) names: Names,
    /// Those of the tag that is being read.
    pub(super) attributes: Vec<Attribute>,
    sink: &'a S,
}

impl<S: TokenSink> Tokens<'_, S> {
    fn put(&self, token: Token) -> TokenSinkResult<S::Handle> {
        self.sink.process_token(token, 1)
    }

    /// A token that changes nothing in how the page is read.
    fn put_plain(&self, token: Token) {
        let _continue = self.put(token);
    }

    /// The text up to the next markup.
    fn text(&mut self) {
        let html = self.html.as_bytes();
        let start = self.at;
        let markup = memchr::memchr_iter(b'<', &html[start..]).map(|at| start + at);
        let mut markup = markup.filter(|at| begins_markup(&html[at + 1..]));
        self.at = markup.next().unwrap_or(html.len());
        self.text_or_nul(start, self.at, Some(Within::Text));
    }

    /// Text in which the tree builder judges by itself what a null stands for.
    fn text_or_nul(&self, start: usize, end: usize, references: Option<Within>) {
        if !self.has_nul {
            return self.characters(start, end, references);
        }
        let mut from = start;
        for part in self.html[start..end].split('\0') {
            if from > start {
                self.put_plain(Token::NullCharacterToken);
            }
            self.characters(from, from + part.len(), references);
            from += part.len() + 1;
        }
    }

    fn characters(&self, start: usize, end: usize, references: Option<Within>) {
        if start < end {
            self.put_plain(Token::CharacterTokens(self.slice(start, end, references)));
        }
    }

    /// A part of the page, whose character references are decoded where they are some.
    pub(super) fn slice(&self, start: usize, end: usize, references: Option<Within>) -> StrTendril {
        let raw = &self.html[start..end];
        let mut text = match references {
            Some(within) => entities::decode(raw, within),
            None => Cow::Borrowed(raw),
        };
        if self.has_nul && text.contains('\0') {
            text = Cow::Owned(text.replace('\0', "\u{fffd}"));
        }
        match (text, u32::try_from(start), u32::try_from(end - start)) {
            (Cow::Borrowed(_), Ok(start), Ok(length)) => self.source.subtendril(start, length),
            (text, _, _) => StrTendril::from_slice(&text),
        }
    }

    /// The tag, comment or declaration that begins here.
    fn markup(&mut self) -> Result<(), Broken> {
        let html = self.html.as_bytes();
        let start = self.at + 1;
        let Some(first) = html.get(start) else {
            return Ok(());
        };
        match (first, html.get(start + 1)) {
            (b'!', _) => self.declaration(start + 1),
            (b'?', _) => self.comment(ends::of_bogus_comment(html, start)),
            (b'/', Some(b'>')) => self.at = start + 2,
            (b'/', Some(letter)) if letter.is_ascii_alphabetic() => {
                return self.tag(TagKind::EndTag, start + 1);
            }
            (b'/', _) => self.comment(ends::of_bogus_comment(html, start + 1)),
            _ => return self.tag(TagKind::StartTag, start),
        }
        Ok(())
    }

    fn declaration(&mut self, start: usize) {
        let html = self.html.as_bytes();
        let after = &html[start..];
        let begins = |word: &str| {
            after
                .get(..word.len())
                .is_some_and(|own| own.eq_ignore_ascii_case(word.as_bytes()))
        };
        if after.starts_with(b"--") {
            self.comment(ends::of_comment(html, start + 2));
        } else if begins("doctype") {
            let end = ends::of_bogus_comment(html, start);
            put_doctype(&self.html[start - 2..end], self.sink);
            self.at = end;
        } else if after.starts_with(b"[CDATA[")
            && self
                .sink
                .adjusted_current_node_present_but_not_in_html_namespace()
        {
            let (end, next) = ends::of_characters(html, start + 7);
            self.text_or_nul(start + 7, end, None);
            self.at = next;
        } else {
            self.comment(ends::of_bogus_comment(html, start));
        }
    }

    /// A comment up to `end`. Nobody reads what it says.
    fn comment(&mut self, end: usize) {
        self.put_plain(Token::CommentToken(StrTendril::new()));
        self.at = end;
    }

    pub(super) fn put_tag(&mut self, tag: Tag) {
        let name = (tag.kind == TagKind::StartTag).then(|| tag.name.clone());
        match (self.put(Token::TagToken(tag)), name) {
            (TokenSinkResult::RawData(kind), Some(name)) => self.raw(kind, &name),
            (TokenSinkResult::Plaintext, _) => {
                self.characters(self.at, self.html.len(), None);
                self.at = self.html.len();
            }
            // Nobody runs scripts, and the page has been decoded.
            _ => {}
        }
    }

    /// The content of an element that holds text and no elements.
    fn raw(&mut self, kind: RawKind, name: &LocalName) {
        let html = self.html.as_bytes();
        let (end, references) = match kind {
            RawKind::ScriptData | RawKind::ScriptDataEscaped(_) => {
                (ends::of_script(html, self.at), None)
            }
            RawKind::Rcdata => (ends::of_text(html, self.at, name), Some(Within::Text)),
            RawKind::Rawtext => (ends::of_text(html, self.at, name), None),
        };
        self.characters(self.at, end, references);
        self.at = end;
    }
}

/// True if what stands behind an angle bracket is markup and no text.
fn begins_markup(after: &[u8]) -> bool {
    match after.first() {
        Some(b'!' | b'?') => true,
        Some(b'/') => after.len() > 1,
        Some(byte) => byte.is_ascii_alphabetic(),
        None => false,
    }
}

/// The tree builder's own tokenizer reads a document type: pages have one, and it decides how tables are nested.
fn put_doctype<S: TokenSink>(doctype: &str, sink: &S) {
    struct Doctypes<'a, S>(&'a S);

    impl<S: TokenSink> TokenSink for Doctypes<'_, S> {
        type Handle = S::Handle;

        fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
            match token {
                Token::DoctypeToken(_) => self.0.process_token(token, line),
                _ => TokenSinkResult::Continue,
            }
        }
    }

    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(doctype));
    let tokenizer = Tokenizer::new(Doctypes(sink), TokenizerOpts::default());
    let _done = tokenizer.feed(&input);
    tokenizer.end();
}
