//! The bound of every text in an event.
//!
//! Much of an event is what a stranger's server wrote into a header or a page. Whatever its length, no text takes more
//! than [`MAX_TEXT_BYTES`] of a frame, so that what is left is for the formats. A text that identifies something (a URL, an
//! `ETag`) is left out when it is longer, for half of it would identify something else; any other is cut.

use std::borrow::Cow;

use super::text::{cut_text, json_length};
use crate::Event;
use crate::event::{Fetched, PageResult, Progress};
use crate::numbers::MAX_TEXT_BYTES;

/// The event with every text within its bound. Formats and the request in `started` have bounds of their own.
pub(super) fn bounded(event: &Event) -> Cow<'_, Event> {
    if texts_fit(event) {
        return Cow::Borrowed(event);
    }
    let mut event = event.clone();
    match &mut event {
        Event::Started(started) => cut(&mut started.worker),
        Event::Progress(progress) => bound_progress(progress),
        Event::Skipped(skipped) => {
            cut(&mut skipped.url);
            leave_out(&mut skipped.duplicate_of);
        }
        Event::Notice(notice) => cut(&mut notice.text),
        Event::Resumed(resumed) => cut(&mut resumed.worker),
        Event::Done(ended) | Event::Cancelled(ended) | Event::Failed(ended) => {
            cut(&mut ended.reason);
        }
    }
    Cow::Owned(event)
}

/// True if every text is within its bound, as in nearly every event.
fn texts_fit(event: &Event) -> bool {
    let fit = |texts: &[&Option<String>]| texts.iter().all(|text| optional_fits(text));
    match event {
        Event::Started(started) => fits(&started.worker),
        Event::Progress(progress) => {
            fits(&progress.url)
                && optional_fits(&progress.referrer)
                && match &progress.result {
                    PageResult::Failed { error } => fits(&error.message),
                    PageResult::Fetched(page) => {
                        fit(&[
                            &page.content_type,
                            &page.title,
                            &page.redirected_to,
                            &page.duplicate_of,
                            &page.sha256,
                            &page.etag,
                            &page.last_modified,
                        ]) && page.formats.metadata.as_ref().is_none_or(|metadata| {
                            fit(&[
                                &metadata.title,
                                &metadata.description,
                                &metadata.language,
                                &metadata.canonical,
                                &metadata.charset,
                                &metadata.favicon,
                                &metadata.robots,
                                &metadata.published_time,
                                &metadata.modified_time,
                            ])
                        })
                    }
                }
        }
        Event::Skipped(skipped) => fits(&skipped.url) && optional_fits(&skipped.duplicate_of),
        Event::Notice(notice) => fits(&notice.text),
        Event::Resumed(resumed) => fits(&resumed.worker),
        Event::Done(ended) | Event::Cancelled(ended) | Event::Failed(ended) => fits(&ended.reason),
    }
}

fn bound_progress(progress: &mut Progress) {
    cut(&mut progress.url);
    leave_out(&mut progress.referrer);
    match &mut progress.result {
        PageResult::Failed { error } => cut(&mut error.message),
        PageResult::Fetched(page) => bound_page(page),
    }
}

fn bound_page(page: &mut Fetched) {
    for identity in [
        &mut page.redirected_to,
        &mut page.duplicate_of,
        &mut page.sha256,
        &mut page.etag,
        &mut page.last_modified,
    ] {
        leave_out(identity);
    }
    cut_optional(&mut page.content_type);
    cut_optional(&mut page.title);
    if let Some(metadata) = &mut page.formats.metadata {
        leave_out(&mut metadata.canonical);
        leave_out(&mut metadata.favicon);
        for text in [
            &mut metadata.title,
            &mut metadata.description,
            &mut metadata.language,
            &mut metadata.charset,
            &mut metadata.robots,
            &mut metadata.published_time,
            &mut metadata.modified_time,
        ] {
            cut_optional(text);
        }
    }
}

fn fits(text: &str) -> bool {
    // No character takes more than six bytes for each of its own.
    text.len() * 6 + 2 <= MAX_TEXT_BYTES || json_length(text) <= MAX_TEXT_BYTES
}

fn optional_fits(text: &Option<String>) -> bool {
    text.as_ref().is_none_or(|text| fits(text))
}

fn cut(text: &mut String) {
    if !fits(text) {
        *text = cut_text(text, MAX_TEXT_BYTES);
    }
}

fn cut_optional(text: &mut Option<String>) {
    if let Some(text) = text {
        cut(text);
    }
}

fn leave_out(identity: &mut Option<String>) {
    if !optional_fits(identity) {
        *identity = None;
    }
}
