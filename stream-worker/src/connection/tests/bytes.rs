//! The bytes given to a socket, cut anywhere, are the log.

use bytes::Bytes;
use proptest::prelude::*;
use shared::{Attempt, EventId, Frame, Position};

use crate::connection::batch::Batch;
use crate::connection::chunks::{Chunks, Delimiter};

/// A log whose frames differ, so that a byte that is lost or repeated shows.
fn log(lengths: &[usize]) -> Vec<Frame> {
    let frame = |(index, length): (usize, &usize)| Frame {
        id: EventId::new(Attempt(1), Position(index as u64 + 1)),
        bytes: (0..*length)
            .map(|byte| u8::try_from((index * 31 + byte) % 251).unwrap())
            .collect::<Vec<u8>>()
            .into(),
    };
    lengths.iter().enumerate().map(frame).collect()
}

fn joined(frames: &[Frame]) -> Vec<u8> {
    frames
        .iter()
        .flat_map(|frame| frame.bytes.to_vec())
        .collect()
}

/// A socket that takes at most `limit` bytes of one call.
fn write_some(batch: &mut Batch, chunks: &mut Chunks, limit: usize, out: &mut Vec<u8>) {
    let next = chunks.open(batch.left());
    let offered = batch.gather::<8, _>(&next, |slices| {
        slices
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect::<Vec<u8>>()
    });
    let taken = offered.len().min(limit);
    out.extend_from_slice(&offered[..taken]);
    batch.advance(chunks.advance(taken));
}

/// The data of a chunked body; nothing if a chunk is malformed.
fn decode(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let line = body.windows(2).position(|pair| pair == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).ok()?, 16).ok()?;
        body = &body[line + 2..];
        if size == 0 {
            return (body == b"\r\n").then_some(data);
        }
        data.extend_from_slice(body.get(..size)?);
        body = body[size..].strip_prefix(b"\r\n")?;
    }
}

/// One call: how much the socket takes, and whether the batch is given up after it and how much is read again then.
#[derive(Debug, Clone)]
struct Call {
    takes: usize,
    reads_again: Option<usize>,
}

fn call() -> impl Strategy<Value = Call> {
    (0_usize..80, prop::option::weighted(0.3, 1_usize..12))
        .prop_map(|(takes, reads_again)| Call { takes, reads_again })
}

/// Writes the whole log in `calls`, and then freely. Batches are dropped as a slow watcher's are, and what follows the
/// cursor is read again.
fn write_log(frames: &[Frame], calls: &[Call], chunks: &mut Chunks) -> Vec<u8> {
    let (mut out, mut calls) = (Vec::new(), calls.iter());
    let (mut cursor, mut part, mut budget) = (0, 0, frames.len());
    while cursor < frames.len() {
        let end = (cursor + budget).min(frames.len());
        let mut batch = Batch::new(frames[cursor..end].to_vec(), part);
        while !batch.is_out(chunks) {
            let call = calls.next();
            let takes = call.map_or(usize::MAX, |call| call.takes);
            write_some(&mut batch, chunks, takes, &mut out);
            if let Some(again) = call.and_then(|call| call.reads_again) {
                budget = again;
                break;
            }
        }
        cursor += batch.done();
        part = batch.progress().1;
        if chunks.needs_line_end() {
            write_some(&mut Batch::default(), chunks, usize::MAX, &mut out);
        }
    }
    out
}

proptest! {
    #[test]
    fn however_the_socket_cuts_it_a_chunked_body_is_the_log(lengths in prop::collection::vec(1_usize..50, 1..20), calls in prop::collection::vec(call(), 0..60)) {
        let frames = log(&lengths);
        let mut chunks = Chunks::new(Delimiter::LastChunk);
        let mut body = write_log(&frames, &calls, &mut chunks);
        prop_assert!(!chunks.is_begun());
        body.extend_from_slice(chunks.last());
        prop_assert_eq!(decode(&body), Some(joined(&frames)));
    }

    #[test]
    fn a_body_that_ends_with_its_socket_is_the_log_and_nothing_else(lengths in prop::collection::vec(1_usize..50, 1..20), calls in prop::collection::vec(call(), 0..60)) {
        let frames = log(&lengths);
        let mut chunks = Chunks::new(Delimiter::Close);
        let mut body = write_log(&frames, &calls, &mut chunks);
        body.extend_from_slice(chunks.last());
        prop_assert_eq!(body, joined(&frames));
    }

    #[test]
    fn progress_says_exactly_what_is_out(lengths in prop::collection::vec(1_usize..50, 1..20), skip in 0_usize..50, writes in prop::collection::vec(0_usize..80, 0..40)) {
        let skip = skip.min(lengths[0] - 1);
        let total: usize = lengths.iter().sum::<usize>() - skip;
        let mut batch = Batch::new(log(&lengths), skip);
        let mut out = 0;
        for write in writes {
            let write = write.min(total - out);
            batch.advance(write);
            out += write;
            let (whole, part) = batch.progress();
            let before: usize = lengths[..whole.map_or(0, |id| usize::try_from(id.position.0).unwrap())].iter().sum();
            prop_assert_eq!(before + part, out + skip);
            prop_assert_eq!(batch.left(), total - out);
        }
    }
}

#[test]
fn a_batch_is_one_chunk_in_one_call() {
    let frames = log(&[5, 6]);
    let (mut chunks, mut out) = (Chunks::new(Delimiter::LastChunk), Vec::new());
    let mut batch = Batch::new(frames.clone(), 0);

    write_some(&mut batch, &mut chunks, usize::MAX, &mut out);

    let expected = [&b"b\r\n"[..], &joined(&frames), b"\r\n"].concat();
    assert_eq!(Bytes::from(out), Bytes::from(expected));
    assert!(batch.is_out(&chunks));
}
