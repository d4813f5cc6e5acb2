//! The scanner beside html5ever's tokenizer, which is told by the same rules how elements that hold only text are read.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    Tag, TagKind, Token as Theirs, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use proptest::prelude::*;
use rstest::rstest;

use super::recorder::{Token, add_text, tokens};
use crate::extract::scan::*;

#[derive(Default)]
struct Judge(RefCell<Vec<Token>>);

impl TokenSink for Judge {
    type Handle = ();

    fn process_token(&self, token: Theirs, _line: u64) -> TokenSinkResult<()> {
        match token {
            Theirs::TagToken(tag) => return self.tag(&tag),
            Theirs::CharacterTokens(text) => add_text(&mut self.0.borrow_mut(), &text),
            Theirs::NullCharacterToken => add_text(&mut self.0.borrow_mut(), "\0"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Judge {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = Name::of(&tag.name);
        let mut tokens = self.0.borrow_mut();
        if tag.kind == TagKind::EndTag {
            tokens.push(Token::End(name));
            return TokenSinkResult::Continue;
        }
        let attributes = tag.attrs.iter();
        let attributes = attributes.map(|attribute| {
            (
                attribute.name.local.to_string(),
                attribute.value.to_string(),
            )
        });
        tokens.push(Token::Start(name, attributes.collect()));
        match name {
            TITLE | TEXTAREA => TokenSinkResult::RawData(Rcdata),
            STYLE | XMP | IFRAME | NOEMBED | NOFRAMES | NOSCRIPT => {
                TokenSinkResult::RawData(Rawtext)
            }
            SCRIPT => TokenSinkResult::RawData(ScriptData),
            PLAINTEXT => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

fn theirs(html: &str) -> Vec<Token> {
    let tokenizer = Tokenizer::new(Judge::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !input.is_empty() {
        let _stopped = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// Pieces of tags, comments and scripts, which are put together at random.
const PARTS: [&str; 62] = [
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    "!",
    "-",
    "--",
    "?",
    "&",
    ";",
    " ",
    "\n",
    "\t",
    "é",
    "x",
    "A",
    "0",
    "<a",
    "<a href=x>",
    "<a href='x&amp;y' rel=\"no\">",
    "</a>",
    "<b/>",
    "</",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!--->",
    "<!doctype html>",
    "<!",
    "<?",
    "<?xml v='1'?>",
    "</ x>",
    "</>",
    "<![CDATA[",
    "]]>",
    "<script>",
    "</script>",
    "</script ",
    "<script ",
    "</SCRIPT/>",
    "<title>",
    "</title>",
    "</ti",
    "<textarea>",
    "</textarea>",
    "<style>",
    "</style>",
    "<noscript>",
    "</noscript>",
    "<xmp>",
    "</xmp>",
    "<plaintext>",
    "amp",
    "&lt",
    "&#x41;",
    "scr",
    "ipt",
    "custom-element-of-a-page",
    "a b=",
];

fn soup() -> impl Strategy<Value = String> {
    let part = prop::sample::select(PARTS.as_slice());
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn tokens_are_those_of_the_standard(
        html in soup(),
        lengths in prop::collection::vec(0_usize..9, 0..60),
    ) {
        prop_assert_eq!(tokens(&html, &lengths), theirs(&html));
    }
}

#[rstest]
#[case::a_name_that_begins_with_equality("<a =href=x ==y>")]
#[case::a_name_that_looks_like_a_value("<a =\"x>y\" href=z>")]
#[case::quotes_in_names("<a b\"c='d' \"e=f>")]
#[case::a_value_that_is_missing("<a href= >x<a href=>y")]
#[case::slashes("<a/href=/x/ /y><br/><a href='x'/rel=y>")]
#[case::no_blank_between("<a href='x'rel=\"y\"z>")]
#[case::twice("<a href=x HREF=y>")]
#[case::no_character("<a href='\0&#0;'>")]
#[case::end_of_page_in_a_tag("x<a href=x")]
#[case::end_of_page_in_a_name("x<a")]
#[case::end_of_page_in_an_opening("x</")]
#[case::end_of_page_in_a_comment("x<!-- y -")]
#[case::end_of_page_in_a_title("<title>x</titl")]
#[case::a_script_in_a_script("<script><!--<script></script><a>--></script><b>")]
#[case::a_comment_in_a_script("<script><!--></script><a><script><!--x<script>--></script>")]
#[case::one_dash_more("<!--x---><!--y----!><!----!><!--!><a>--><!---!>-->z")]
#[case::a_quote_outside("<![CDATA[<a>]]><p>")]
#[case::an_end_that_is_no_tag("x</é><a></?>y&am</>p;")]
fn these_are_read_as_the_standard_says(#[case] html: &str) {
    for length in 1..html.len() {
        assert_eq!(tokens(html, &vec![length; html.len()]), theirs(html));
    }
}
