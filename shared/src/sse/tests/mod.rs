mod any;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use self::any::any_event;
use super::text::cut_text;
use super::*;
use crate::CrawlRequest;
use crate::event::{
    Bye, ByeReason, Ended, ErrorCode, FetchFailure, Fetched, Heading, MAX_LISTED_BYTES, Notice,
    NoticeCode, OpenGraphValue, PageFormats, PageMetadata, PageResult, Progress, Resumed,
    SkipReason, Skipped, Started,
};
use crate::numbers::MAX_FRAME_BYTES;
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

/// The events that an independent decoder reads from the bytes.
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

#[test]
fn metadata_that_is_too_much_for_an_event_is_cut_there_and_whole_beside() {
    let heading = |number: usize| Heading {
        level: 2,
        text: format!("Heading {number}"),
    };
    let metadata = PageMetadata {
        description: Some("d".repeat(2000)),
        open_graph: [("title".to_owned(), OpenGraphValue::One("t".to_owned()))].into(),
        headings: (0..20).map(heading).collect(),
        json_ld: vec!["{}".to_owned(), "x".repeat(20_000)],
        ..PageMetadata::default()
    };
    let links: Vec<String> = (0..500)
        .map(|n| format!("https://example.com/{n}"))
        .collect();
    let formats = PageFormats {
        metadata: Some(metadata.clone()),
        outlinks: Some(links.clone()),
        text: Some("a \"text\"".to_owned()),
        ..PageFormats::default()
    };
    let event = page(formats, "t");

    let encoded = encode(&event, ID);

    let shown: Event = serde_json::from_slice(data(&encoded.frame).unwrap()).unwrap();
    let Event::Progress(shown) = shown else {
        panic!("a page")
    };
    let PageResult::Fetched(shown) = shown.result else {
        panic!("fetched")
    };
    assert!(shown.truncated);
    assert_eq!(shown.formats.outlinks, Some(links), "all else is whole");
    assert_eq!(shown.formats.text.as_deref(), Some("a \"text\""));
    let cut = shown.formats.metadata.unwrap();
    assert_eq!(cut.json_ld, ["{}"], "what fits is there");
    let expected = PageMetadata {
        json_ld: cut.json_ld.clone(),
        ..metadata
    };
    assert_eq!(cut, expected);
    assert!(cut.listed_bytes() <= MAX_LISTED_BYTES);
    let whole: Event = serde_json::from_slice(&encoded.whole.unwrap()).unwrap();
    assert_eq!(whole, event);
}

proptest! {
    #[test]
    fn no_payload_forges_a_line_or_a_frame(text in any::<String>(), title in "[\\PC\r\n\0\u{2028}\u{85}\u{feff}:]{0,40}") {
        for event in [notice(&text), page(PageFormats { text: Some(text.clone()), ..PageFormats::default() }, &title)] {
            let frame = encode(&event, ID).frame;
            prop_assert!(!frame.contains(&b'\r') && !frame.contains(&0));
            for separator in ["\u{85}", "\u{2028}", "\u{2029}"] {
                prop_assert!(!frame.windows(separator.len()).any(|at| at == separator.as_bytes()));
            }
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

    #[test]
    fn no_frame_is_larger_than_the_limit(event in any_event()) {
        let encoded = encode(&event, ID);
        prop_assert!(encoded.frame.len() <= MAX_FRAME_BYTES, "{} of {}", encoded.frame.len(), event.name());
        prop_assert!(serde_json::from_slice::<Event>(data(&encoded.frame).unwrap()).is_ok());
    }
}

/// The patterns alone nearly fill the frame, and beside them there is no room for the one start page that always stays.
#[test]
fn a_long_start_page_beside_many_patterns_is_within_the_limit() {
    let pattern = "\u{85}".repeat(250);
    for label in (1900..2400).step_by(25) {
        let request = CrawlRequest::from_value(serde_json::json!({
            "urls": [format!("https://example.com/{}", "a".repeat(1900))],
            "includePaths": vec![&pattern; 55],
            "excludePaths": vec![&pattern; 55],
            "trapExemptions": vec![&pattern; 55],
            "metadata": { "label": "\u{85}".repeat(label) },
        }))
        .expect("within its limits");
        let event = Event::Started(Box::new(Started {
            at: Timestamp::from_millis(0),
            attempt: Attempt(1),
            worker: String::new(),
            metadata: request.metadata.clone(),
            request,
        }));
        let encoded = encode(&event, ID);
        assert!(encoded.whole.is_some(), "cut");
        assert!(
            encoded.frame.len() <= MAX_FRAME_BYTES,
            "{}",
            encoded.frame.len()
        );
    }
}

#[test]
fn line_separators_are_escaped_and_read_back_unchanged() {
    let text = "a\u{85}b\u{2028}c\u{2029}d\u{2019}é";
    let event = notice(text);
    let frame = encode(&event, ID).frame;
    let line = std::str::from_utf8(data(&frame).unwrap()).unwrap();
    assert!(
        line.contains(
            r"a\u0085b\u2028c\u2029d\u{2019}é"
                .replace(r"\u{2019}", "\u{2019}")
                .as_str()
        ),
        "{line}"
    );
    assert_eq!(serde_json::from_str::<Event>(line).unwrap(), event);
}

#[test]
fn half_of_what_identifies_something_is_left_out() {
    let long = "x".repeat(300_000);
    let fetched = Fetched {
        content_type: Some(long.clone()),
        etag: Some(long.clone()),
        redirected_to: Some(long),
        ..Fetched::default()
    };
    let event = progress(
        "https://example.com/".to_owned(),
        None,
        PageResult::Fetched(Box::new(fetched)),
    );
    let frame = encode(&event, ID).frame;
    let Ok(Event::Progress(shown)) = serde_json::from_slice(data(&frame).unwrap()) else {
        panic!("a page")
    };
    let PageResult::Fetched(page) = shown.result else {
        panic!("fetched")
    };
    assert_eq!((page.etag, page.redirected_to), (None, None));
    assert!(page.content_type.is_some_and(|cut| cut.len() > 1000));
}

fn progress(url: String, referrer: Option<String>, result: PageResult) -> Event {
    Event::Progress(Box::new(Progress {
        at: Timestamp::from_millis(0),
        url,
        depth: 0,
        referrer,
        result,
        counts: Counts::default(),
        percent: 0,
    }))
}

#[test]
fn a_page_with_a_large_format_has_a_gist_without_it() {
    let html = PageFormats {
        html: Some("x".repeat(50_000)),
        ..PageFormats::default()
    };
    let gist = encode(&page(html, "A title"), ID).gist.unwrap();
    let bare = encode(&page(PageFormats::default(), "A title"), ID);
    assert_eq!(gist, data(&bare.frame).unwrap());
}

#[test]
fn an_event_whose_formats_are_small_has_no_gist() {
    let html = PageFormats {
        html: Some("x".into()),
        ..PageFormats::default()
    };
    assert_eq!(encode(&page(html, "A title"), ID).gist, None);
    assert_eq!(encode(&notice("a notice"), ID).gist, None);
}
