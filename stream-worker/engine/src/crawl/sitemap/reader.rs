//! A sitemap from the network.
//!
//! It owns the request and what its answers mean. A sitemap that nobody promised may be missing; one that robots.txt names
//! may not.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use url::Url;

use super::file;
use super::listing::SitemapFile;
use crate::crawl::request_url::without_fragment_and_user;
use crate::crawl::session::Credentials;
use crate::extract::MediaType;
use crate::fetch::{Answer, FetchError, FetchRequest, Fetcher, LocalFault};

/// Redirects that are followed at most.
const MAX_REDIRECTS: u32 = 5;
/// Sitemap indexes that may lie above one another.
pub(crate) const MAX_NESTING: u32 = 3;
/// Sitemaps that one crawl reads at most: with 50,000 URLs each, more than a crawl may fetch.
pub(crate) const MAX_SITEMAPS: usize = 1_000;

/// The result of asking for a sitemap.
#[derive(Debug)]
pub(crate) enum SitemapAnswer {
    /// The URLs that it lists.
    Listed(SitemapFile),
    /// The server answers 404 or 410.
    Missing,
    /// The reason why it cannot be read.
    Broken(String),
}

/// Reads the sitemap at `url`, whose body and parts must arrive within `timeout`. Origins that may see `credentials` get them, each
/// redirect's target by its own.
///
/// # Errors
/// If this machine could not ask, which says nothing about the sitemap. Ask again later.
pub(crate) async fn read(
    fetcher: Arc<dyn Fetcher>,
    credentials: Option<Arc<Credentials>>,
    mut url: Url,
    timeout: Duration,
) -> Result<SitemapAnswer, LocalFault> {
    for _ in 0..=MAX_REDIRECTS {
        let request = FetchRequest {
            url: url.clone(),
            timeout,
            max_body_bytes: file::MAX_BYTES as u64,
            unless: None,
            cookies: None,
            headers: credentials
                .as_ref()
                .and_then(|given| given.for_document(&url)),
        };
        let answer = match fetcher.fetch(request).await {
            Ok(answer) => answer,
            Err(error) => return broken(&error),
        };
        match answer.status {
            200..=299 => return parse(answer, url).await,
            404 | 410 => return Ok(SitemapAnswer::Missing),
            status => match answer.redirect_target(&url) {
                Some(target) => url = without_fragment_and_user(target),
                None => {
                    let reason = format!("it answers with status {status}");
                    return Ok(SitemapAnswer::Broken(reason));
                }
            },
        }
    }
    let reason = format!("it is more than {MAX_REDIRECTS} redirects away");
    Ok(SitemapAnswer::Broken(reason))
}

fn broken(error: &FetchError) -> Result<SitemapAnswer, LocalFault> {
    match error {
        FetchError::Local(fault) => Err(*fault),
        FetchError::BlockedAddress | FetchError::Failed { .. } => {
            Ok(SitemapAnswer::Broken(error.to_string()))
        }
    }
}

async fn parse(mut answer: Answer, url: Url) -> Result<SitemapAnswer, LocalFault> {
    let declared = MediaType::of(&answer.headers).encoding;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        match chunk {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(error) => return broken(&error),
        }
    }
    // Fifty megabytes take a while to read: not on a thread that serves others.
    let reading = tokio::task::spawn_blocking(move || file::parse(&bytes, declared, &url));
    Ok(match reading.await {
        Ok(file) => SitemapAnswer::Listed(file),
        Err(error) => SitemapAnswer::Broken(format!("reading it failed: {error}")),
    })
}
