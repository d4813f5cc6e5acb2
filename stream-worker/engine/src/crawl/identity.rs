//! Two spellings of one page.
//!
//! It owns the loose form of a URL that is for comparing only: unreserved characters are not escaped, all other escapes have
//! capital digits, and query parameters are in the order of their names. It is never asked for: a server may tell spellings
//! apart, sign them or depend on their order.

use std::borrow::Cow;

/// The form under which a URL is compared, from its text as [`Url`](url::Url) writes it, without fragment. Borrows where nothing
/// changes, as for most links; applied twice it changes nothing more.
pub fn identity(url: &str) -> Cow<'_, str> {
    let has_query = memchr::memchr2(b'?', b'%', url.as_bytes()).is_some();
    if !has_query {
        return Cow::Borrowed(url);
    }
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut text = String::with_capacity(url.len());
    push_unescaped(&mut text, place);
    let mut normal = String::with_capacity(query.len());
    push_unescaped(&mut normal, query);
    let mut parameters: Vec<&str> = normal.split('&').filter(|part| !part.is_empty()).collect();
    // Stable: values of one name keep their order, which may mean something.
    parameters.sort_by_key(|parameter| name_of(parameter));
    for (index, parameter) in parameters.into_iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(parameter);
    }
    Cow::Owned(text)
}

/// The name of a query parameter, as it is written.
pub(crate) fn name_of(parameter: &str) -> &str {
    parameter
        .split_once('=')
        .map_or(parameter, |(name, _)| name)
}

/// Appends `part` with each escape in its one form: unreserved characters plain, all others with capital digits.
///
/// Behind a stray `%` an escaped hex digit stays escaped, for decoding it would make a new escape of the two.
pub(crate) fn push_unescaped(text: &mut String, part: &str) {
    let bytes = part.as_bytes();
    let mut open_digits = 0_u8;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| escaped_byte(bytes, at)).flatten();
        let digit_would_join = |byte: u8| open_digits > 0 && byte.is_ascii_hexdigit();
        match escaped {
            Some(value) if is_unreserved(value) && !digit_would_join(value) => {
                text.push(char::from(value));
                open_digits = 0;
                at += 3;
            }
            Some(_) => {
                text.push_str(&part[at..at + 3].to_ascii_uppercase());
                open_digits = 0;
                at += 3;
            }
            None => {
                let width = part[at..].chars().next().map_or(1, char::len_utf8);
                text.push_str(&part[at..at + width]);
                open_digits = match byte {
                    b'%' => 2,
                    digit if digit.is_ascii_hexdigit() => open_digits.saturating_sub(1),
                    _ => 0,
                };
                at += width;
            }
        }
    }
}

fn escaped_byte(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use url::Url;

    use super::*;

    #[rstest]
    #[case("https://a.example/x", "https://a.example/x")]
    #[case("https://a.example/%7euser/%c3%a9", "https://a.example/~user/%C3%A9")]
    #[case("https://a.example/a%2fb", "https://a.example/a%2Fb")]
    #[case("https://a.example/%%34%31", "https://a.example/%%341")]
    #[case("https://a.example/x?", "https://a.example/x")]
    #[case("https://a.example/x?b=2&a=1&&b=1", "https://a.example/x?a=1&b=2&b=1")]
    fn spellings_of_one_page_become_one(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(identity(url), expected);
    }

    proptest! {
        #[test]
        fn applied_twice_it_changes_nothing(path in "[a-c%2-4eE/.&=?~é]{0,24}", query in "[abu%27eE&=+]{0,24}") {
            let url = Url::parse(&format!("https://a.example/{path}?{query}")).unwrap();
            let once = identity(url.as_str()).into_owned();
            prop_assert_eq!(identity(&once), once.as_str());
        }
    }
}
