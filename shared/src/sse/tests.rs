use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;
use crate::event::{Bye, ByeReason, Ended, Notice, NoticeCode};
use crate::{Attempt, Counts, Position, Timestamp};

const ID: EventId = EventId::new(Attempt(3), Position(77));

fn notice(text: &str) -> Event {
    Event::Notice(Notice {
        at: Timestamp::from_millis(0),
        code: NoticeCode::BackOff,
        text: text.to_owned(),
    })
}

fn page(formats: PageFormats, title: &str) -> Event {
    Event::Progress(Box::new(Progress {
        at: Timestamp::from_millis(0),
        url: "https://example.com/".into(),
        depth: 0,
        referrer: None,
        result: PageResult::Fetched(Box::new(Fetched {
            status: 200,
            title: Some(title.to_owned()),
            formats,
            ..Fetched::default()
        })),
        counts: Counts::default(),
        percent: 0,
    }))
}

/// What an independent decoder makes of the bytes.
fn decode(bytes: &[u8]) -> Vec<sse_stream::Sse> {
    let chunks = http_chunks(bytes);
    let mut stream = pin!(sse_stream::SseByteStream::new(chunks));
    let mut events = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    loop {
        let mut next = pin!(futures_util::StreamExt::next(&mut stream));
        match next.as_mut().poll(&mut context) {
            Poll::Ready(Some(event)) => events.push(event.unwrap()),
            Poll::Ready(None) => return events,
            Poll::Pending => panic!("the bytes are all there"),
        }
    }
}

fn http_chunks(body: &[u8]) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    futures_util::stream::iter(
        body.chunks(7)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn a_frame_has_its_lines_in_the_order_that_survives_a_cut() {
    let ended = Ended {
        at: Timestamp::from_millis(0),
        counts: Counts::default(),
        elapsed_ms: 5,
        reason: "complete".into(),
    };
    let frame = encode(&Event::Done(ended), ID).frame;
    insta::assert_snapshot!(std::str::from_utf8(&frame).unwrap(), @r#"
    event:done
    data:{"type":"done","at":"1970-01-01T00:00:00.000Z","counts":{"discovered":0,"fetched":0,"failed":0,"skipped":0,"queued":0,"inFlight":0},"elapsedMs":5,"reason":"complete"}
    retry:86400000
    id:3-77
    "#);
    assert!(frame.ends_with(b"\n\n"));
}

#[test]
fn an_aside_repeats_the_cursor_and_carries_retry() {
    let bye = Aside::Bye(Bye {
        at: Timestamp::from_millis(0),
        reason: ByeReason::Drain,
    });
    let frame = encode_aside(&bye, Some(Duration::from_millis(2345)), EventId::START);
    let events = decode(&frame);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event.as_deref(), Some("bye"));
    assert_eq!(events[0].id.as_deref(), Some("0-0"));
    assert_eq!(events[0].retry, Some(2345));
}

#[test]
fn a_page_too_large_for_a_frame_is_cut_and_kept_whole_beside() {
    let formats = PageFormats {
        html: Some("<\"ü\u{1}>".repeat(100_000)),
        text: Some("word ".repeat(50_000)),
        outlinks: Some(
            (0..5_000)
                .map(|n| format!("https://example.com/{n}"))
                .collect(),
        ),
        ..PageFormats::default()
    };
    let event = page(formats, "t");
    let encoded = encode(&event, ID);
    assert!(
        encoded.frame.len() <= MAX_FRAME_BYTES,
        "{}",
        encoded.frame.len()
    );
    assert!(
        encoded.frame.len() > MAX_FRAME_BYTES * 9 / 10,
        "{}",
        encoded.frame.len()
    );
    let shown: Event = serde_json::from_slice(data(&encoded.frame).unwrap()).unwrap();
    let Event::Progress(shown) = shown else {
        panic!("a page")
    };
    let PageResult::Fetched(shown) = shown.result else {
        panic!("fetched")
    };
    assert!(shown.truncated);
    let whole: Event = serde_json::from_slice(&encoded.whole.unwrap()).unwrap();
    assert_eq!(whole, event);
}

proptest! {
    #[test]
    fn no_payload_forges_a_line_or_a_frame(text in any::<String>(), title in "[\\PC\r\n\0\u{2028}\u{85}\u{feff}:]{0,40}") {
        for event in [notice(&text), page(PageFormats { text: Some(text.clone()), ..PageFormats::default() }, &title)] {
            let frame = encode(&event, ID).frame;
            prop_assert!(!frame.contains(&b'\r') && !frame.contains(&0));
            let decoded = decode(&frame);
            prop_assert_eq!(decoded.len(), 1);
            prop_assert_eq!(decoded[0].id.as_deref(), Some("3-77"));
            prop_assert_eq!(decoded[0].event.as_deref(), Some(event.name()));
            let read: Event = serde_json::from_str(decoded[0].data.as_deref().unwrap()).unwrap();
            prop_assert_eq!(&read, &event);
            let read: Event = serde_json::from_slice(data(&frame).unwrap()).unwrap();
            prop_assert_eq!(&read, &event);
            prop_assert_eq!(name(&frame), Some(event.name()));
        }
    }

    #[test]
    fn a_cut_text_takes_no_more_than_its_budget(text in any::<String>(), budget in 2_usize..200) {
        prop_assert!(json(&cut_text(&text, budget)).len() <= budget);
    }
}
