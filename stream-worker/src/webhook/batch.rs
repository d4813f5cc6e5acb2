//! The body of one post: consecutive events of one job.

use bytes::Bytes;
use shared::request::Webhook;
use shared::{ChannelId, EventId, Frame, Position, Terminal, sse};

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

impl Batch {
    /// As many of `frames` as one post may have, and none beyond `through`; nothing if there is none.
    pub(super) fn new(
        channel: ChannelId,
        frames: &[Frame],
        through: Option<Position>,
        webhook: &Webhook,
    ) -> Option<Self> {
        let mut body = format!("{{\"channelId\":\"{channel}\",\"events\":[").into_bytes();
        let (mut last, mut first, mut wanted) = (None, None, 0);
        for frame in frames {
            if wanted == MAX_EVENTS || through.is_some_and(|through| frame.id.position > through) {
                break;
            }
            last = Some(frame);
            let (Some(name), Some(data)) = (sse::name(&frame.bytes), sse::data(&frame.bytes))
            else {
                continue;
            };
            if webhook.wants(name) {
                let separator = if wanted == 0 { "" } else { "," };
                let head = format!(
                    "{separator}{{\"id\":\"{}\",\"event\":\"{name}\",\"data\":",
                    frame.id
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(data);
                body.push(b'}');
                first.get_or_insert(frame.id);
                wanted += 1;
            }
        }
        body.extend_from_slice(b"]}");
        let last = last?;
        let is_end = sse::name(&last.bytes)
            .and_then(Terminal::of_event)
            .is_some();
        Some(Self {
            last: last.id,
            is_end,
            id: first.map_or_else(String::new, |first| format!("{channel}/{first}")),
            body: (wanted > 0).then(|| body.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::event::{Ended, Notice, NoticeCode};
    use shared::{Attempt, Counts, CrawlRequest, Event, EventId, Timestamp};

    use super::*;

    fn webhook(events: &[&str]) -> Webhook {
        let webhook = json!({"url": "https://b.example", "events": events});
        let request = json!({"url": "https://a.example", "webhook": webhook});
        CrawlRequest::from_value(request).unwrap().webhook.unwrap()
    }

    /// So many notices, and the end.
    fn frames(notices: u64) -> Vec<Frame> {
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
            Frame {
                id,
                bytes: sse::encode(&event, id).frame,
            }
        };
        events.enumerate().map(frame).collect()
    }

    fn body(batch: &Batch) -> Value {
        serde_json::from_slice(batch.body.as_ref().unwrap()).unwrap()
    }

    #[test]
    fn a_batch_has_what_is_wanted_as_the_stream_has_it() {
        let channel = ChannelId::mint();
        let batch = Batch::new(channel, &frames(2), None, &webhook(&["notice", "done"])).unwrap();
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
        let batch = Batch::new(ChannelId::mint(), &frames(2), None, &webhook(&["failed"])).unwrap();
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
            &frames(9),
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
            Batch::new(ChannelId::mint(), &frames(250), None, &webhook(&["notice"])).unwrap();
        assert_eq!((batch.last.position, batch.is_end), (Position(100), false));
        assert_eq!(body(&batch)["events"].as_array().unwrap().len(), 100);
    }
}
