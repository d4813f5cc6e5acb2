//! Pages that are empty until scripts have built them, by the pattern of their URLs.
//!
//! It owns which pages are of one kind, and that each kind is told once, whichever attempt met it first. It refuses to know how such a
//! page is recognised.

use hashbrown::HashSet;
use url::{Position, Url};

/// Patterns that get a notice at most.
const MAX_NOTICES: usize = 20;
/// The text of a notice after the pattern. A later attempt finds the pattern by it.
const EMPTY: &str =
    ": pages like this come without text, since scripts build them, and no scripts are run here. ";

/// The patterns that were told.
#[derive(Debug, Default)]
pub(crate) struct Shells(HashSet<String>);

impl Shells {
    /// Text of the notice about a page at `url`. Nothing if its pattern was told.
    pub(crate) fn tell(&mut self, url: &str) -> Option<String> {
        let pattern = pattern(&Url::parse(url).ok()?);
        if self.0.len() >= MAX_NOTICES || self.0.contains(&pattern) {
            return None;
        }
        let notice = format!("{pattern}{EMPTY}The first one is {url}");
        self.0.insert(pattern);
        Some(notice)
    }

    /// Remembers the pattern of a notice that an earlier attempt has recorded.
    pub(crate) fn recall_notice(&mut self, notice: &str) {
        if let Some((pattern, _)) = notice.split_once(EMPTY) {
            self.0.insert(pattern.to_owned());
        }
    }
}

/// The URL without its query, and with a sign in place of each number.
fn pattern(url: &Url) -> String {
    let place = &url[..Position::AfterPath];
    let site = url[..Position::BeforePath].len();
    let mut pattern = place[..site].to_owned();
    let mut is_number = false;
    for character in place[site..].chars() {
        let is_digit = character.is_ascii_digit();
        match (is_digit, is_number) {
            (true, true) => {}
            (true, false) => pattern.push('#'),
            (false, _) => pattern.push(character),
        }
        is_number = is_digit;
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_told_once_in_all_attempts() {
        let mut shells = Shells::default();
        let notice = shells.tell("https://a.example:81/app/17/x?a=1").unwrap();
        assert!(
            notice.starts_with("https://a.example:81/app/#/x: "),
            "{notice}"
        );
        assert!(
            notice.ends_with("https://a.example:81/app/17/x?a=1"),
            "{notice}"
        );
        assert_eq!(shells.tell("https://a.example:81/app/2/x"), None);
        assert!(shells.tell("https://a.example:81/app/2/y").is_some());
        let mut later = Shells::default();
        later.recall_notice(&notice);
        assert_eq!(later.tell("https://a.example:81/app/3/x"), None);
    }

    #[test]
    fn notices_are_bounded() {
        let mut shells = Shells::default();
        let told = (0..100_u8)
            .filter_map(|n| shells.tell(&format!("https://a.example/{}", "x".repeat(n.into()))));
        assert_eq!(told.count(), MAX_NOTICES);
    }
}
