//! A request accepted: the same steps and words in the Lambda and in the worker.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use serde::Serialize;
use url::Url;

use crate::api_key::ApiKeys;
use crate::header;
use crate::numbers::MAX_BODY_BYTES;
use crate::queue_message::VERSION;
use crate::token::{Scope, TokenKeys};
use crate::{ChannelId, CrawlRequest, Fault, JobMessage, Problem, Timestamp};

/// Characters of an `Idempotency-Key` at most.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// `Retry-After` of the answer when the queue does not answer.
const QUEUE_RETRY: Duration = Duration::from_secs(5);

/// Settings with which a front accepts requests.
#[derive(Debug, Clone)]
pub struct Front {
    /// Keys that may submit; none lets everybody.
    pub api_keys: ApiKeys,
    /// Keys that sign the answer's tokens and seal the request's secrets.
    pub token_keys: TokenKeys,
    /// The base of the worker's URLs as browsers reach it.
    pub public_url: Url,
    /// Time that a job's record is kept after its end.
    pub retention: Duration,
    /// True if requests may set `ignoreRobotsTxt`.
    pub may_ignore_robots: bool,
}

/// The parts of an HTTP request that a submission consists of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Submitted<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<&'a str>,
    /// The body, decoded; at most 64 KiB.
    pub body: &'a [u8],
}

impl<'a> Submitted<'a> {
    /// Takes a submission's parts out of a request.
    ///
    /// # Errors
    /// 400 that names a header which cannot be read or is there twice, 415 for an encoded body.
    pub fn read(headers: &'a HeaderMap, body: &'a [u8]) -> Result<Self, Problem> {
        header::check_encoding(headers)?;
        let idempotency_key = HeaderName::from_static("idempotency-key");
        Ok(Self {
            authorization: header::text(headers, &AUTHORIZATION)?,
            content_type: header::text(headers, &CONTENT_TYPE)?,
            idempotency_key: header::text(headers, &idempotency_key)?,
            body,
        })
    }
}

/// Body of the `202` to a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    /// The job's channel.
    pub channel_id: ChannelId,
    /// URL of the live stream. It carries a token that may only watch, so it can be shared.
    pub events_url: String,
    /// URL of the job's state, with the same token.
    pub status_url: String,
    /// The control token: may also pause, resume and cancel.
    pub token: String,
    /// Time at which the tokens expire.
    pub expires_at: Timestamp,
}

impl Front {
    /// Judges a submission. The job must be durable in the queue before the answer is given.
    ///
    /// # Errors
    /// The problem to answer with.
    pub fn accept(
        &self,
        submitted: Submitted<'_>,
        now: Timestamp,
    ) -> Result<(JobMessage, Accepted), Problem> {
        let tenant = self
            .api_keys
            .tenant(submitted.authorization)
            .ok_or_else(|| {
                Problem::unauthorized(
                    "send a key that this service knows, as Authorization: Bearer <API key>",
                )
            })?;
        check_media_type(submitted.content_type)?;
        if submitted.body.len() > MAX_BODY_BYTES {
            return Err(body_too_large());
        }
        let request = CrawlRequest::parse(submitted.body).map_err(Problem::invalid_request)?;
        if request.ignore_robots_txt && !self.may_ignore_robots {
            let detail =
                "needs the permission of this service's operator; leave it out, or ask them";
            return Err(Problem::invalid_request(vec![Fault::new(
                "/ignoreRobotsTxt",
                "notPermitted",
                detail,
            )]));
        }
        let channel_id = match submitted.idempotency_key {
            None => self.token_keys.mint_channel(&tenant),
            Some(key) => {
                check_idempotency_key(key)?;
                self.token_keys.derive_channel(&tenant, key, submitted.body)
            }
        };
        let expires_at = now
            .plus(Duration::from_secs(request.max_duration_seconds))
            .plus(self.retention);
        let mut message = JobMessage {
            version: VERSION,
            channel_id,
            tenant,
            submitted_at: now,
            expires_at,
            request,
            sealed: None,
        };
        message.seal(&self.token_keys);
        Ok((message, self.answer(channel_id, expires_at)))
    }

    fn answer(&self, channel_id: ChannelId, expires_at: Timestamp) -> Accepted {
        let watch = self.token_keys.sign(channel_id, Scope::Watch, expires_at);
        let base = self.public_url.as_str().trim_end_matches('/');
        Accepted {
            channel_id,
            events_url: format!("{base}/v1/channels/{channel_id}/events?token={watch}"),
            status_url: format!("{base}/v1/channels/{channel_id}?token={watch}"),
            token: self.token_keys.sign(channel_id, Scope::Control, expires_at),
            expires_at,
        }
    }
}

/// The problem of a body over the limit, for a front that stops reading there.
#[must_use]
pub fn body_too_large() -> Problem {
    Problem::too_large(format!("the body must be at most {MAX_BODY_BYTES} bytes"))
}

/// The problem of a job that is not in the queue, or of which it is not known whether it is.
#[must_use]
pub fn queue_unavailable() -> Problem {
    let detail = "the queue does not take the job now; try again, best with an Idempotency-Key";
    Problem::unavailable(detail).retry_after(QUEUE_RETRY)
}

fn check_media_type(content_type: Option<&str>) -> Result<(), Problem> {
    let essence = content_type
        .unwrap_or("application/json")
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let json = essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json");
    // What a plain form or `curl -d` sends: JSON inside it is JSON all the same.
    let unnamed = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        || essence.eq_ignore_ascii_case("text/plain");
    if json || unnamed {
        return Ok(());
    }
    Err(Problem::unsupported_media_type(
        "send the crawl request as Content-Type: application/json",
    ))
}

/// Checks an `Idempotency-Key`. A comma is refused because gateways join two headers of one name with it: two keys would pass
/// for one.
fn check_idempotency_key(key: &str) -> Result<(), Problem> {
    let is_allowed = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',';
    let is_long_enough = (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len());
    if is_long_enough && key.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "Idempotency-Key must have 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters and no comma"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const BODY: &[u8] = br#"{"url":"https://example.com/"}"#;

    fn front() -> Front {
        Front {
            api_keys: ApiKeys::default(),
            token_keys: TokenKeys::spell("k1", &[1; 32]).parse().unwrap(),
            public_url: "https://live.example.com/base/".parse().unwrap(),
            retention: Duration::from_secs(86_400),
            may_ignore_robots: false,
        }
    }

    fn with_body(body: &[u8]) -> Submitted<'_> {
        Submitted {
            body,
            ..Submitted::default()
        }
    }

    #[test]
    fn the_answer_names_the_workers_host_and_its_tokens_work() {
        let (message, accepted) = front().accept(with_body(BODY), NOW).unwrap();
        let base = format!(
            "https://live.example.com/base/v1/channels/{}",
            accepted.channel_id
        );
        let token = accepted
            .events_url
            .strip_prefix(&format!("{base}/events?token="))
            .unwrap();
        let keys = front().token_keys;
        assert_eq!(
            keys.verify(token, accepted.channel_id, NOW),
            Some(Scope::Watch)
        );
        assert_eq!(
            keys.verify(&accepted.token, accepted.channel_id, NOW),
            Some(Scope::Control)
        );
        assert_eq!(message.channel_id, accepted.channel_id);
        assert_eq!(
            accepted.expires_at.since(NOW),
            Duration::from_secs(86_400 + 3_600)
        );
    }

    #[test]
    fn a_job_that_was_accepted_has_its_secrets_sealed() {
        let body = br#"{"url":"https://example.com/","cookies":{"sid":"not-to-be-seen"}}"#;
        let (message, _) = front().accept(with_body(body), NOW).unwrap();
        assert!(!format!("{message:?}").contains("not-to-be-seen"));
        assert!(message.request.cookies.given().reveal().is_none());
        let opened = message.open(&front().token_keys).unwrap();
        assert_eq!(
            opened.cookies.given().reveal().unwrap(),
            [("sid", "not-to-be-seen")]
        );
    }

    #[test]
    fn a_retry_with_an_idempotency_key_gets_the_same_channel() {
        let submitted = Submitted {
            idempotency_key: Some("order-66"),
            ..with_body(BODY)
        };
        let (first, _) = front().accept(submitted, NOW).unwrap();
        let (second, _) = front()
            .accept(submitted, NOW.plus(Duration::from_secs(5)))
            .unwrap();
        assert_eq!(first.channel_id, second.channel_id);
        let (third, _) = front().accept(with_body(BODY), NOW).unwrap();
        assert_ne!(third.channel_id, first.channel_id);
    }

    #[test]
    fn what_needs_permission_is_refused_by_name() {
        let body = br#"{"url":"https://example.com/","ignoreRobotsTxt":true}"#;
        let problem = front().accept(with_body(body), NOW).unwrap_err();
        assert_eq!(
            (problem.status, problem.errors[0].pointer.as_str()),
            (400, "/ignoreRobotsTxt")
        );
        let front = Front {
            may_ignore_robots: true,
            ..front()
        };
        assert!(front.accept(with_body(body), NOW).is_ok());
    }

    #[test]
    fn each_problem_says_what_would_be_right() {
        let keyed = Front {
            api_keys: "00".repeat(32).parse().unwrap(),
            ..front()
        };
        assert_eq!(keyed.accept(with_body(BODY), NOW).unwrap_err().status, 401);
        let xml = Submitted {
            content_type: Some("application/xml"),
            ..with_body(BODY)
        };
        assert_eq!(front().accept(xml, NOW).unwrap_err().status, 415);
        let huge = vec![b' '; MAX_BODY_BYTES + 1];
        assert_eq!(
            front().accept(with_body(&huge), NOW).unwrap_err().status,
            413
        );
        for wrong in ["", &"k".repeat(256), "order-1,order-2", "a\tb"] {
            let submitted = Submitted {
                idempotency_key: Some(wrong),
                ..with_body(BODY)
            };
            let problem = front().accept(submitted, NOW).unwrap_err();
            assert_eq!(problem.status, 400);
            assert!(problem.detail.contains("no comma"), "{problem:?}");
        }
    }

    #[test]
    fn the_api_key_that_submitted_can_prove_it_by_the_channel_alone() {
        let front = front();
        for idempotency_key in [None, Some("order-66")] {
            let submitted = Submitted {
                idempotency_key,
                ..with_body(BODY)
            };
            let (message, _) = front.accept(submitted, NOW).unwrap();
            let owns = |tenant| front.token_keys.is_channel_of(message.channel_id, tenant);
            assert!(owns(&message.tenant) && !owns("another"));
        }
    }
}
