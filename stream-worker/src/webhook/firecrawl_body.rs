//! A post as Firecrawl's receivers read it: one kind of event, and the documents of pages whole.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::event::PageResult;
use shared::request::{Webhook, WebhookForm};
use shared::{ChannelId, Event};

use super::told::Told;
use crate::firecrawl::Document;

/// Documents in one post at most.
const MAX_DOCUMENTS: usize = 10;

/// A post under construction.
pub(super) struct FirecrawlBody<'a> {
    post: Post<'a>,
    is_batch: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    success: bool,
    /// `crawl.page` and its like; empty while nothing was taken.
    #[serde(rename = "type")]
    kind: String,
    id: ChannelId,
    /// A job has one webhook.
    webhook_id: ChannelId,
    data: Vec<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    metadata: &'a Map<String, Value>,
}

impl<'a> FirecrawlBody<'a> {
    pub(super) const fn new(channel: ChannelId, webhook: &'a Webhook) -> Self {
        Self {
            post: Post {
                success: true,
                kind: String::new(),
                id: channel,
                webhook_id: channel,
                data: Vec::new(),
                error: None,
                metadata: &webhook.metadata,
            },
            is_batch: matches!(webhook.form, WebhookForm::FirecrawlBatch),
        }
    }

    /// Takes an event in; false if it belongs into another post.
    pub(super) fn take(&mut self, told: &Told) -> bool {
        let is_empty = self.post.kind.is_empty();
        let event = serde_json::from_slice::<Event>(&told.data).ok();
        let (word, document, error) = match event {
            Some(Event::Progress(progress)) => {
                let failure = match &progress.result {
                    PageResult::Failed { error } => {
                        Some(format!("{}: {}", progress.url, error.message))
                    }
                    PageResult::Fetched(_) => None,
                };
                let document = Document::of(&told.data, told.id);
                let error = failure.filter(|_| document.is_none());
                ("page", document, error)
            }
            Some(Event::Failed(ended)) => ("failed", None, Some(ended.reason)),
            Some(Event::Done(_)) => ("completed", None, None),
            Some(Event::Cancelled(_)) => ("cancelled", None, None),
            _ => ("started", None, None),
        };
        let is_page_of_many = !self.post.data.is_empty()
            && self.post.data.len() < MAX_DOCUMENTS
            && document.is_some();
        if !is_empty && !is_page_of_many {
            return false;
        }
        let job = if self.is_batch {
            "batch_scrape"
        } else {
            "crawl"
        };
        self.post.kind = format!("{job}.{word}");
        self.post.success = error.is_none();
        self.post.error = error;
        self.post.data.extend(document);
        true
    }

    pub(super) fn finish(self) -> Bytes {
        let body = serde_json::to_vec(&self.post);
        body.expect("a post serialises: its maps have string keys")
            .into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::event::{Ended, Fetched, Progress};
    use shared::{Attempt, Counts, CrawlRequest, EventId, Frame, Position, Timestamp, sse};

    use super::super::batch::Batch;
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(0);

    fn webhook(form: &str) -> Webhook {
        let webhook = json!({
            "url": "https://b.example", "form": form, "metadata": {"mine": 1},
            "events": ["started", "progress", "done", "failed", "cancelled"],
        });
        let request = json!({"url": "https://a.example", "webhook": webhook});
        CrawlRequest::from_value(request).unwrap().webhook.unwrap()
    }

    /// So many pages, and the end.
    fn events(pages: u64) -> Vec<Told> {
        let page = |number| {
            Event::Progress(Box::new(Progress {
                at: AT,
                url: format!("https://a.example/{number}"),
                depth: 0,
                referrer: None,
                result: PageResult::Fetched(Box::new(Fetched {
                    status: 200,
                    ..Fetched::default()
                })),
                counts: Counts::default(),
                percent: 0,
            }))
        };
        let done = Event::Done(Ended {
            at: AT,
            counts: Counts::default(),
            elapsed_ms: 1,
            reason: "complete".into(),
        });
        let told = |(index, event): (u64, Event)| {
            let id = EventId::new(Attempt(1), Position(index));
            let bytes = sse::encode(&event, id).frame;
            Told::from(Frame { id, bytes })
        };
        let events = (1..=pages).map(page).chain([done]);
        (1..).zip(events).map(told).collect()
    }

    /// Every post of these events, in order.
    fn posts(mut events: &[Told], webhook: &Webhook) -> Vec<Value> {
        let mut posts = Vec::new();
        while let Some(batch) = Batch::new(ChannelId::mint(), events, None, webhook) {
            posts.push(serde_json::from_slice(&batch.body.unwrap()).unwrap());
            let taken = events
                .iter()
                .take_while(|told| told.id.position <= batch.last.position)
                .count();
            events = &events[taken..];
        }
        posts
    }

    #[test]
    fn pages_come_in_tens_and_the_end_by_itself() {
        let posts = posts(&events(23), &webhook("firecrawl"));
        let shape: Vec<(&str, usize)> = posts
            .iter()
            .map(|post| {
                (
                    post["type"].as_str().unwrap(),
                    post["data"].as_array().unwrap().len(),
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                ("crawl.page", 10),
                ("crawl.page", 10),
                ("crawl.page", 3),
                ("crawl.completed", 0)
            ]
        );
        assert_eq!(posts[0]["success"], true);
        assert_eq!(posts[0]["metadata"], json!({"mine": 1}));
        assert_eq!(
            posts[0]["data"][0]["metadata"]["sourceURL"],
            "https://a.example/1"
        );
    }

    #[test]
    fn a_batch_is_called_so() {
        let posts = posts(&events(1), &webhook("firecrawlBatch"));
        assert_eq!(posts[0]["type"], "batch_scrape.page");
        assert_eq!(posts[1]["type"], "batch_scrape.completed");
    }
}
