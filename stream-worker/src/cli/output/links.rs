//! Links of a Markdown text, made to lead to files.

use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

/// Bytes of a path that a link's destination cannot have.
const IN_DESTINATION: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']');

/// Bytes of a fragment that a link's destination cannot have; what is escaped already stays so.
const IN_FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'\\');

/// `markdown` with the destination of each link for which `path_of` knows a file, which is named from the file `from`. Fragments
/// stay; pictures, code and all other links are as they were.
pub(super) fn relinked(
    markdown: &str,
    from: &str,
    path_of: impl Fn(&str) -> Option<String>,
) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut done = 0;
    for (place, destination) in destinations(markdown) {
        let (url, fragment) = match destination.split_once('#') {
            Some((url, fragment)) => (url, Some(fragment)),
            None => (destination.as_str(), None),
        };
        let Some(path) = path_of(url) else { continue };
        text.push_str(&markdown[done..place.start]);
        text.push_str(&relative(from, &path));
        if let Some(fragment) = fragment {
            text.push('#');
            text.extend(utf8_percent_encode(fragment, IN_FRAGMENT));
        }
        done = place.end;
    }
    text.push_str(&markdown[done..]);
    text
}

/// Places of the destinations of links in the text, in order, with the URLs that they are.
fn destinations(markdown: &str) -> Vec<(Range<usize>, String)> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut found = Vec::new();
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        let Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url,
            ..
        }) = event
        else {
            continue;
        };
        let link = &markdown[range.clone()];
        let is_written = |spelling: &String| link.ends_with(&format!("]({spelling})"));
        if let Some(spelling) = spellings(&dest_url).into_iter().find(is_written) {
            let end = range.end - 1;
            found.push((end - spelling.len()..end, dest_url.into_string()));
        }
    }
    found.sort_unstable_by_key(|(place, _)| place.start);
    found
}

/// The spellings that a URL may have as a destination: as it is, or in angle brackets, with backslashes before what would mean
/// something.
fn spellings(url: &str) -> [String; 2] {
    let mut bracketed = String::from("<");
    for letter in url.chars() {
        if matches!(letter, '\\' | '<' | '>' | '&') {
            bracketed.push('\\');
        }
        bracketed.push(letter);
    }
    bracketed.push('>');
    [url.to_owned(), bracketed]
}

/// The way from one file to another, both with `/` between names.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let folders = from.len().min(to.len()) - 1;
    let same = (0..folders)
        .take_while(|place| from[*place] == to[*place])
        .count();
    let up = std::iter::repeat_n("..", from.len() - 1 - same);
    let down = to[same..].iter().copied();
    let names: Vec<String> = up
        .chain(down)
        .map(|name| utf8_percent_encode(name, IN_DESTINATION).to_string())
        .collect();
    names.join("/")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn known(url: &str) -> Option<String> {
        match url {
            "https://a.example/b" => Some("a.example/b.md".to_owned()),
            "https://a.example/x/y" => Some("a.example/x y/(1).md".to_owned()),
            "https://a.example/q?a=1&copy;\\" => Some("a.example/q.md".to_owned()),
            _ => None,
        }
    }

    #[rstest]
    #[case("[b](https://a.example/b)", "[b](../b.md)")]
    #[case("[b](https://a.example/b#part)", "[b](../b.md#part)")]
    #[case("[y](https://a.example/x/y)", "[y](../x%20y/%281%29.md)")]
    #[case("[b](<https://a.example/b#(x)>)", "[b](../b.md#%28x%29)")]
    #[case("[q](<https://a.example/q?a=1\\&copy;\\\\>)", "[q](../q.md)")]
    #[case("[c](https://a.example/c)", "[c](https://a.example/c)")]
    #[case("![b](https://a.example/b)", "![b](https://a.example/b)")]
    #[case(
        "[![p](https://a.example/b)](https://a.example/b)",
        "[![p](https://a.example/b)](../b.md)"
    )]
    #[case("`[b](https://a.example/b)`", "`[b](https://a.example/b)`")]
    #[case(
        "```\n[b](https://a.example/b)\n```\n",
        "```\n[b](https://a.example/b)\n```\n"
    )]
    #[case(
        "| [b](https://a.example/b) |\n|---|\n| x |\n",
        "| [b](../b.md) |\n|---|\n| x |\n"
    )]
    fn links_to_known_pages_lead_to_their_files(#[case] before: &str, #[case] after: &str) {
        assert_eq!(relinked(before, "a.example/docs/z.md", known), after);
    }

    #[test]
    fn what_is_relinked_already_stays_so() {
        let once = relinked(
            "[b](https://a.example/b) [b](https://a.example/b)",
            "a.example/z.md",
            known,
        );
        assert_eq!(once, "[b](b.md) [b](b.md)");
        assert_eq!(relinked(&once, "a.example/z.md", known), once);
    }
}
