//! The base of the worker's URLs, as browsers reach it.

use url::Url;

/// A text that is not the base of the worker's URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be the base of URLs; it must be like https://crawl.example.com, without query or fragment"
)]
pub struct PublicUrlError(String);

/// The base that a worker's URLs are built on, its path ending in a slash.
///
/// # Errors
/// [`PublicUrlError`] if it is not http(s), or has a query, a fragment or credentials.
pub fn parse(text: &str) -> Result<Url, PublicUrlError> {
    let plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let mut url = Url::parse(text)
        .ok()
        .filter(plain)
        .ok_or_else(|| PublicUrlError(text.to_owned()))?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_ends_in_a_slash_and_carries_nothing_else() {
        assert_eq!(
            parse("https://a.example").unwrap().as_str(),
            "https://a.example/"
        );
        assert_eq!(
            parse("https://a.example/sub").unwrap().as_str(),
            "https://a.example/sub/"
        );
        for wrong in [
            "a.example",
            "ftp://a.example",
            "https://a.example/?x",
            "https://u@a.example",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
