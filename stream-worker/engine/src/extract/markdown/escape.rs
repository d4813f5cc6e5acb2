//! Text that must not be taken for structure. As few backslashes as CommonMark needs: most readers see them.

/// The place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Surround {
    /// The character that will follow the text; a blank at the end.
    pub(super) after: char,
    pub(super) in_link: bool,
}

/// Appends `text`.
pub(super) fn text(out: &mut String, text: &str, surround: Surround) {
    let mut rest = text;
    // All of these are ASCII: they stand in no other character.
    while let Some(at) = rest.bytes().position(may_need_backslash) {
        out.push_str(&rest[..at]);
        rest = special(out, &rest[at..], surround);
    }
    out.push_str(rest);
}

fn may_need_backslash(byte: u8) -> bool {
    matches!(
        byte,
        b'`' | b'*' | b'~' | b'_' | b'\\' | b'[' | b']' | b'!' | b'<' | b'&'
    )
}

/// Appends the first character, with a backslash if it needs one, and returns the rest.
fn special<'a>(out: &mut String, text: &'a str, surround: Surround) -> &'a str {
    let mut rest = text.chars();
    if let Some(character) = rest.next() {
        let before = out.chars().next_back().unwrap_or(' ');
        let after = rest.clone().next().unwrap_or(surround.after);
        let is_apart = before.is_whitespace() && after.is_whitespace();
        let is_special = match character {
            '`' => true,
            '*' | '~' => !is_apart,
            '_' => !(is_apart || before.is_alphanumeric() && after.is_alphanumeric()),
            '\\' => after.is_ascii_punctuation(),
            '[' => surround.in_link || after == '^',
            ']' => surround.in_link || matches!(after, '(' | ':'),
            '!' => rest.as_str().is_empty() && after == '[',
            '<' => opens_tag(after, rest.as_str()),
            '&' => is_reference(rest.as_str()),
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(character);
    }
    rest.as_str()
}

/// True if this, behind a `<`, is a tag, a comment or an address.
fn opens_tag(after: char, rest: &str) -> bool {
    let is_address = || {
        let address = rest.split_once('>').map(|(address, _)| address);
        address.is_some_and(|address| address.contains('@') && !address.contains(' '))
    };
    after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?') || is_address()
}

/// True if this, behind an ampersand, is a character reference.
fn is_reference(rest: &str) -> bool {
    let Some((name, _)) = rest.split_once(';') else {
        return false;
    };
    let digits = name.strip_prefix('#').unwrap_or(name);
    !digits.is_empty()
        && digits.len() <= 32
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A paragraph whose lines begin with nothing that opens a block.
pub(super) fn lines(paragraph: &str) -> String {
    let mut safe = String::with_capacity(paragraph.len() + 8);
    for (number, line) in paragraph.split('\n').enumerate() {
        if number > 0 {
            safe.push('\n');
        }
        match opener(line) {
            Some(at) => {
                safe.push_str(&line[..at]);
                safe.push('\\');
                safe.push_str(&line[at..]);
            }
            None => safe.push_str(line),
        }
    }
    safe
}

/// The place where a backslash keeps this line from opening a block.
fn opener(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let ends_word = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let opens = match first {
        '>' => true,
        '#' => {
            let rest = line.trim_start_matches('#');
            line.len() - rest.len() <= 6 && ends_word(rest)
        }
        '+' | '-' | '*' if ends_word(&line[1..]) => true,
        '-' | '=' | '_' | '*' => line.chars().all(|own| own == first || own == ' '),
        '|' | ':' => line.contains('-') && line.chars().all(|own| "|-: ".contains(own)),
        '[' => line.starts_with("[ ] ") || line.starts_with("[x] ") || line.starts_with("[X] "),
        '0'..='9' => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let rest = &line[digits..];
            let is_number = digits <= 9 && rest.starts_with(['.', ')']) && ends_word(&rest[1..]);
            return is_number.then_some(digits);
        }
        _ => false,
    };
    opens.then_some(0)
}
