//! The `webhook` field: a server to which a job's events are posted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::choice::{EventKind, WebhookForm};
use super::fetching::read_webhook_headers;
use super::fields::{Fields, labels};
use super::{NamedSecrets, Secret, SeedUrl};

/// Characters of a secret: enough that nobody guesses it, and no more than a header would take.
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=256;

/// A server that wants to hear of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// URL to which events are posted. Redirects are not followed.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub url: SeedUrl,
    /// Events that are posted.
    #[cfg_attr(feature = "openapi", schema(default = json!(["done", "cancelled", "failed"])))]
    pub events: Vec<EventKind>,
    /// Signs what is posted, if given. It is encrypted at rest and never shown again: only `true` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, min_length = 16, max_length = 256, write_only)
    )]
    pub secret: Option<Secret>,
    /// Headers that are sent with each post: an object of names and values. The values are encrypted at rest and never shown; where
    /// a webhook is shown, this is the list of the names.
    #[serde(skip_serializing_if = "NamedSecrets::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub headers: NamedSecrets,
    /// Shape of the posts.
    #[serde(skip_serializing_if = "is_events")]
    #[cfg_attr(feature = "openapi", schema(default = "events"))]
    pub form: WebhookForm,
    /// Labels that are repeated in each post of Firecrawl's forms; at most 16 KiB as JSON.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_events(form: &WebhookForm) -> bool {
    *form == WebhookForm::Events
}

impl Webhook {
    /// True if events of this name are to be posted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.events.iter().any(|event| event.name() == name)
    }

    /// Reads the field of a request.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let Value::Object(object) = fields.take("webhook")? else {
            let detail = "must be an object such as {\"url\": \"https://example.com/hook\"}";
            fields.fault("/webhook", "wrongType", detail);
            return None;
        };
        let mut inner = fields.within(object);
        let url = inner.take("url");
        if url.is_none() {
            inner.fault("/url", "missing", "a webhook needs a URL to post to");
        }
        let read = |text: &str| SeedUrl::parse(text).map_err(str::to_owned);
        let url = url.and_then(|url| inner.string("/url".to_owned(), &url, read));
        let events = inner.choices("events", EventKind::TERMINAL.to_vec());
        let secret = inner.take("secret");
        let secret = secret.and_then(|secret| read_secret(&secret, &mut inner));
        let headers = read_webhook_headers(&mut inner);
        let form = inner.choice("form", WebhookForm::Events);
        let metadata = labels(&mut inner);
        fields.adopt("/webhook", inner.finish("a webhook"));
        Some(Self {
            url: url?,
            events,
            secret,
            headers,
            form,
            metadata,
        })
    }

    /// The same as it may be shown: of the URL, which may be a secret itself, the origin only.
    pub(super) fn shown(&self) -> Self {
        Self {
            url: self.url.origin(),
            ..self.clone()
        }
    }
}

/// Reads the field `secret`. A fault does not repeat the value, unlike those of other fields.
fn read_secret(value: &Value, fields: &mut Fields) -> Option<Secret> {
    if fields.are_stored() && *value == Value::Bool(true) {
        return Some(Secret::mark());
    }
    let is_printable = |text: &&str| text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    let text = value.as_str().filter(is_printable);
    let is_whole = |text: &&str| SECRET_CHARS.contains(&text.len()) && is_decodable(text);
    let secret = text.filter(is_whole);
    if secret.is_none() {
        let (least, most) = (SECRET_CHARS.start(), SECRET_CHARS.end());
        let detail = format!(
            "must be a string of {least} to {most} printable ASCII characters; one that begins with whsec_ goes on \
                 in base64"
        );
        fields.fault("/secret", "invalid", detail);
    }
    secret.map(|secret| Secret::new(secret.to_owned()))
}

/// True unless the secret begins with `whsec_`, which announces base64, and goes on with something else.
fn is_decodable(secret: &str) -> bool {
    let encoded = secret.strip_prefix("whsec_");
    encoded.is_none_or(|encoded| STANDARD.decode(encoded).is_ok())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::CrawlRequest;

    const SECRET: &str = "not-to-be-seen-again";

    fn request(webhook: &serde_json::Value) -> Result<CrawlRequest, Vec<crate::problem::Fault>> {
        CrawlRequest::from_value(json!({"url": "https://a.example", "webhook": webhook}))
    }

    #[test]
    fn a_webhook_survives_the_queue_but_for_its_secret_and_is_shown_without_its_path() {
        let webhook = json!({"url": "https://b.example/hook?token", "events": ["progress", "done"], "secret": SECRET});
        let mut request = request(&webhook).unwrap();
        drop(request.take_secrets());
        let again = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<CrawlRequest>(&again).unwrap(),
            request
        );
        let shown = serde_json::to_string(&request.shown()).unwrap();
        assert!(shown.contains("https://b.example/"), "{shown}");
        assert!(
            !shown.contains(SECRET) && !shown.contains("token"),
            "{shown}"
        );
        assert!(!format!("{request:?}").contains(SECRET));
        let webhook = request.webhook.unwrap();
        assert!(webhook.wants("progress") && !webhook.wants("skipped"));
    }

    #[test]
    fn the_end_is_what_is_told_of_unless_said_otherwise() {
        let webhook = request(&json!({"url": "https://b.example"}))
            .unwrap()
            .webhook;
        let webhook = webhook.unwrap();
        let told = ["started", "progress", "done", "cancelled", "failed"];
        assert_eq!(
            told.map(|name| webhook.wants(name)),
            [false, false, true, true, true]
        );
    }

    #[rstest]
    #[case(json!("https://b.example"), "/webhook", "must be an object")]
    #[case(json!({}), "/webhook/url", "needs a URL")]
    #[case(json!({"url": "ftp://b.example"}), "/webhook/url", "http:// or https://")]
    #[case(json!({"url": "https://b.example", "events": ["end"]}), "/webhook/events/0", "\"started\"")]
    #[case(json!({"url": "https://b.example", "secret": "short"}), "/webhook/secret", "16 to 256")]
    #[case(json!({"url": "https://b.example", "secret": "whsec_not*base64*at*all"}), "/webhook/secret", "in base64")]
    #[case(json!({"url": "https://b.example", "header": {}}), "/webhook/header", "not a field of a webhook")]
    fn a_fault_says_where_and_what_would_be_right(
        #[case] webhook: serde_json::Value,
        #[case] pointer: &str,
        #[case] detail: &str,
    ) {
        let faults = request(&webhook).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].pointer, pointer);
        assert!(faults[0].detail.contains(detail), "{}", faults[0].detail);
        assert!(
            !faults[0].detail.contains("\"short\""),
            "a secret is not repeated"
        );
    }
}
