//! A caller's CSS selector.
//!
//! It owns what a selector may be (a part of Selectors Level 4, all of it decided by an element, its ancestors and its siblings before
//! it), and reads it. It refuses to know what a document is: matching is the extractor's.

mod reader;

use serde::{Serialize, Serializer};

use super::limits::MAX_SELECTOR_CHARS;
use reader::Reader;

/// A selector list, as in `article, #content > .text`.
///
/// Types, `*`, `#id`, `.class`, `[name]` with `=` `~=` `|=` `^=` `$=` `*=` and the flag `i`, the combinators, `:not(…)` and
/// `:is(…)` of compound selectors, `:first-child`, and commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CssSelector {
    text: String,
    alternatives: Vec<Complex>,
}

/// Compound selectors and how each relates to the one before; the last one is the element that is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complex(pub Vec<(Combinator, Compound)>);

/// Relation of an element to the one that the compound selector before it matches. The first one's is [`Combinator::Descendant`], of
/// the document itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combinator {
    /// A blank: it is anywhere below.
    Descendant,
    /// `>`: it is right below.
    Child,
    /// `+`: it is the next element beside it.
    Next,
    /// `~`: it is an element after it, beside it.
    Later,
}

/// Conditions on one element: all must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compound(pub Vec<Condition>);

/// A condition on one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Name of the element, in small letters.
    Type(String),
    /// A word of `class`.
    Class(String),
    /// The value of `id`.
    Id(String),
    /// An attribute.
    Attribute {
        /// In small letters.
        name: String,
        /// Nothing if it only has to be there.
        value: Option<AttributeValue>,
    },
    /// None of these matches.
    Not(Vec<Compound>),
    /// One of these matches.
    Is(Vec<Compound>),
    /// No element stands before it under the same parent.
    FirstChild,
}

/// A condition on the value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeValue {
    /// Comparison that must hold between the attribute and the value.
    pub operator: Operator,
    /// The value that the selector compares the attribute with.
    pub wanted: String,
    /// True if capital and small letters of ASCII are the same.
    pub ignores_case: bool,
}

/// Comparison of an attribute's value with the one that is wanted (Selectors Level 4, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`: the value is the wanted one.
    Equals,
    /// `~=`: one of the value's words is the wanted one.
    HasWord,
    /// `|=`: the value is the wanted one, or begins with that and a hyphen.
    HasLanguage,
    /// `^=`: the value begins with the wanted one.
    Begins,
    /// `$=`: the value ends with the wanted one.
    Ends,
    /// `*=`: the value contains the wanted one.
    Contains,
}

impl AttributeValue {
    /// True if `value` is as it is wanted.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        if self.ignores_case {
            let (value, wanted) = (value.to_ascii_lowercase(), self.wanted.to_ascii_lowercase());
            compare(self.operator, &value, &wanted)
        } else {
            compare(self.operator, value, &self.wanted)
        }
    }
}

fn compare(operator: Operator, value: &str, wanted: &str) -> bool {
    match operator {
        Operator::Equals => value == wanted,
        Operator::HasWord => value.split_ascii_whitespace().any(|word| word == wanted),
        Operator::HasLanguage => value
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        // An empty text is part of every value, and selects nothing.
        Operator::Begins => !wanted.is_empty() && value.starts_with(wanted),
        Operator::Ends => !wanted.is_empty() && value.ends_with(wanted),
        Operator::Contains => !wanted.is_empty() && value.contains(wanted),
    }
}

impl CssSelector {
    /// Reads `text`.
    ///
    /// # Errors
    /// Says, as the end of a sentence, what is wrong with the selector.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_SELECTOR_CHARS {
            return Err(format!(
                "must be at most {MAX_SELECTOR_CHARS} characters long"
            ));
        }
        match Reader::new(text.trim()).list() {
            Ok(alternatives) => Ok(Self {
                text: text.to_owned(),
                alternatives,
            }),
            Err(reason) => Err(format!(
                "must be a CSS selector such as article, #content or div.text > p: {reason}"
            )),
        }
    }

    /// The selectors between the commas. An element is selected if one of them does.
    #[must_use]
    pub fn alternatives(&self) -> &[Complex] {
        &self.alternatives
    }

    /// The selector as the caller wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Serialize for CssSelector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
