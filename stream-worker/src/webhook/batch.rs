//! The body of one post: consecutive events of one job.

use bytes::Bytes;
use shared::request::{Webhook, WebhookForm};
use shared::{ChannelId, EventId, Position, Terminal};

use super::firecrawl_body::FirecrawlBody;
use super::told::Told;

/// Events in one post at most.
const MAX_EVENTS: usize = 100;

/// Consecutive events, and the post of those that a webhook has asked for.
#[derive(Debug)]
pub(super) struct Batch {
    /// The last of the events, asked for or not.
    pub(super) last: EventId,
    /// True if that is the job's terminal event.
    pub(super) is_end: bool,
    /// Value of `webhook-id`: the same whenever the same events are posted.
    pub(super) id: String,
    /// Nothing if the webhook has asked for none of the events.
    pub(super) body: Option<Bytes>,
}

/// A body under construction, in the form that the webhook has asked for.
enum Body<'a> {
    Events(EventsBody),
    Firecrawl(FirecrawlBody<'a>),
}

impl Batch {
    /// As many of `events` as one post may have, and none beyond `through`; nothing if there is none.
    pub(super) fn new(
        channel: ChannelId,
        events: &[Told],
        through: Option<Position>,
        webhook: &Webhook,
    ) -> Option<Self> {
        let mut body = match webhook.form {
            WebhookForm::Events => Body::Events(EventsBody::new(channel)),
            WebhookForm::Firecrawl | WebhookForm::FirecrawlBatch => {
                Body::Firecrawl(FirecrawlBody::new(channel, webhook))
            }
        };
        let (mut last, mut first) = (None, None);
        for event in events {
            if through.is_some_and(|through| event.id.position > through) {
                break;
            }
            if webhook.wants(&event.name) {
                let is_taken = match &mut body {
                    Body::Events(body) => body.take(event),
                    Body::Firecrawl(body) => body.take(event),
                };
                if !is_taken {
                    break;
                }
                first.get_or_insert(event.id);
            }
            last = Some(event);
        }
        let last = last?;
        Some(Self {
            last: last.id,
            is_end: Terminal::of_event(&last.name).is_some(),
            id: first.map_or_else(String::new, |first| format!("{channel}/{first}")),
            body: first.map(|_first| match body {
                Body::Events(body) => body.finish(),
                Body::Firecrawl(body) => body.finish(),
            }),
        })
    }
}

/// Events as the stream has them.
struct EventsBody {
    bytes: Vec<u8>,
    count: usize,
}

impl EventsBody {
    fn new(channel: ChannelId) -> Self {
        Self {
            bytes: format!("{{\"channelId\":\"{channel}\",\"events\":[").into_bytes(),
            count: 0,
        }
    }

    /// Adds an event; false if the body is full.
    fn take(&mut self, event: &Told) -> bool {
        if self.count == MAX_EVENTS {
            return false;
        }
        let separator = if self.count == 0 { "" } else { "," };
        let Told { id, name, data } = event;
        let head = format!("{separator}{{\"id\":\"{id}\",\"event\":\"{name}\",\"data\":");
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(data);
        self.bytes.push(b'}');
        self.count += 1;
        true
    }

    fn finish(mut self) -> Bytes {
        self.bytes.extend_from_slice(b"]}");
        self.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::event::{Ended, Notice, NoticeCode};
    use shared::{Attempt, Counts, CrawlRequest, Event, EventId, Frame, Timestamp, sse};

    use super::*;

    fn webhook(events: &[&str]) -> Webhook {
        let webhook = json!({"url": "https://b.example", "events": events});
        let request = json!({"url": "https://a.example", "webhook": webhook});
        CrawlRequest::from_value(request).unwrap().webhook.unwrap()
    }

    /// So many notices, and the end.
    fn events(notices: u64) -> Vec<Told> {
        let at = Timestamp::from_millis(0);
        let notice = || {
            Event::Notice(Notice {
                at,
                code: NoticeCode::BackOff,
                text: "\"x\"\n".into(),
            })
        };
        let done = Event::Done(Ended {
            at,
            counts: Counts::default(),
            elapsed_ms: 1,
            reason: "complete".into(),
        });
        let events = (0..notices).map(|_| notice()).chain([done]);
        let frame = |(index, event): (usize, Event)| {
            let id = EventId::new(Attempt(1), Position(index as u64 + 1));
            Told::from(Frame {
                id,
                bytes: sse::encode(&event, id).frame,
            })
        };
        events.enumerate().map(frame).collect()
    }

    fn body(batch: &Batch) -> Value {
        serde_json::from_slice(batch.body.as_ref().unwrap()).unwrap()
    }

    #[test]
    fn a_batch_has_what_is_wanted_as_the_stream_has_it() {
        let channel = ChannelId::mint();
        let batch = Batch::new(channel, &events(2), None, &webhook(&["notice", "done"])).unwrap();
        assert_eq!((batch.last.position, batch.is_end), (Position(3), true));
        assert_eq!(batch.id, format!("{channel}/1-1"));
        let body = body(&batch);
        assert_eq!(body["channelId"], channel.to_string());
        assert_eq!(body["events"][1]["id"], "1-2");
        assert_eq!(body["events"][1]["data"]["text"], "\"x\"\n");
        assert_eq!(body["events"][2]["event"], "done");
    }

    #[test]
    fn what_nobody_asked_for_is_passed_over() {
        let batch = Batch::new(ChannelId::mint(), &events(2), None, &webhook(&["failed"])).unwrap();
        assert_eq!(
            (batch.last.position, batch.is_end, batch.body),
            (Position(3), true, None)
        );
    }

    #[test]
    fn a_batch_that_was_begun_ends_where_it_did() {
        let through = Some(Position(2));
        let batch = Batch::new(
            ChannelId::mint(),
            &events(9),
            through,
            &webhook(&["notice"]),
        );
        let batch = batch.unwrap();
        assert_eq!((batch.last.position, batch.is_end), (Position(2), false));
        assert_eq!(body(&batch)["events"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_batch_is_bounded() {
        let batch =
            Batch::new(ChannelId::mint(), &events(250), None, &webhook(&["notice"])).unwrap();
        assert_eq!((batch.last.position, batch.is_end), (Position(100), false));
        assert_eq!(body(&batch)["events"].as_array().unwrap().len(), 100);
    }
}
