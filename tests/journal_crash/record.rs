//! The steps that the killed process writes: each a function of its number, so that the reopened journal can be held against
//! them without any other note.

use std::sync::Arc;

use shared::Clock;
use shared::event::{Notice, NoticeCode};
use shared::{ChannelId, Counts, Event, Timestamp};
use store::journal::{EmbeddedConfig, EmbeddedJournal, Journal, Ordinal, Pending};
use store::sqlite::{DataDir, unobserved};

/// Jobs that are written at the same time.
pub(crate) const JOBS: u8 = 6;
/// Events of each step.
pub(crate) const EVENTS_PER_STEP: u64 = 3;

pub(crate) fn open(path: &str) -> Arc<dyn Journal> {
    let dir = DataDir::open(path).unwrap();
    let config = EmbeddedConfig::default();
    Arc::new(
        EmbeddedJournal::open(
            &dir,
            config,
            Clock::new(|| std::time::SystemTime::now().into()),
            unobserved(),
        )
        .unwrap(),
    )
}

pub(crate) const fn channel(job: u8) -> ChannelId {
    ChannelId::from_bytes([job; 16])
}

pub(crate) fn events(job: u8, step: u64) -> Vec<Event> {
    let notice = |number| {
        Event::Notice(Notice {
            at: Timestamp::from_millis(0),
            code: NoticeCode::LinksCut,
            text: format!("job {job} step {step} event {number}").repeat(4),
        })
    };
    (0..EVENTS_PER_STEP).map(notice).collect()
}

/// Each step finds two URLs and completes the one with its own number.
pub(crate) fn discovered(step: u64) -> impl Iterator<Item = Pending> {
    (2 * step - 1..=2 * step).map(|ordinal| Pending {
        ordinal: Ordinal(ordinal),
        url: format!("https://example.com/{ordinal}"),
        depth: 1,
        referrer: None,
    })
}

pub(crate) const fn counts(steps: u64) -> Counts {
    Counts {
        discovered: 2 * steps,
        fetched: steps,
        failed: 0,
        skipped: 0,
        queued: steps,
        in_flight: 0,
    }
}
