//! A fetcher that keeps a copy of every answer while the crawl reads it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use engine::fetch::{Answer, FetchError, FetchRequest, Fetcher, HttpFetcher};
use futures_util::{StreamExt, stream};
use http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use shared::Clock;

use super::spool::{Draft, Kept, Spool};

/// Asks another fetcher, and writes what it answers to a spool: decoded, within the crawl's own bound on a body. What the crawl
/// does not read of a body is not kept either.
pub(crate) struct RecordingFetcher {
    fetcher: HttpFetcher,
    spool: Arc<Spool>,
    clock: Clock,
}

impl RecordingFetcher {
    /// Records what `fetcher` answers.
    pub(crate) fn new(fetcher: HttpFetcher, spool: Arc<Spool>) -> Self {
        Self {
            fetcher,
            spool,
            clock: Clock::new(|| SystemTime::now().into()),
        }
    }
}

/// A body on its way to the crawl, and its copy.
struct Copied {
    spool: Arc<Spool>,
    draft: Option<Draft>,
}

impl Copied {
    fn take(&mut self, piece: &Result<Bytes, FetchError>) {
        match piece {
            // Into the page cache: quicker than a change of thread.
            Ok(bytes) => self.spool.append(&mut self.draft, bytes),
            // What broke off is fetched again, or fails.
            Err(_) => self.draft = None,
        }
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // Read to its end, or as far as the crawl wanted: nothing at all of redirects and errors.
        if let Some(draft) = self.draft.take() {
            self.spool.finish(draft);
        }
    }
}

#[async_trait]
impl Fetcher for RecordingFetcher {
    async fn fetch(&self, request: FetchRequest) -> Result<Answer, FetchError> {
        let (url, sent) = (request.url.to_string(), self.fetcher.headers_of(&request));
        let is_for_user = sent.values().any(HeaderValue::is_sensitive);
        let answer = self.fetcher.fetch(request).await?;
        let kept = Kept {
            url,
            at: self.clock.now(),
            request: texts(&sent),
            status: answer.status,
            headers: texts(&received(&answer.headers, is_for_user)),
        };
        let copied = Copied {
            draft: self.spool.begin(&kept),
            spool: self.spool.clone(),
        };
        let body = stream::unfold((answer.body, copied), |(mut body, mut copied)| async move {
            let piece = body.next().await?;
            copied.take(&piece);
            Some((piece, (body, copied)))
        });
        Ok(Answer {
            body: body.boxed(),
            ..answer
        })
    }
}

/// Text of a header's value that is not kept.
const REDACTED: &str = "[redacted]";

/// Headers of an answer. A session that was opened for somebody is theirs: the cookies that an answer to them sets are not kept.
fn received(headers: &HeaderMap, is_for_user: bool) -> Cow<'_, HeaderMap> {
    if !is_for_user || !headers.contains_key(SET_COOKIE) {
        return Cow::Borrowed(headers);
    }
    let mut kept = headers.clone();
    for value in kept
        .iter_mut()
        .filter(|(name, _)| **name == SET_COOKIE)
        .map(|(_, value)| value)
    {
        value.set_sensitive(true);
    }
    Cow::Owned(kept)
}

/// Names and values, without those that are secret.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = match value.is_sensitive() {
            true => REDACTED,
            false => value.to_str().ok()?,
        };
        Some((name.to_string(), text.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    fn headers(sensitive: bool) -> HeaderMap {
        let mut secret = HeaderValue::from_static("not-to-be-seen");
        secret.set_sensitive(sensitive);
        let accept = (http::header::ACCEPT, HeaderValue::from_static("text/html"));
        HeaderMap::from_iter([(AUTHORIZATION, secret.clone()), (COOKIE, secret), accept])
    }

    #[test]
    fn secret_headers_are_kept_by_name() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let kept = [
            pair("authorization", REDACTED),
            pair("cookie", REDACTED),
            pair("accept", "text/html"),
        ];
        assert_eq!(texts(&headers(true)), kept);
        assert_eq!(
            texts(&headers(false))[0],
            pair("authorization", "not-to-be-seen")
        );
    }

    #[test]
    fn a_session_that_was_opened_for_somebody_is_not_kept() {
        let set = HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static("sid=1"))]);
        assert_eq!(texts(&received(&set, true))[0].1, REDACTED);
        assert_eq!(texts(&received(&set, false))[0].1, "sid=1");
    }
}
