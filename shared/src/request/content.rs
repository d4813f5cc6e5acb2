//! Fields that choose what a page's formats hold.

use super::CssSelector;
use super::fields::Fields;
use super::limits::MAX_SELECTORS;

/// A list of CSS selectors.
pub(super) fn selectors(fields: &mut Fields, name: &'static str) -> Vec<CssSelector> {
    fields
        .strings(name, MAX_SELECTORS, CssSelector::parse)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::CrawlRequest;
    use crate::request::Format;

    fn request(more: &Value) -> Result<CrawlRequest, Vec<crate::Fault>> {
        let mut body = json!({"url": "https://a.example"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        CrawlRequest::from_value(body)
    }

    #[test]
    fn what_a_page_is_to_hold_survives_the_queue() {
        let more = json!({"includeTags": ["article, .post > p"], "excludeTags": ["nav", "[aria-hidden=true]"],
            "onlyMainContent": false, "regexOnFullUrl": true, "formats": ["images", "rawHtml", "cleanHtml"]});
        let asked = request(&more).unwrap();
        assert_eq!(asked.include_tags[0].as_str(), "article, .post > p");
        assert!(!asked.only_main_content && asked.regex_on_full_url);
        assert!(asked.wants(Format::Images) && asked.wants(Format::CleanHtml));
        let again = serde_json::to_value(&asked).unwrap();
        for name in more.as_object().unwrap().keys() {
            assert_eq!(again[name], more[name], "{name}");
        }
        assert_eq!(CrawlRequest::from_value(again).unwrap(), asked);
    }

    #[test]
    fn a_request_of_before_reads_main_content_and_paths() {
        let asked = request(&json!({})).unwrap();
        assert!(asked.only_main_content && !asked.regex_on_full_url);
        assert!(asked.include_tags.is_empty() && asked.exclude_tags.is_empty());
    }

    #[rstest]
    #[case(json!({"excludeTags": ["nav", "a:hover"]}), "/excludeTags/1", "\"a:hover\" must be a CSS selector")]
    #[case(json!({"includeTags": ["div >"]}), "/includeTags/0", "it ends where an element is expected")]
    #[case(json!({"includeTags": ["x".repeat(300)]}), "/includeTags/0", "at most 256 characters")]
    #[case(json!({"includeTags": vec!["a"; 51]}), "/includeTags", "at most 50 items")]
    #[case(json!({"includeTags": "article"}), "/includeTags", "must be a list")]
    #[case(json!({"onlyMainContent": "no"}), "/onlyMainContent", "true or false")]
    fn a_fault_says_where_and_what_would_be_right(
        #[case] more: Value,
        #[case] pointer: &str,
        #[case] detail: &str,
    ) {
        let faults = request(&more).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].pointer, pointer);
        assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
    }
}
