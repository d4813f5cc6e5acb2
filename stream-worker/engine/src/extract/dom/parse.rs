//! HTML to a tree, with the limits that keep a hostile page from being one.

use std::cell::{Cell, RefCell};

use hashbrown::HashMap;
use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, local_name};
use rustix::time::{ClockId, clock_gettime};

use super::super::elements::is_block;
use super::attributes;
use super::builder::Builder;
use super::tree::{NodeId, Tree};

/// Elements within each other at most, as in browsers. What is deeper is put beside each other: the standard's algorithm takes
/// time in proportion to the depth for each tag.
pub(in crate::extract) const MAX_DEPTH: u32 = 512;
/// Elements that may be deeper than that if they say more than a `<div>`: headings, lists, tables.
const RESERVE: u32 = 64;
/// Nodes of a tree at most: some 64 bytes each.
const MAX_NODES: usize = 2_500_000;
/// Bytes between two looks at the limits, and within one tag that has gone on for longer than that.
const STEP: usize = 32 * 1024;
const SMALL_STEP: usize = 1024;
/// Seconds of this thread's processor time. Ordinary pages need milliseconds; the standard's algorithm and its implementation
/// have a few places where time grows with the square of what a page repeats, such as formatting elements.
const MAX_SECONDS: i64 = if cfg!(debug_assertions) { 30 } else { 5 };

/// The tree of `html`; none if it would break a limit.
pub(in crate::extract) fn parse(html: &str) -> Option<Tree> {
    if attributes::are_too_many(html) {
        return None;
    }
    let options = TreeBuilderOpts {
        // This crawler runs no scripts: `<noscript>` is content.
        scripting_enabled: false,
        drop_doctype: true,
        ..TreeBuilderOpts::default()
    };
    let guard = Guard {
        builder: TreeBuilder::new(Builder::for_page(html.len()), options),
        unopened: RefCell::new(HashMap::new()),
        overflows: Cell::new(false),
        advances: Cell::new(true),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let input = BufferQueue::default();
    let deadline = clock_gettime(ClockId::ThreadCPUTime).tv_sec + MAX_SECONDS;
    let mut rest = html;
    while !rest.is_empty() {
        let is_in_tag = !tokenizer.sink.advances.replace(false);
        let step = if is_in_tag { SMALL_STEP } else { STEP };
        let (step, after) = rest.split_at(rest.floor_char_boundary(step));
        rest = after;
        input.push_back(StrTendril::from_slice(step));
        while !input.is_empty() {
            // It stops behind each script, for whoever would run it.
            let _stopped_for_script = tokenizer.feed(&input);
        }
        let is_late = clock_gettime(ClockId::ThreadCPUTime).tv_sec > deadline;
        if is_late || tokenizer.sink.overflows.get() {
            return None;
        }
    }
    tokenizer.end();
    let is_whole = !tokenizer.sink.overflows.get();
    is_whole.then(|| tokenizer.sink.builder.sink.finish())
}

/// Stands between the tokenizer and the tree.
struct Guard {
    builder: TreeBuilder<NodeId, Builder>,
    /// Elements that were too deep to be opened, by name: their end tags must not close others.
    unopened: RefCell<HashMap<LocalName, u32>>,
    overflows: Cell<bool>,
    /// True if there was a token since this was last asked.
    advances: Cell<bool>,
}

impl TokenSink for Guard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        self.advances.set(true);
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
