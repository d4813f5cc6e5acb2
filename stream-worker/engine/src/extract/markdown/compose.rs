//! Pieces to one string of Markdown.
//!
//! White space is folded across pieces and moved out of marks; marks without content go; marks that CommonMark would not take for
//! such (a bracket at an edge, a letter beyond it) are left away, so that nobody reads their asterisks.

use super::code;
use super::escape::{self, Surround};
use super::piece::{Mark, Piece, Place};

enum Atom {
    Text(String),
    Code(String),
    Open(Mark),
    Close(Mark),
    OpenLink,
    CloseLink(String),
    Written(String),
    Break,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Break,
}

/// Puts pieces together.
pub(super) fn compose(pieces: Vec<Piece<'_>>, place: Place) -> String {
    let mut composer = Composer {
        atoms: Vec::with_capacity(pieces.len()),
        waiting: Vec::new(),
        gap: Gap::None,
        is_in_code: false,
    };
    for piece in pieces {
        composer.add(piece);
    }
    let mut atoms = composer.atoms;
    let signs = signs(&mut atoms);
    let text = written(&atoms, &signs, place);
    match place {
        Place::Paragraph => escape::lines(&text),
        Place::Heading => text,
        Place::Cell => text.replace('|', "\\|"),
    }
}

struct Composer {
    atoms: Vec<Atom>,
    /// Opened, with nothing in them yet.
    waiting: Vec<Atom>,
    gap: Gap,
    /// True if the last piece was code, so that a blank before the next one is code too.
    is_in_code: bool,
}

impl Composer {
    fn add(&mut self, piece: Piece<'_>) {
        let is_code = matches!(piece, Piece::Code(_));
        match piece {
            Piece::Text(text) => self.words(text),
            Piece::Words(text) => self.words(&text),
            Piece::Code(text) => self.code(text),
            Piece::Open(mark) => self.waiting.push(Atom::Open(mark)),
            Piece::OpenLink => self.waiting.push(Atom::OpenLink),
            // What waits is the innermost, so it is what ends here.
            Piece::Close(_) | Piece::CloseLink(_) if self.waiting.pop().is_some() => {}
            Piece::Close(mark) => self.atoms.push(Atom::Close(mark)),
            Piece::CloseLink(destination) => self.atoms.push(Atom::CloseLink(destination)),
            Piece::Picture(text) => {
                self.settle();
                self.atoms.push(Atom::Written(text));
            }
            Piece::Break => self.gap = Gap::Break,
        }
        self.is_in_code = is_code;
    }

    fn words(&mut self, text: &str) {
        if text.is_ascii() {
            return self.ascii_words(text);
        }
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            if number > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            if !word.is_empty() {
                self.settle();
                self.text(word);
            }
        }
    }

    /// Nearly all text: in ASCII, white space is a byte, and there are no soft hyphens.
    fn ascii_words(&mut self, text: &str) {
        let is_blank = |byte: u8| matches!(byte, b' ' | b'\t'..=b'\r');
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if is_blank(bytes[at]) {
                self.gap = self.gap.max(Gap::Space);
                at += 1;
                continue;
            }
            let end = bytes[at..].iter().position(|byte| is_blank(*byte));
            let end = end.map_or(bytes.len(), |length| at + length);
            self.settle();
            match self.atoms.last_mut() {
                Some(Atom::Text(before)) => before.push_str(&text[at..end]),
                _ => {
                    let mut words = String::with_capacity(text.len() - at + 1);
                    words.push_str(&text[at..end]);
                    self.atoms.push(Atom::Text(words));
                }
            }
            at = end;
        }
    }

    /// Without soft hyphens: they say where a line may break, and would part words for whoever searches for them.
    fn text(&mut self, text: &str) {
        let parts = text.split('\u{ad}');
        match self.atoms.last_mut() {
            Some(Atom::Text(before)) => before.extend(parts),
            _ => self.atoms.push(Atom::Text(parts.collect())),
        }
    }

    /// Code keeps its blanks, but for those at the edge of a line.
    fn code(&mut self, text: &str) {
        let mut has_word = false;
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            if number > 0 {
                self.gap = self.gap.max(Gap::Space);
            }
            if word.is_empty() {
                continue;
            }
            if (self.is_in_code || has_word)
                && self.gap == Gap::Space
                && self.waiting.is_empty()
                && let Some(Atom::Code(before)) = self.atoms.last_mut()
            {
                before.push(' ');
                self.gap = Gap::None;
            }
            has_word = true;
            self.settle();
            match self.atoms.last_mut() {
                Some(Atom::Code(before)) => before.push_str(word),
                _ => self.atoms.push(Atom::Code(word.to_owned())),
            }
        }
    }

    /// Something visible follows: writes the gap before it and opens what waits for it.
    fn settle(&mut self) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if !self.atoms.is_empty() {
            match gap {
                Gap::None => {}
                Gap::Space => match self.atoms.last_mut() {
                    Some(Atom::Text(before)) => before.push(' '),
                    _ => self.atoms.push(Atom::Text(" ".to_owned())),
                },
                Gap::Break => self.atoms.push(Atom::Break),
            }
        }
        if self.waiting.is_empty() {
            return;
        }
        for atom in std::mem::take(&mut self.waiting) {
            match (&atom, self.atoms.last()) {
                (Atom::Open(mark), Some(Atom::Close(before))) if mark == before => {
                    self.atoms.pop();
                }
                _ => self.atoms.push(atom),
            }
        }
    }
}

/// The sign of each mark, by its place; empty for what is not written.
fn signs(atoms: &mut [Atom]) -> Vec<&'static str> {
    let mut signs = vec![""; atoms.len()];
    let mut open: Vec<(usize, Mark)> = Vec::new();
    for place in 0..atoms.len() {
        match &atoms[place] {
            Atom::Open(mark) => open.push((place, *mark)),
            Atom::Close(mark) => {
                let Some((start, _)) = open.pop().filter(|(_, opened)| opened == mark) else {
                    continue;
                };
                let (from, to) = pair(atoms, start, place, *mark);
                (signs[start], signs[place]) = (from, to);
            }
            _ => {}
        }
    }
    signs
}

fn pair(atoms: &[Atom], start: usize, end: usize, mark: Mark) -> (&'static str, &'static str) {
    let (before, first) = (edge_before(atoms, start), edge_after(atoms, start));
    let (last, after) = (edge_before(atoms, end), edge_after(atoms, end));
    let opens = !is_punctuation(first) || !is_letter(before);
    let closes = !is_punctuation(last) || !is_letter(after);
    let touches_mark = [before, first, last, after].contains(&'*');
    match mark {
        Mark::Raised => ("<sup>", "</sup>"),
        Mark::Lowered => ("<sub>", "</sub>"),
        _ if !opens || !closes => ("", ""),
        Mark::Strong => ("**", "**"),
        Mark::Struck => ("~~", "~~"),
        Mark::Emphasis if !touches_mark => ("*", "*"),
        Mark::Emphasis if is_letter(before) || is_letter(after) => ("", ""),
        Mark::Emphasis => ("_", "_"),
    }
}

fn is_letter(character: char) -> bool {
    !character.is_whitespace() && !is_punctuation(character)
}

fn is_punctuation(character: char) -> bool {
    !character.is_alphanumeric() && !character.is_whitespace()
}

/// The character that will stand before the atom at `place`.
fn edge_before(atoms: &[Atom], place: usize) -> char {
    match place.checked_sub(1).map(|before| &atoms[before]) {
        None | Some(Atom::Break) => ' ',
        Some(Atom::Text(text)) => text.chars().next_back().unwrap_or(' '),
        Some(Atom::Code(_)) => '`',
        Some(Atom::Open(mark) | Atom::Close(mark)) => sign_edge(*mark, '>'),
        Some(Atom::OpenLink) => '[',
        Some(Atom::CloseLink(_) | Atom::Written(_)) => ')',
    }
}

/// The character that will stand behind the atom at `place`.
fn edge_after(atoms: &[Atom], place: usize) -> char {
    match atoms.get(place + 1) {
        None | Some(Atom::Break) => ' ',
        Some(Atom::Text(text)) => text.chars().next().unwrap_or(' '),
        Some(Atom::Code(_)) => '`',
        Some(Atom::Open(mark) | Atom::Close(mark)) => sign_edge(*mark, '<'),
        Some(Atom::OpenLink) => '[',
        Some(Atom::CloseLink(_)) => ']',
        Some(Atom::Written(_)) => '!',
    }
}

fn sign_edge(mark: Mark, bracket: char) -> char {
    match mark {
        Mark::Emphasis | Mark::Strong => '*',
        Mark::Struck => '~',
        Mark::Raised | Mark::Lowered => bracket,
    }
}

fn written(atoms: &[Atom], signs: &[&'static str], place: Place) -> String {
    let length = |atom: &Atom| match atom {
        Atom::Text(text) | Atom::Code(text) | Atom::CloseLink(text) | Atom::Written(text) => {
            text.len() + 4
        }
        Atom::Open(_) | Atom::Close(_) | Atom::OpenLink | Atom::Break => 3,
    };
    let mut out = String::with_capacity(atoms.iter().map(length).sum());
    let mut in_link = false;
    for (number, atom) in atoms.iter().enumerate() {
        match atom {
            Atom::Text(text) => {
                let after = edge_after(atoms, number);
                escape::text(&mut out, text, Surround { after, in_link });
            }
            Atom::Code(text) => out.push_str(&code::span(text)),
            Atom::Open(_) | Atom::Close(_) => out.push_str(signs[number]),
            Atom::OpenLink => {
                in_link = true;
                out.push('[');
            }
            Atom::CloseLink(destination) => {
                in_link = false;
                out.push_str("](");
                out.push_str(destination);
                out.push(')');
            }
            Atom::Written(text) => out.push_str(text),
            Atom::Break => out.push_str(match place {
                Place::Paragraph => "  \n",
                Place::Heading => " ",
                Place::Cell => "<br>",
            }),
        }
    }
    out
}
