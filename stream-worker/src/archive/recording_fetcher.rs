//! A fetcher that keeps a copy of every answer while the crawl reads it.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use engine::fetch::{Answer, FetchError, FetchRequest, Fetcher, HttpFetcher};
use futures_util::{StreamExt, stream};
use http::header::{HeaderMap, HeaderName, HeaderValue};
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
        let answer = self.fetcher.fetch(request).await?;
        let kept = Kept {
            url,
            at: self.clock.now(),
            request: texts(&sent),
            status: answer.status,
            headers: texts(&answer.headers),
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

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
