//! Cutting an event that is too large for one frame: which of its parts are shortened or left out, in which order.

use serde::Serialize;

use super::text::{cut_list, cut_text, json};
use crate::Event;
use crate::event::{Fetched, PageFormats, PageResult, Progress, Started};
use crate::numbers::MAX_FRAME_BYTES;
use crate::request::CrawlRequest;

/// Room for `"truncated":true` and the empty forms of what was cut.
const SLACK: usize = 256;

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

/// Start pages go first, then patterns and labels. The status has the request whole.
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
    let all = encoded_size(&formats.html)
        + encoded_size(&formats.text)
        + encoded_size(&formats.markdown)
        + encoded_size(&formats.outlinks);
    let budget = MAX_FRAME_BYTES
        .saturating_sub(size - all)
        .saturating_sub(SLACK);
    let share = |part: usize| budget * part / all.max(1);
    let formats = PageFormats {
        metadata: formats.metadata.clone(),
        outlinks: formats
            .outlinks
            .as_ref()
            .map(|links| cut_list(links, share(encoded_size(&formats.outlinks)))),
        markdown: formats
            .markdown
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.markdown)))),
        text: formats
            .text
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.text)))),
        html: formats
            .html
            .as_ref()
            .map(|text| cut_text(text, share(encoded_size(&formats.html)))),
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

fn encoded_size<T: Serialize>(part: &Option<T>) -> usize {
    part.as_ref().map_or(0, |part| json(part).len())
}
