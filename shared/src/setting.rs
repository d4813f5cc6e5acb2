//! Settings that both fronts have: text to value, or what would be right.

use std::time::Duration;

use url::Url;

/// An SQS queue's URL.
///
/// # Errors
/// Says, as a sentence, what it must be.
pub fn queue_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(|url| url.path().len() > 1).ok_or_else(|| {
        format!("`{text}` is not an SQS queue's URL, as in https://sqs.eu-central-1.amazonaws.com/123456789012/crawlcast")
    })
}

/// A duration of at least `least` and at most `most`, both written as settings are.
///
/// # Errors
/// Says, as a sentence, what it must be.
///
/// # Panics
/// If a bound is no duration.
pub fn duration(text: &str, least: &str, most: &str) -> Result<Duration, String> {
    let bound = |bound: &str| parse(bound).expect("bounds are written as durations");
    match parse(text) {
        Some(duration) if duration >= bound(least) && duration <= bound(most) => Ok(duration),
        _ => Err(format!(
            "`{text}` is not a duration from {least} to {most}; write it with its unit, as in 20s or 1m 30s"
        )),
    }
}

/// Reads the time that the record of a job is kept after its end.
///
/// # Errors
/// Says, as a sentence, what it must be.
pub fn retention(text: &str) -> Result<Duration, String> {
    duration(text, "1m", "8760h")
}

fn parse(text: &str) -> Option<Duration> {
    text.parse::<jiff::SignedDuration>().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_repeated_with_what_would_be_right() {
        assert_eq!(retention("24h"), Ok(Duration::from_secs(86_400)));
        for wrong in ["soon", "24", "-1h", "59s", "8761h"] {
            let fault = retention(wrong).unwrap_err();
            assert!(fault.contains(wrong) && fault.contains("1m"), "{fault}");
        }
        assert!(queue_url("https://sqs.eu-central-1.amazonaws.com/123456789012/crawls").is_ok());
        for wrong in [
            "my-queue",
            "https://sqs.eu-central-1.amazonaws.com/",
            "ftp://a.example/b",
        ] {
            assert!(queue_url(wrong).unwrap_err().contains(wrong));
        }
    }
}
