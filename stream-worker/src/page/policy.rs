//! Headers that forbid the page what it does not need.

/// Headers besides the content security policy that belong on each of the page's files.
///
/// The fragment with its tokens is never part of a `Referer`; `no-referrer` keeps the rest of the URL private too.
pub const HEADERS: [(&str, &str); 3] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// The value of `Content-Security-Policy` for the page.
///
/// Nothing but this service's own files is loaded or run, and text can never become markup. `public_origin` is the origin
/// of the events' URLs (`https://live.example.com`), which the page may talk to besides its own. What is not an http(s)
/// origin is left out, so that no setting can widen the policy.
#[must_use]
pub fn content_security_policy(public_origin: &str) -> String {
    let connect = if is_web_origin(public_origin) {
        format!("'self' {public_origin}")
    } else {
        "'self'".to_owned()
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

fn is_web_origin(text: &str) -> bool {
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_page_may_talk_to_the_public_origin() {
        let policy = content_security_policy("https://live.example.com:8443");
        assert!(policy.contains("connect-src 'self' https://live.example.com:8443;"));
    }

    #[rstest]
    #[case("")]
    #[case("null")]
    #[case("*")]
    #[case("https://")]
    #[case("https://*.example.com")]
    #[case("https://example.com; script-src *")]
    #[case("data:text")]
    fn nothing_else_widens_the_policy(#[case] origin: &str) {
        assert!(content_security_policy(origin).contains("connect-src 'self';"));
    }
}
