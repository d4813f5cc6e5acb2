//! Undoes the content encoding of a body: gzip, Brotli, zstd or deflate.

use std::future::ready;
use std::io;
use std::io::ErrorKind::UnexpectedEof;
use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use super::FetchError;
use super::body::{Chunks, DECODED_CHUNK};
use super::failure::{cut_in_encoding, falsely_encoded, not_decodable};
use super::gzip;

/// The encodings that are asked for.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// The base-2 logarithm of the largest window that a body in zstd may ask for: 8 MiB (RFC 9659, section 3).
const ZSTD_WINDOW_LOG: u32 = 23;

/// The body that `encoded` holds, as the headers say. One that cannot be undone is an error only to who reads it.
pub(super) fn decoded(headers: &HeaderMap, encoded: Chunks) -> Chunks {
    match Encoding::of(headers) {
        Ok(encoding) => encoding.undo(encoded),
        Err(error) => stream::once(ready(Err(error))).boxed(),
    }
}

/// The content encoding of a body (RFC 9110, section 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Not encoded.
    Identity,
    Gzip,
    Brotli,
    Zstd,
    /// With zlib's header, as it should be, or without.
    Deflate,
}

impl Encoding {
    /// The encoding that the headers name, in one line or several. One encoding over another is refused: decompression bombs
    /// are made so.
    fn of(headers: &HeaderMap) -> Result<Self, FetchError> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let names = text
            .iter()
            .flat_map(|value| value.split(','))
            .map(str::trim);
        let mut names =
            names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
        let Some(name) = names.next() else {
            return Ok(Self::Identity);
        };
        if names.next().is_some() {
            return Err(not_decodable(&text.join(", ")));
        }
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "br" => Ok(Self::Brotli),
            "zstd" => Ok(Self::Zstd),
            "deflate" => Ok(Self::Deflate),
            _ => Err(not_decodable(name)),
        }
    }

    /// Decodes while it is read. An empty body stays empty, whatever its encoding.
    fn undo(self, encoded: Chunks) -> Chunks {
        if self == Self::Identity {
            return encoded;
        }
        let decoded = async move {
            let mut encoded = encoded.peekable();
            let first = match Pin::new(&mut encoded).peek().await {
                Some(Ok(chunk)) => chunk.first().copied(),
                _ => return encoded.boxed(),
            };
            let encoded = StreamReader::new(encoded.map_err(io::Error::other));
            let decoder: Pin<Box<dyn AsyncRead + Send>> = match self {
                Self::Gzip => return gzip::members(encoded).map_err(cause_of).boxed(),
                Self::Brotli => Box::pin(BrotliDecoder::new(encoded)),
                Self::Zstd => {
                    let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
                    let mut decoder = ZstdDecoder::with_params(encoded, &[window]);
                    decoder.multiple_members(true);
                    Box::pin(decoder)
                }
                Self::Deflate if first.is_some_and(begins_zlib) => {
                    Box::pin(ZlibDecoder::new(encoded))
                }
                Self::Deflate => Box::pin(DeflateDecoder::new(encoded)),
                Self::Identity => Box::pin(encoded),
            };
            let decoded = ReaderStream::with_capacity(decoder, DECODED_CHUNK);
            decoded.map_err(cause_of).boxed()
        };
        stream::once(decoded).flatten().boxed()
    }
}

/// True for the first byte of a zlib stream (RFC 1950, section 2.2). No raw deflate stream begins so, unless its padding is
/// not zero.
fn begins_zlib(first: u8) -> bool {
    first & 0x0f == 8
}

/// The network's error that came through the decoder, or else the decoder's own.
fn cause_of(error: io::Error) -> FetchError {
    let is_cut = error.kind() == UnexpectedEof;
    match error.downcast::<FetchError>() {
        Ok(error) => error,
        Err(_decoders) if is_cut => cut_in_encoding(),
        Err(_decoders) => falsely_encoded(),
    }
}
