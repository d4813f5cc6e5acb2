//! The pause that a server asks for with `Retry-After`.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use shared::Timestamp;

/// The pause that `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3).
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()).since(now))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("7", Some(7))]
    #[case(" 0 ", Some(0))]
    #[case("Fri, 15 Jan 2027 08:00:30 GMT", Some(30))]
    #[case("Fri, 15 Jan 2021 08:00:30 GMT", Some(0))]
    #[case("soon", None)]
    #[case("-1", None)]
    fn retry_after_is_read_in_both_forms(
        #[case] value: &'static str,
        #[case] seconds: Option<u64>,
    ) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
        let now = Timestamp::from_millis(1_800_000_000_000);
        assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs));
    }
}
