//! The `Link` header (RFC 8288, section 3).

use url::Url;

/// The target of the first link in `value` whose relations include `canonical`, against the page at `base`.
#[must_use]
pub(crate) fn canonical_in_link_header(value: &str, base: &Url) -> Option<Url> {
    let mut rest = value;
    while let Some((target, after)) = target(rest) {
        let (is_canonical, after) = parameters(after);
        if is_canonical {
            let url = base.join(target.trim()).ok()?;
            return matches!(url.scheme(), "http" | "https").then_some(url);
        }
        rest = after;
    }
    None
}

/// The text between `<` and `>`, and the rest.
fn target(value: &str) -> Option<(&str, &str)> {
    value.split_once('<')?.1.split_once('>')
}

/// Reads the parameters of one link. Returns true if they say that it is canonical, and the rest after the link.
fn parameters(mut rest: &str) -> (bool, &str) {
    let mut is_canonical = None;
    loop {
        rest = rest.trim_start();
        let Some(after) = rest.strip_prefix(';') else {
            return (
                is_canonical.unwrap_or(false),
                rest.strip_prefix(',').unwrap_or(""),
            );
        };
        let (name, value, after) = parameter(after);
        // The first `rel` counts, as the RFC has it.
        if name.eq_ignore_ascii_case("rel") && is_canonical.is_none() {
            let mut words = value.split_ascii_whitespace();
            is_canonical = Some(words.any(|word| word.eq_ignore_ascii_case("canonical")));
        }
        rest = after;
    }
}

/// A parameter's name, its value without quotes, and the rest. Escapes within quotes are left: no relation has any.
fn parameter(text: &str) -> (&str, &str, &str) {
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let (name, rest) = (text[..end].trim(), &text[end..]);
    let Some(value) = rest.strip_prefix('=').map(str::trim_start) else {
        return (name, "", rest);
    };
    if let Some(quoted) = value.strip_prefix('"') {
        let end = end_of_quoted(quoted);
        return (name, &quoted[..end], quoted.get(end + 1..).unwrap_or(""));
    }
    let end = value.find([';', ',']).unwrap_or(value.len());
    (name, value[..end].trim(), &value[end..])
}

fn end_of_quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.find(|character| {
        let is_end = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        is_end
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn canonical(value: &str) -> Option<String> {
        let base = Url::parse("https://a.example/dir/page").unwrap();
        canonical_in_link_header(value, &base).map(String::from)
    }

    #[rstest]
    #[case::plain("<https://b.example/x>; rel=canonical", Some("https://b.example/x"))]
    #[case::quoted("<x>; rel=\"canonical\"", Some("https://a.example/dir/x"))]
    #[case::many_words("</x> ; REL = \"alternate Canonical\"", Some("https://a.example/x"))]
    #[case::comma_in_the_target(
        "</a,b>; rel=next, </c>; rel=canonical",
        Some("https://a.example/c")
    )]
    #[case::comma_in_quotes(
        "</a>; title=\"x, \\\"y; rel=canonical\"; rel=next, </c>; rel=canonical",
        Some("https://a.example/c")
    )]
    #[case::the_first_rel_counts("</a>; rel=next; rel=canonical", None)]
    #[case::another_scheme("<mailto:x@a.example>; rel=canonical", None)]
    #[case::none("</a>; rel=preload; as=style", None)]
    #[case::flag("</a>; crossorigin; rel=canonical", Some("https://a.example/a"))]
    #[case::a_backslash_at_the_end(
        "</a>; title=\"x\\\\\"; rel=canonical",
        Some("https://a.example/a")
    )]
    #[case::cut("</a; rel=canonical", None)]
    #[case::cut_in_quotes("</a>; rel=\"canonical", Some("https://a.example/a"))]
    fn the_canonical_link_is_found(#[case] value: &str, #[case] expected: Option<&str>) {
        assert_eq!(canonical(value).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(value in "[<>;,=\"\\\\ relcanoé]{0,60}") {
            let _link = canonical(&value);
        }
    }
}
