//! HTML to a tree, with the limits that keep a hostile page from being one.

use std::cell::{Cell, RefCell};

use hashbrown::HashMap;
use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, local_name};
use rustix::time::{ClockId, clock_gettime};

use super::super::elements::is_block;
use super::builder::Builder;
use super::tokens;
use super::tree::{NodeId, Tree};

/// Elements within each other at most, as in browsers. What is deeper is put beside each other: the standard's algorithm takes
/// time in proportion to the depth for each tag.
pub(in crate::extract) const MAX_DEPTH: u32 = 512;
/// Elements that may be deeper than that if they say more than a `<div>`: headings, lists, tables.
const RESERVE: u32 = 64;
/// Nodes of a tree at most: some 64 bytes each.
const MAX_NODES: usize = 2_500_000;
/// Tags between two looks at the clock.
const STEP: u32 = 256;
/// Seconds of this thread's processor time. Ordinary pages need milliseconds; the standard's algorithm and its implementation
/// have a few places where time grows with the square of what a page repeats, such as formatting elements.
const MAX_SECONDS: i64 = if cfg!(debug_assertions) { 30 } else { 5 };

/// The tree of `html`; none if it would break a limit.
pub(in crate::extract) fn parse(html: &str) -> Option<Tree> {
    let guard = Guard::for_page(html.len());
    let deadline = clock_gettime(ClockId::ThreadCPUTime).tv_sec + MAX_SECONDS;
    let mut tags = 0_u32;
    let goes_on = || {
        tags = tags.wrapping_add(1);
        let is_late =
            || tags.is_multiple_of(STEP) && clock_gettime(ClockId::ThreadCPUTime).tv_sec > deadline;
        !guard.overflows.get() && !is_late()
    };
    tokens::read(html, &guard, goes_on).ok()?;
    let is_whole = !guard.overflows.get();
    is_whole.then(|| guard.builder.sink.finish())
}

/// Stands between the tokenizer and the tree.
pub(super) struct Guard {
    pub(super) builder: TreeBuilder<NodeId, Builder>,
    /// Elements that were too deep to be opened, by name: their end tags must not close others.
    unopened: RefCell<HashMap<LocalName, u32>>,
    overflows: Cell<bool>,
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if self.overflows.get() {
            return TokenSinkResult::Continue;
        }
        if let Token::TagToken(tag) = &token
            && self.is_beyond(tag)
        {
            if !is_block(&tag.name) {
                return TokenSinkResult::Continue;
            }
            // Words on either side stay apart.
            let blank = Token::CharacterTokens(StrTendril::from_char('\n'));
            return self.builder.process_token(blank, line);
        }
        if self.builder.sink.len() > MAX_NODES {
            self.overflows.set(true);
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Guard {
    /// A guard of a page of so many bytes.
    pub(super) fn for_page(bytes: usize) -> Self {
        let options = TreeBuilderOpts {
            // This crawler runs no scripts: `<noscript>` is content.
            scripting_enabled: false,
            drop_doctype: true,
            ..TreeBuilderOpts::default()
        };
        Self {
            builder: TreeBuilder::new(Builder::for_page(bytes), options),
            unopened: RefCell::new(HashMap::new()),
            overflows: Cell::new(false),
        }
    }

    fn is_beyond(&self, tag: &Tag) -> bool {
        match tag.kind {
            TagKind::StartTag => {
                let is_plain = &*tag.name == "div" || !is_block(&tag.name);
                let limit = MAX_DEPTH + if is_plain { 0 } else { RESERVE };
                let is_beyond = self.builder.sink.depth() >= limit && nests(&tag.name);
                if is_beyond && !tag.self_closing {
                    let mut unopened = self.unopened.borrow_mut();
                    *unopened.entry(tag.name.clone()).or_default() += 1;
                }
                is_beyond
            }
            TagKind::EndTag => {
                let mut unopened = self.unopened.borrow_mut();
                let Some(count) = unopened.get_mut(&tag.name) else {
                    return false;
                };
                let is_beyond = *count > 0;
                *count = count.saturating_sub(1);
                is_beyond
            }
        }
    }
}

/// False for elements that hold none, and for those whose content the tokenizer reads in another way.
fn nests(name: &LocalName) -> bool {
    !matches!(
        *name,
        local_name!("area")
            | local_name!("base")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("hr")
            | local_name!("iframe")
            | local_name!("img")
            | local_name!("input")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("plaintext")
            | local_name!("script")
            | local_name!("source")
            | local_name!("style")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("track")
            | local_name!("wbr")
            | local_name!("xmp")
    )
}
