//! References that need no URL parser.
//!
//! Nearly every link of a page is plain: a path of ordinary characters, from the root or from the page's directory, perhaps with
//! a query. What such a reference means is its text behind another one's. It refuses to guess: for everything else it answers
//! that only the parser knows.

use url::{Position, Url};

/// The places that plain references begin at on one page.
pub(super) struct PlainReader<'a> {
    /// Scheme, host and port, and the slash behind them.
    root: &'a str,
    /// The base URL up to the last slash of its path.
    directory: &'a str,
}

impl<'a> PlainReader<'a> {
    /// A reader for a page with this base. `None` if no reference there is plain.
    pub(super) fn new(base: &'a Url) -> Option<Self> {
        let is_page = matches!(base.scheme(), "http" | "https");
        let is_bare = base.username().is_empty() && base.password().is_none();
        let path = &base[..Position::AfterPath];
        let directory = path.rfind('/').map(|slash| &path[..=slash]);
        let root = base.as_str().get(..base[..Position::BeforePath].len() + 1);
        (is_page && is_bare).then_some(Self {
            root: root?,
            directory: directory?,
        })
    }

    /// Appends the URL that `reference` means, without fragment. Appends nothing and answers false if only the parser knows.
    pub(super) fn write(&self, reference: &str, text: &mut String) -> bool {
        let Some((place, rest)) = self.place(reference) else {
            return false;
        };
        let Some(length) = plain_length(rest, rest.len() < reference.len()) else {
            return false;
        };
        text.push_str(place);
        text.push_str(&rest[..length]);
        true
    }

    /// The directory at which a reference begins, and its path from there. Nothing for one that may have a scheme or a host.
    fn place<'r>(&self, reference: &'r str) -> Option<(&'a str, &'r str)> {
        let from_root = reference.strip_prefix('/');
        if let Some(rest) = from_root.or_else(|| reference.strip_prefix(self.root)) {
            return Some((self.root, rest));
        }
        let (mut place, mut rest) = (self.directory, reference);
        loop {
            if let Some(from_parent) = rest.strip_prefix("../") {
                place = self.parent(place);
                rest = from_parent;
            } else if let Some(from_here) = rest.strip_prefix("./") {
                rest = from_here;
            } else {
                break;
            }
        }
        // Without a step before it an empty path is the page itself, whose query stays.
        let is_page =
            rest.len() == reference.len() && rest.starts_with(['?', '#']) || reference.is_empty();
        (!is_page).then_some((place, rest))
    }

    /// The directory above; the root has none.
    fn parent(&self, directory: &'a str) -> &'a str {
        if directory.len() <= self.root.len() {
            return self.root;
        }
        let slash = directory[..directory.len() - 1].rfind('/');
        slash.map_or(self.root, |slash| &directory[..=slash])
    }
}

/// The length of `rest` up to its fragment, if the parser would write all of it as it is. A colon may end a scheme, unless the path
/// is known to be one.
fn plain_length(rest: &str, is_path: bool) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut is_first = true;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            byte if ORDINARY[usize::from(*byte)] => is_first = false,
            // Segments that begin with a dot may be steps, and empty ones a host.
            b'.' | b'/' if is_first => return None,
            b'/' => is_first = true,
            b'.' => {}
            b':' if is_path => is_first = false,
            // An escaped dot is a dot.
            b'%' if bytes.get(at + 1) != Some(&b'2') => is_first = false,
            b'#' => return Some(at),
            b'?' => return plain_query(&bytes[at..]).map(|length| at + length),
            _ => return None,
        }
    }
    Some(rest.len())
}

/// The same of a query.
fn plain_query(query: &[u8]) -> Option<usize> {
    let is_plain = |byte: u8| ORDINARY[usize::from(byte)] || b"./:%?".contains(&byte);
    match query.iter().position(|byte| !is_plain(*byte)) {
        None => Some(query.len()),
        Some(end) => (query[end] == b'#').then_some(end),
    }
}

/// Characters that the parser neither escapes nor drops nor reads a meaning from, wherever they are.
const ORDINARY: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
                    | b'@'
            );
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// By the parser.
    fn parsed(base: &Url, reference: &str) -> Option<String> {
        let mut url = base.join(reference).ok()?;
        url.set_fragment(None);
        Some(url.into())
    }

    fn plain(base: &Url, reference: &str) -> Option<String> {
        let mut text = String::new();
        PlainReader::new(base)?
            .write(reference, &mut text)
            .then_some(text)
    }

    #[rstest]
    #[case("page2.html", "https://a.example:8443/docs/page2.html")]
    #[case("../part1/page.html#place", "https://a.example:8443/part1/page.html")]
    #[case("./x?a=1&b=/../y", "https://a.example:8443/docs/x?a=1&b=/../y")]
    #[case("../../../x", "https://a.example:8443/x")]
    #[case("../", "https://a.example:8443/")]
    #[case("./#place", "https://a.example:8443/docs/")]
    #[case("/wiki/Talk:Page", "https://a.example:8443/wiki/Talk:Page")]
    #[case("/", "https://a.example:8443/")]
    #[case("https://a.example:8443/x", "https://a.example:8443/x")]
    #[case("x%C3%A9", "https://a.example:8443/docs/x%C3%A9")]
    #[case("../a:b", "https://a.example:8443/a:b")]
    #[case("x?at=12:30", "https://a.example:8443/docs/x?at=12:30")]
    #[case("x?a=1#place", "https://a.example:8443/docs/x?a=1")]
    #[case(
        "a-b_c~d!$&(e)*+,;=@f.g",
        "https://a.example:8443/docs/a-b_c~d!$&(e)*+,;=@f.g"
    )]
    fn a_plain_reference_is_read_without_the_parser(#[case] reference: &str, #[case] url: &str) {
        let base = Url::parse("https://a.example:8443/docs/page.html?q=1#f").unwrap();
        assert_eq!(plain(&base, reference).as_deref(), Some(url));
        assert_eq!(parsed(&base, reference).as_deref(), Some(url));
    }

    #[rstest]
    #[case("tel:1")]
    #[case("a:b")]
    #[case("//b.example/x")]
    #[case("/%2e%2e/x")]
    #[case(".x")]
    #[case("?q")]
    #[case("")]
    fn what_may_mean_more_is_left_to_the_parser(#[case] reference: &str) {
        for base in ["https://a.example/", "https://a.example/docs/page"] {
            assert_eq!(plain(&Url::parse(base).unwrap(), reference), None);
        }
    }

    #[rstest]
    #[case("ftp://a.example/docs/")]
    #[case("https://user@a.example/docs/")]
    #[case("https://:word@a.example/docs/")]
    #[case("data:text/html,x")]
    fn on_another_page_all_is_left_to_the_parser(#[case] base: &str) {
        assert!(PlainReader::new(&Url::parse(base).unwrap()).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_means_what_the_parser_says(
            path in "[a/.%2e]{0,8}",
            reference in "(https?://|//|/|\\.\\./|\\./)?(a\\.example(:8443|:80)?/?)?[a/.?#:%2eE\\\\ \t@'é]{0,10}",
        ) {
            let base = Url::parse(&format!("http://a.example:8443/{path}?q")).unwrap();
            if let Some(url) = plain(&base, &reference) {
                prop_assert_eq!(Some(url), parsed(&base, &reference), "{} on {}", reference, base);
            }
        }

        #[test]
        fn every_plain_character_stays_as_it_is(reference in "[!-~]{1,6}") {
            let base = Url::parse("http://a.example/docs/page").unwrap();
            if let Some(url) = plain(&base, &reference) {
                prop_assert_eq!(Some(url), parsed(&base, &reference), "{}", reference);
            }
        }
    }
}
