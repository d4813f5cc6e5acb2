//! The URLs of a site.

use serde::Serialize;
use serde_json::{Value, json};
use shared::Event;
use shared::event::{PageResult, SkipReason};

use super::Version;

/// A URL of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FirecrawlMapLink)]
pub struct MapLink {
    /// The URL.
    pub url: String,
    /// Its title, where the page was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description, where the page was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The URLs that a job has told of, in the order of its log: the start page, then what it and the sitemaps name.
#[derive(Debug)]
pub struct MapLinks {
    words: Vec<String>,
    most: usize,
    links: Vec<MapLink>,
    /// URLs of the site so far, whether or not they have the words.
    found: usize,
}

impl MapLinks {
    /// Takes up to `most` URLs that have every word of `search`.
    #[must_use]
    pub fn new(search: Option<&str>, most: usize) -> Self {
        let words = search.unwrap_or_default().split_whitespace();
        Self {
            words: words.map(str::to_lowercase).collect(),
            most,
            links: Vec::new(),
            found: 0,
        }
    }

    /// Takes in an event of the log.
    pub fn take(&mut self, event: &Event) {
        let link = match event {
            Event::Progress(progress) => {
                let page = match &progress.result {
                    PageResult::Fetched(fetched) => Some(fetched),
                    PageResult::Failed { .. } => None,
                };
                let metadata = page.and_then(|page| page.formats.metadata.as_ref());
                MapLink {
                    url: progress.url.clone(),
                    title: page.and_then(|page| page.title.clone()),
                    description: metadata.and_then(|metadata| metadata.description.clone()),
                }
            }
            Event::Skipped(skipped) if is_of_the_site(skipped.reason) => MapLink {
                url: skipped.url.clone(),
                title: None,
                description: None,
            },
            _ => return,
        };
        self.found += 1;
        if !self.is_full() && self.matches(&link) {
            self.links.push(link);
        }
    }

    fn matches(&self, link: &MapLink) -> bool {
        let mut text = link.url.to_lowercase();
        for more in [&link.title, &link.description].into_iter().flatten() {
            text.push('\n');
            text.push_str(&more.to_lowercase());
        }
        self.words.iter().all(|word| text.contains(word))
    }

    /// True once there are as many as there may be.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.links.len() >= self.most
    }

    /// URLs of the site so far, whether or not they have the words of the search.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    /// The links, as this version of the API has them.
    #[must_use]
    pub fn finish(self, version: Version) -> Value {
        match version {
            Version::V1 => self.links.into_iter().map(|link| link.url).collect(),
            Version::V2 => json!(self.links),
        }
    }
}

/// True for a URL that was only refused because a map fetches nothing but the start page.
const fn is_of_the_site(reason: SkipReason) -> bool {
    match reason {
        SkipReason::Depth
        | SkipReason::Limit
        | SkipReason::Duration
        | SkipReason::Nofollow
        | SkipReason::MetaRobots
        | SkipReason::Robots => true,
        SkipReason::Trap
        | SkipReason::Duplicate
        | SkipReason::Scope
        | SkipReason::BlockedAddress
        | SkipReason::TooLarge => false,
    }
}
