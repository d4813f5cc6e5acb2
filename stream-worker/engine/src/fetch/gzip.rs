//! Bodies in gzip: members one behind the other (RFC 1952), and whatever else a server appends.

use std::io;
use std::pin::Pin;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::body::DECODED_CHUNK;

/// Bytes that every member begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

type Encoded = Pin<Box<dyn AsyncBufRead + Send>>;

/// The content of all members. Padding and comments behind the last one are left out, as browsers do; a member that has begun
/// must be whole.
pub(super) fn members(
    encoded: impl AsyncBufRead + Send + 'static,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let first = GzipDecoder::new(Box::pin(encoded) as Encoded);
    stream::try_unfold(first, |mut member| async move {
        loop {
            let mut chunk = BytesMut::with_capacity(DECODED_CHUNK);
            if member.read_buf(&mut chunk).await? > 0 {
                return Ok(Some((chunk.freeze(), member)));
            }
            let Some(next) = next_member(member.into_inner()).await? else {
                return Ok(None);
            };
            member = GzipDecoder::new(next);
        }
    })
}

/// The rest, if it begins like a member. The two bytes may arrive apart.
async fn next_member(mut rest: Encoded) -> io::Result<Option<Encoded>> {
    let buffered = rest.fill_buf().await?;
    if buffered.starts_with(&MAGIC) {
        return Ok(Some(rest));
    }
    if buffered != &MAGIC[..1] {
        return Ok(None);
    }
    rest.consume(1);
    let is_member = rest.fill_buf().await?.first() == Some(&MAGIC[1]);
    Ok(is_member.then(|| Box::pin(AsyncReadExt::chain(&MAGIC[..1], rest)) as Encoded))
}
