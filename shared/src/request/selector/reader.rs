//! Text to a selector, from left to right.

use super::super::limits::MAX_SELECTOR_PARTS;
use super::{AttributeValue, Combinator, Complex, Compound, Condition, Operator};

/// A selector that is being read, from left to right.
pub(super) struct Reader<'a> {
    rest: &'a str,
    /// Compound selectors so far.
    parts: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            parts: 0,
        }
    }

    /// Reads the whole text as a selector list.
    pub(super) fn list(&mut self) -> Result<Vec<Complex>, String> {
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
