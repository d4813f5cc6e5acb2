//! A log writer and a log reader, on any journal.

use shared::event::Ended;
use shared::{Counts, Event, EventId, JobState, Timestamp};

use super::World;
use super::world::{id, is_lost, notice};
use crate::journal::{JournalError, LogReader, LogWriter};

async fn append(writer: &mut LogWriter, texts: &[&str]) -> Result<(), JournalError> {
    let events: Vec<_> = texts.iter().map(|text| notice(text)).collect();
    let counts = Counts::default();
    writer.append(&events, Vec::new(), Vec::new(), counts).await
}

pub(crate) async fn a_log_writer_numbers_events_and_moves_on_only_on_success(world: World) {
    let pen = world.begin().await;
    let mut writer = LogWriter::new(world.journal.clone(), pen.lease.clone(), EventId::START);
    append(&mut writer, &["a", "b"]).await.unwrap();
    append(&mut writer, &[]).await.unwrap();
    append(&mut writer, &["c"]).await.unwrap();
    assert_eq!(writer.head(), id(1, 3));
    let frames = world.read(pen.channel(), EventId::START, 1 << 20);
    for (frame, (position, text)) in frames.await.iter().zip([(1, "a"), (2, "b"), (3, "c")]) {
        assert_eq!(frame.id, id(1, position));
        assert_eq!(
            frame.bytes,
            shared::sse::encode(&notice(text), frame.id).frame
        );
    }
    let counts = Counts::default();
    let done = [Event::Done(Ended {
        at: Timestamp::from_millis(0),
        counts,
        elapsed_ms: 1,
        reason: "complete".into(),
    })];
    let end = writer.append(&done, Vec::new(), Vec::new(), counts);
    end.await.unwrap();
    assert_eq!(world.state(pen.channel()).await, JobState::Done);
    assert!(is_lost(&append(&mut writer, &["late"]).await));
    assert_eq!(writer.head(), id(1, 4));
}

pub(crate) async fn a_log_writer_may_repeat_an_append_that_was_dropped(world: World) {
    let pen = world.begin().await;
    let mut writer = LogWriter::new(world.journal.clone(), pen.lease.clone(), EventId::START);
    // Polled once, so that the step is on its way, and then forgotten.
    let mut dropped = Box::pin(append(&mut writer, &["a", "b"]));
    assert!(futures_util::poll!(dropped.as_mut()).is_pending());
    drop(dropped);
    assert_eq!(writer.head(), EventId::START);
    append(&mut writer, &["a", "b"]).await.unwrap();
    append(&mut writer, &["c"]).await.unwrap();
    assert_eq!(world.positions(pen.channel()).await, [1, 2, 3]);
    assert_eq!(writer.head(), id(1, 3));
}

pub(crate) async fn a_log_writer_that_is_fenced_says_so(world: World) {
    let pen = world.begin().await;
    let mut writer = LogWriter::new(world.journal.clone(), pen.lease.clone(), EventId::START);
    append(&mut writer, &["a"]).await.unwrap();
    world.take_over(&pen).await.write(1).await;
    assert!(is_lost(&append(&mut writer, &["b"]).await));
    assert_eq!(writer.head(), id(1, 1));
    assert_eq!(world.head(pen.channel()).await, id(2, 2));
}

pub(crate) async fn a_log_reader_gives_each_event_once_and_goes_on_when_the_log_grows(
    world: World,
) {
    let mut pen = world.begin().await;
    pen.write(5).await;
    // So little that each page has one event.
    let mut reader = LogReader::new(world.journal.clone(), pen.channel(), 1);
    for position in 1..=5 {
        let page = reader.frames().await.unwrap();
        let ids: Vec<_> = page.iter().map(|frame| frame.id).collect();
        assert_eq!(ids, [id(1, position)]);
    }
    assert!(reader.frames().await.unwrap().is_empty());
    pen.write(1).await;
    let page = reader.whole_events().await.unwrap();
    let ids: Vec<_> = page.iter().map(|event| event.id).collect();
    assert_eq!(ids, [id(1, 6)]);
    assert_eq!(reader.last(), id(1, 6));
}
