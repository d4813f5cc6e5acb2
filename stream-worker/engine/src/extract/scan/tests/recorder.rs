//! A sink that writes down what it is told.

use crate::extract::entities::{self, Within};
use crate::extract::scan::*;

/// A token, in the form in which those of another tokenizer can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Start(Name, Vec<(String, String)>),
    End(Name),
    Text(String),
}

#[derive(Default)]
pub(super) struct Recorder {
    pub(super) tokens: Vec<Token>,
    text: String,
    has_references: bool,
    /// Text of drawings and formulas.
    pub(super) foreign: String,
}

pub(super) fn add_text(tokens: &mut Vec<Token>, text: &str) {
    match tokens.last_mut() {
        _ if text.is_empty() => {}
        Some(Token::Text(before)) => before.push_str(text),
        _ => tokens.push(Token::Text(text.to_owned())),
    }
}

impl Sink for Recorder {
    fn reads(&self, _name: Name) -> bool {
        true
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        self.has_references = matches!(tag.name, TITLE | TEXTAREA) || tag.is_foreign;
        let mut attributes: Vec<(String, String)> = Vec::new();
        for attribute in tag.attributes() {
            let name = attribute.name().to_ascii_lowercase();
            if !attributes.iter().any(|(known, _)| *known == name) {
                attributes.push((name, attribute.value().into_owned()));
            }
        }
        self.tokens.push(Token::Start(tag.name, attributes));
    }

    fn end(&mut self, name: Name) {
        self.tokens.push(Token::End(name));
    }

    fn text(&mut self, piece: &str, kind: Kind, is_last: bool) {
        self.text.push_str(piece);
        if kind == Kind::Foreign {
            self.foreign.push_str(piece);
        }
        if is_last {
            let text = std::mem::take(&mut self.text);
            if kind == Kind::Raw && !self.has_references {
                add_text(&mut self.tokens, &text);
            } else {
                add_text(&mut self.tokens, &entities::decode(&text, Within::Text));
            }
        }
    }
}

/// The tokens of `html` that arrives in pieces of these lengths, and then whole.
pub(super) fn tokens(html: &str, lengths: &[usize]) -> Vec<Token> {
    record(html, lengths).tokens
}

pub(super) fn record(html: &str, lengths: &[usize]) -> Recorder {
    let mut recorder = Recorder::default();
    let mut scanner = Scanner::new();
    let mut rest = html;
    for length in lengths {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(*length));
        scanner.feed(piece, &mut recorder);
        rest = after;
    }
    scanner.feed(rest, &mut recorder);
    scanner.end(&mut recorder);
    recorder
}
