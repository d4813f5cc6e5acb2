//! Cutting an event that is too large for one frame: which of its parts are shortened or left out, in which order.

use serde::Serialize;

use super::text::{cut_list, cut_text, json};
use crate::Event;
use crate::event::{
    Fetched, MAX_LISTED_BYTES, PageFormats, PageMetadata, PageResult, Progress, Started,
};
use crate::numbers::MAX_FRAME_BYTES;
use crate::request::CrawlRequest;

/// Bytes of a heading in JSON beside its text.
const HEADING: usize = r#"{"level":1,"text":}"#.len();

/// Room for `"truncated":true` and the empty forms of what was cut.
const SLACK: usize = 256;

/// True if an event's frame of `size` bytes has to be cut.
pub(super) fn is_too_large(event: &Event, size: usize) -> bool {
    size > MAX_FRAME_BYTES || lists_too_much(event)
}

fn lists_too_much(event: &Event) -> bool {
    let Event::Progress(progress) = event else {
        return false;
    };
    let PageResult::Fetched(fetched) = &progress.result else {
        return false;
    };
    let metadata = fetched.formats.metadata.as_ref();
    metadata.is_some_and(|metadata| metadata.listed_bytes() > MAX_LISTED_BYTES)
}

/// The event cut so far that its frame, `size` bytes now, fits. Every text is within its bound already.
pub(super) fn cut(event: &Event, size: usize) -> Event {
    match event {
        Event::Started(started) => Event::Started(Box::new(cut_request(started, size))),
        Event::Progress(progress) => Event::Progress(Box::new(cut_formats(progress, size))),
        Event::Skipped(_)
        | Event::Notice(_)
        | Event::Resumed(_)
        | Event::Done(_)
        | Event::Cancelled(_)
        | Event::Failed(_) => event.clone(),
    }
}

/// The event with a request that fits. Start pages go first, then patterns, selectors, the webhook and labels. The status has the
/// request whole.
fn cut_request(started: &Started, size: usize) -> Started {
    let mut cut = started.clone();
    // The labels stand beside the request as well.
    let labels = json(&cut.request.metadata).len();
    cut.request.metadata.clear();
    let seeds = json(&cut.request.urls).len();
    let others = size - labels - seeds;
    // One start page always stays, however long it is.
    let first = json(&cut.request.urls.first()).len();
    cut_seeds(&mut cut.request, others);
    if others + first + SLACK > MAX_FRAME_BYTES {
        cut.request.include_paths.clear();
        cut.request.exclude_paths.clear();
        cut.request.trap_exemptions.clear();
        cut.request.include_tags.clear();
        cut.request.exclude_tags.clear();
        cut.request.drop_query_parameters.clear();
        cut.request.webhook = None;
        cut.request.headers_for.clear();
        cut.metadata.clear();
        cut_seeds(&mut cut.request, MAX_FRAME_BYTES / 2);
    }
    cut
}

/// As many start pages as fit beside `others` bytes, and one at least: a request has one.
fn cut_seeds(request: &mut CrawlRequest, others: usize) {
    let budget = MAX_FRAME_BYTES.saturating_sub(others + SLACK);
    let seeds = cut_list(&request.urls, budget);
    request.urls.truncate(seeds.len().max(1));
}

fn cut_formats(progress: &Progress, size: usize) -> Progress {
    let PageResult::Fetched(fetched) = &progress.result else {
        return progress.clone();
    };
    let formats = &fetched.formats;
    let metadata = formats.metadata.as_ref().map(cut_lists);
    let cut_off = encoded_size(&formats.metadata).saturating_sub(encoded_size(&metadata));
    let lists = [&formats.outlinks, &formats.images];
    let texts = [
        &formats.markdown,
        &formats.text,
        &formats.html,
        &formats.raw_html,
        &formats.clean_html,
    ];
    let all = lists.map(encoded_size).iter().sum::<usize>()
        + texts.map(encoded_size).iter().sum::<usize>();
    let budget = MAX_FRAME_BYTES
        .saturating_sub(size - cut_off - all)
        .saturating_sub(SLACK);
    // Whole, if only metadata was too much.
    let share = |part: usize| part.min(budget * part / all.max(1));
    let list = |list: &Option<Vec<String>>| {
        let size = encoded_size(list);
        // A list is one separator shorter than its items are counted.
        list.as_ref().map(|list| cut_list(list, share(size) + 1))
    };
    let text = |text: &Option<String>| {
        let size = encoded_size(text);
        text.as_ref().map(|text| cut_text(text, share(size)))
    };
    let formats = PageFormats {
        metadata,
        outlinks: list(&formats.outlinks),
        images: list(&formats.images),
        markdown: text(&formats.markdown),
        text: text(&formats.text),
        html: text(&formats.html),
        raw_html: text(&formats.raw_html),
        clean_html: text(&formats.clean_html),
    };
    let result = PageResult::Fetched(Box::new(Fetched {
        formats,
        truncated: true,
        ..fetched.as_ref().clone()
    }));
    Progress {
        result,
        ..progress.clone()
    }
}

/// The metadata with lists that fit into an event: what is smallest and asked for most comes first.
fn cut_lists(metadata: &PageMetadata) -> PageMetadata {
    let mut room = MAX_LISTED_BYTES;
    let mut fits = |bytes: usize| {
        let left = room.checked_sub(bytes);
        room = left.unwrap_or(room);
        left.is_some()
    };
    let mut cut = metadata.clone();
    cut.open_graph.retain(|name, value| {
        let values: usize = value.all().iter().map(encoded).sum();
        fits(encoded(name) + values)
    });
    cut.keywords.retain(|keyword| fits(encoded(keyword)));
    cut.headings
        .retain(|heading| fits(encoded(&heading.text) + HEADING));
    cut.json_ld.retain(|json| fits(encoded(json)));
    cut
}

fn encoded<T: Serialize>(part: &T) -> usize {
    json(part).len() + 1
}

fn encoded_size<T: Serialize>(part: &Option<T>) -> usize {
    part.as_ref().map_or(0, |part| json(part).len())
}
