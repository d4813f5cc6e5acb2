//! A caller's CSS selector.
//!
//! It owns what a selector may be (a part of Selectors Level 4, all of it decided by an element, its ancestors and its siblings before
//! it), and reads it. It refuses to know what a document is: matching is the extractor's.

use serde::{Serialize, Serializer};

use super::limits::{MAX_SELECTOR_CHARS, MAX_SELECTOR_PARTS};

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
    /// It is anywhere below.
    Descendant,
    /// It is right below.
    Child,
    /// It is the next element beside it.
    Next,
    /// It is an element after it, beside it.
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
    /// How the value is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub wanted: String,
    /// True if capital and small letters of ASCII are the same.
    pub ignores_case: bool,
}

/// How an attribute's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equals,
    /// `~=`
    HasWord,
    /// `|=`
    HasLanguage,
    /// `^=`
    Begins,
    /// `$=`
    Ends,
    /// `*=`
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
        let mut reader = Reader {
            rest: text.trim(),
            parts: 0,
        };
        let alternatives = reader.list();
        match alternatives {
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

/// A selector that is being read, from left to right.
struct Reader<'a> {
    rest: &'a str,
    /// Compound selectors so far.
    parts: usize,
}

impl Reader<'_> {
    fn list(&mut self) -> Result<Vec<Complex>, String> {
        let mut alternatives = vec![self.complex()?];
        while self.takes(',') {
            self.blanks();
            alternatives.push(self.complex()?);
        }
        match self.rest.chars().next() {
            None => Ok(alternatives),
            Some(other) => Err(format!("{other:?} has no meaning there")),
        }
    }

    fn complex(&mut self) -> Result<Complex, String> {
        let mut compounds = vec![(Combinator::Descendant, self.compound(true)?)];
        while let Some(combinator) = self.combinator() {
            compounds.push((combinator, self.compound(true)?));
        }
        Ok(Complex(compounds))
    }

    fn combinator(&mut self) -> Option<Combinator> {
        let is_apart = self.blanks();
        let combinator = match self.rest.chars().next()? {
            '>' => Combinator::Child,
            '+' => Combinator::Next,
            '~' => Combinator::Later,
            ',' => return None,
            _ => return is_apart.then_some(Combinator::Descendant),
        };
        self.rest = &self.rest[1..];
        self.blanks();
        Some(combinator)
    }

    /// Conditions up to the next blank, combinator or comma. Only outside of parentheses `may_nest`.
    fn compound(&mut self, may_nest: bool) -> Result<Compound, String> {
        self.parts += 1;
        if self.parts > MAX_SELECTOR_PARTS {
            return Err(format!("it has more than {MAX_SELECTOR_PARTS} parts"));
        }
        let mut conditions = Vec::new();
        let is_any = self.takes('*');
        if !is_any && self.rest.starts_with(begins_name) {
            conditions.push(Condition::Type(self.name()?.to_lowercase()));
        }
        loop {
            conditions.push(if self.takes('#') {
                Condition::Id(self.name()?)
            } else if self.takes('.') {
                Condition::Class(self.name()?)
            } else if self.takes('[') {
                self.attribute()?
            } else if self.takes(':') {
                self.pseudo_class(may_nest)?
            } else {
                break;
            });
        }
        if conditions.is_empty() && !is_any {
            return Err(match self.rest.chars().next() {
                None => "it ends where an element is expected".to_owned(),
                Some(other) => format!("{other:?} is no element"),
            });
        }
        Ok(Compound(conditions))
    }

    fn attribute(&mut self) -> Result<Condition, String> {
        self.blanks();
        let name = self.name()?.to_lowercase();
        self.blanks();
        let value = if self.rest.starts_with(']') {
            None
        } else {
            Some(self.attribute_value()?)
        };
        if !self.takes(']') {
            return Err("a [ is not closed".to_owned());
        }
        Ok(Condition::Attribute { name, value })
    }

    fn attribute_value(&mut self) -> Result<AttributeValue, String> {
        let operator = match self.rest.chars().next() {
            Some('=') => Operator::Equals,
            Some('~') => Operator::HasWord,
            Some('|') => Operator::HasLanguage,
            Some('^') => Operator::Begins,
            Some('$') => Operator::Ends,
            Some('*') => Operator::Contains,
            None => return Err("a [ is not closed".to_owned()),
            Some(_) => {
                return Err("an attribute is compared with =, ~=, |=, ^=, $= or *=".to_owned());
            }
        };
        if operator != Operator::Equals {
            self.rest = &self.rest[1..];
        }
        if !self.takes('=') {
            return Err("an attribute is compared with =, ~=, |=, ^=, $= or *=".to_owned());
        }
        self.blanks();
        let wanted = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => self.name()?,
        };
        self.blanks();
        let ignores_case = self.takes('i') || self.takes('I');
        if !ignores_case {
            let _is_exact = self.takes('s') || self.takes('S');
        }
        self.blanks();
        Ok(AttributeValue {
            operator,
            wanted,
            ignores_case,
        })
    }

    fn pseudo_class(&mut self, may_nest: bool) -> Result<Condition, String> {
        let name = self.name()?.to_lowercase();
        match name.as_str() {
            "first-child" => Ok(Condition::FirstChild),
            "not" | "is" if !may_nest => Err(format!(":{name} cannot stand within parentheses")),
            "not" => Ok(Condition::Not(self.compounds()?)),
            "is" => Ok(Condition::Is(self.compounds()?)),
            _ => Err(format!(
                ":{name} is not known here; :not, :is and :first-child are"
            )),
        }
    }

    fn compounds(&mut self) -> Result<Vec<Compound>, String> {
        if !self.takes('(') {
            return Err("a ( is missing".to_owned());
        }
        let mut compounds = Vec::new();
        loop {
            self.blanks();
            compounds.push(self.compound(false)?);
            self.blanks();
            if self.takes(')') {
                return Ok(compounds);
            }
            if !self.takes(',') {
                return Err(match self.rest.is_empty() {
                    true => "a ( is not closed".to_owned(),
                    false => {
                        "within parentheses only one element may stand, or several with commas"
                            .to_owned()
                    }
                });
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        self.rest = &self.rest[1..];
        let mut text = String::new();
        loop {
            match self.character() {
                None => return Err(format!("a {quote} is not closed")),
                Some((next, false)) if next == quote => return Ok(text),
                Some((next, _)) => text.push(next),
            }
        }
    }

    fn name(&mut self) -> Result<String, String> {
        let mut name = String::new();
        while self
            .rest
            .starts_with(|next| is_of_name(next) || next == '\\')
            && let Some((next, _)) = self.character()
        {
            name.push(next);
        }
        if name.is_empty() {
            return Err(match self.rest.chars().next() {
                None => "it ends where a name is expected".to_owned(),
                Some(other) => format!("{other:?} stands where a name is expected"),
            });
        }
        Ok(name)
    }

    /// The next character, and if it was escaped (CSS Syntax, section 4.3.7).
    fn character(&mut self) -> Option<(char, bool)> {
        let first = self.next()?;
        if first != '\\' {
            return Some((first, false));
        }
        let digits = self.rest.bytes().take(6).take_while(u8::is_ascii_hexdigit);
        let digits = digits.count();
        if digits == 0 {
            return self.next().map(|next| (next, true));
        }
        let code = u32::from_str_radix(&self.rest[..digits], 16).ok();
        self.rest = &self.rest[digits..];
        let _blank_that_ends_it = self.takes(' ');
        let character = code.filter(|code| *code > 0).and_then(char::from_u32);
        Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), true))
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn takes(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Passes over white space; true if there was any.
    fn blanks(&mut self) -> bool {
        let rest = self.rest.trim_ascii_start();
        let is_apart = rest.len() < self.rest.len();
        self.rest = rest;
        is_apart
    }
}

fn begins_name(character: char) -> bool {
    is_of_name(character) || character == '\\'
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_') || !character.is_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn conditions(text: &str) -> Vec<Condition> {
        let selector = CssSelector::parse(text).unwrap();
        assert_eq!(selector.alternatives().len(), 1);
        let Complex(compounds) = &selector.alternatives()[0];
        assert_eq!(compounds.len(), 1);
        compounds[0].1.0.clone()
    }

    #[test]
    fn a_compound_selector_is_its_conditions() {
        let attribute = |operator, wanted: &str, ignores_case| Condition::Attribute {
            name: "data-x".to_owned(),
            value: Some(AttributeValue {
                operator,
                wanted: wanted.to_owned(),
                ignores_case,
            }),
        };
        assert_eq!(
            conditions("DIV#a.b-c.d_e[hidden]"),
            [
                Condition::Type("div".to_owned()),
                Condition::Id("a".to_owned()),
                Condition::Class("b-c".to_owned()),
                Condition::Class("d_e".to_owned()),
                Condition::Attribute {
                    name: "hidden".to_owned(),
                    value: None
                },
            ]
        );
        assert_eq!(
            conditions("[data-x^='a ]b']"),
            [attribute(Operator::Begins, "a ]b", false)]
        );
        assert_eq!(
            conditions("[ DATA-X *= abc i ]"),
            [attribute(Operator::Contains, "abc", true)]
        );
        assert_eq!(
            conditions(".md\\:flex.\\31 st"),
            [
                Condition::Class("md:flex".to_owned()),
                Condition::Class("1st".to_owned())
            ]
        );
        assert_eq!(conditions("*"), []);
        let small = |name: &str| Compound(vec![Condition::Type(name.to_owned())]);
        assert_eq!(
            conditions(":not( a , b )"),
            [Condition::Not(vec![small("a"), small("b")])]
        );
    }

    #[test]
    fn combinators_stand_between_compounds() {
        let selector = CssSelector::parse("a b>c + d ~ e, f").unwrap();
        let combinators: Vec<Vec<Combinator>> = selector
            .alternatives()
            .iter()
            .map(|Complex(compounds)| compounds.iter().map(|(how, _)| *how).collect())
            .collect();
        assert_eq!(
            combinators,
            [
                vec![
                    Combinator::Descendant,
                    Combinator::Descendant,
                    Combinator::Child,
                    Combinator::Next,
                    Combinator::Later
                ],
                vec![Combinator::Descendant]
            ]
        );
        assert_eq!(selector.as_str(), "a b>c + d ~ e, f");
    }

    #[rstest]
    #[case("", "it ends where an element is expected")]
    #[case("a,", "it ends where an element is expected")]
    #[case("> a", "'>' is no element")]
    #[case("a >", "it ends where an element is expected")]
    #[case("a..b", "'.' stands where a name is expected")]
    #[case("a[href", "a [ is not closed")]
    #[case("a[href=\"x]", "a \" is not closed")]
    #[case("a[href!=x]", "an attribute is compared with")]
    #[case("a:hover", ":hover is not known here")]
    #[case("a:not(b c)", "only one element may stand")]
    #[case("a:not(b:is(c))", ":is cannot stand within parentheses")]
    #[case("a::before", "':' stands where a name is expected")]
    #[case("a)", "')' has no meaning there")]
    #[case("a{}", "'{' has no meaning there")]
    #[case("a a a a a a a a a a a a a a a a a", "it has more than 16 parts")]
    fn what_is_wrong_with_a_selector_is_said(#[case] text: &str, #[case] said: &str) {
        let fault = CssSelector::parse(text).unwrap_err();
        assert!(fault.contains(said), "{fault}");
    }

    #[rstest]
    #[case(Operator::Equals, "a b", "a b", true)]
    #[case(Operator::HasWord, "a bc", "b", false)]
    #[case(Operator::HasWord, "a b c", "b", true)]
    #[case(Operator::HasLanguage, "de-AT", "de", true)]
    #[case(Operator::HasLanguage, "den", "de", false)]
    #[case(Operator::Begins, "abc", "ab", true)]
    #[case(Operator::Ends, "abc", "bc", true)]
    #[case(Operator::Contains, "abc", "b", true)]
    #[case(Operator::Contains, "abc", "", false)]
    fn values_are_compared_as_css_does(
        #[case] operator: Operator,
        #[case] value: &str,
        #[case] wanted: &str,
        #[case] matches: bool,
    ) {
        let exact = AttributeValue {
            operator,
            wanted: wanted.to_owned(),
            ignores_case: false,
        };
        assert_eq!(exact.matches(value), matches);
        let loose = AttributeValue {
            wanted: wanted.to_uppercase(),
            ignores_case: true,
            ..exact
        };
        assert_eq!(loose.matches(value), matches);
    }

    proptest! {
        #[test]
        fn no_selector_makes_the_reader_panic(text in "[a-c#.:,>+~ ()\\[\\]='\"\\\\0-9é*|^$-]{0,40}") {
            if let Ok(selector) = CssSelector::parse(&text) {
                prop_assert!(!selector.alternatives().is_empty());
            }
        }
    }
}
