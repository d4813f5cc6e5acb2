//! Any event, with texts of any length.

use proptest::prelude::*;

use super::*;

/// A text of any length up to more than a frame, of characters that take one to six bytes in JSON.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "x",
        "\"",
        "\u{1}",
        "\u{2028}",
        "\u{85}",
        "ü",
        "\u{1f600}",
    ]);
    let times = prop::sample::select(vec![0_usize, 1, 100, 2_000, 50_000, 300_000]);
    (piece, times).prop_map(|(piece, times)| piece.repeat(times))
}

prop_compose! {
    fn any_page()(texts in prop::collection::vec(prop::option::of(any_text()), 22), lists in prop::collection::vec(any_text(), 0..3),
        links in 0_usize..20_000) -> PageResult {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().expect("there are enough");
        let heading = |text: &String| Heading { level: 1, text: text.clone() };
        let property = |text: &String| (text.clone(), OpenGraphValue::Many(lists.clone()));
        PageResult::Fetched(Box::new(Fetched {
            content_type: text(),
            title: text(),
            redirected_to: text(),
            duplicate_of: text(),
            sha256: text(),
            etag: text(),
            last_modified: text(),
            formats: PageFormats {
                metadata: Some(PageMetadata {
                    description: text(),
                    language: text(),
                    canonical: text(),
                    charset: text(),
                    title: text(),
                    favicon: text(),
                    robots: text(),
                    published_time: text(),
                    modified_time: text(),
                    keywords: lists.clone(),
                    open_graph: lists.iter().take(2).map(property).collect(),
                    headings: lists.iter().map(heading).collect(),
                    json_ld: lists.clone(),
                }),
                outlinks: Some(vec!["https://example.com/\u{2028}".to_owned(); links]),
                images: Some(vec!["https://example.com/\u{2028}".to_owned(); links / 7]),
                markdown: text(),
                text: text(),
                html: text(),
                raw_html: text(),
                clean_html: text(),
            },
            ..Fetched::default()
        }))
    }
}

prop_compose! {
    /// As large as a message from the queue may be, not only as a front would let through.
    fn any_request()(seeds in 1_usize..1000, path in 0_usize..1000, patterns in 0_usize..100, label in 0_usize..8_000) -> CrawlRequest {
        let pattern = "\u{85}".repeat(250);
        CrawlRequest::from_value(serde_json::json!({
            "urls": vec![format!("https://example.com/{}", "a".repeat(path)); seeds],
            "includePaths": vec![&pattern; patterns],
            "excludePaths": vec![&pattern; patterns],
            "trapExemptions": vec![&pattern; patterns],
            "metadata": {"label": "\u{85}".repeat(label)},
        })).expect("within its limits")
    }
}

pub(super) fn any_event() -> impl Strategy<Value = Event> {
    let at = Timestamp::from_millis(0);
    let ended = move |reason| Ended {
        at,
        counts: Counts::default(),
        elapsed_ms: 0,
        reason,
    };
    prop_oneof![
        (any_text(), prop::option::of(any_text()), any_page())
            .prop_map(|(url, referrer, page)| progress(url, referrer, page)),
        (any_text(), prop::option::of(any_text()), any_text()).prop_map(
            |(url, referrer, message)| {
                progress(
                    url,
                    referrer,
                    PageResult::Failed {
                        error: FetchFailure {
                            code: ErrorCode::Tls,
                            message,
                            status: None,
                        },
                    },
                )
            }
        ),
        (any_text(), prop::option::of(any_text())).prop_map(move |(url, duplicate_of)| {
            Event::Skipped(Skipped {
                at,
                url,
                reason: SkipReason::Trap,
                duplicate_of,
            })
        }),
        any_text().prop_map(|text| notice(&text)),
        any_text().prop_map(move |worker| Event::Resumed(Resumed {
            at,
            attempt: Attempt(2),
            worker
        })),
        any_text().prop_map(move |reason| Event::Done(ended(reason))),
        any_text().prop_map(move |reason| Event::Failed(ended(reason))),
        (any_request(), any_text()).prop_map(move |(request, worker)| {
            let metadata = request.metadata.clone();
            Event::Started(Box::new(Started {
                at,
                attempt: Attempt(1),
                worker,
                request,
                metadata,
            }))
        }),
    ]
}
