//! The connector's errors in the words of an event. No addresses: what is behind a name is nobody's business.

use std::error::Error;
use std::io;
use std::io::ErrorKind::{
    BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, InvalidInput, UnexpectedEof,
};

use shared::event::ErrorCode;

use super::local_fault::causes;
use super::resolver::ResolveError;
use super::{FetchError, LocalFault};

/// An error before or after the answer's head.
pub(super) fn translate(error: &reqwest::Error) -> FetchError {
    if let Some(resolve) = cause::<ResolveError>(error) {
        return match resolve {
            ResolveError::Blocked => FetchError::BlockedAddress,
            ResolveError::Local(fault) => FetchError::Local(*fault),
            ResolveError::Lookup { transient } => {
                failed(ErrorCode::Dns, "the host's name has no address", *transient)
            }
        };
    }
    if let Some(fault) = LocalFault::in_chain(error) {
        return FetchError::Local(fault);
    }
    if cause::<rustls::Error>(error).is_some() {
        return failed(
            ErrorCode::Tls,
            "the server's certificate or TLS is not acceptable",
            false,
        );
    }
    if error.is_timeout() {
        return timed_out();
    }
    if error.is_connect() {
        return failed(ErrorCode::Connect, connect_reason(error), true);
    }
    let hyper = cause::<hyper::Error>(error);
    if hyper.is_some_and(hyper::Error::is_incomplete_message) || is(error, &[UnexpectedEof]) {
        let what = "the connection ended before the answer did";
        return failed(ErrorCode::Truncated, what, true);
    }
    if hyper.is_some_and(hyper::Error::is_parse_too_large) {
        let what = "the answer has too many headers, or too long ones";
        return failed(ErrorCode::Headers, what, false);
    }
    // A chunk that is none is told as bad input.
    if hyper.is_some_and(|error| error.is_parse() || is_invalid(error)) {
        return failed(ErrorCode::Protocol, "the answer is not valid HTTP", false);
    }
    if is(error, &RESETS) {
        return reset();
    }
    reset()
}

/// True if the connection broke off before anything of an answer came, as far as can be known: one that was kept from an
/// earlier request may have been closed by the server just then.
pub(super) fn broke_off(error: &reqwest::Error) -> bool {
    !error.is_connect()
        && !error.is_timeout()
        && matches!(
            translate(error),
            FetchError::Failed {
                code: ErrorCode::Truncated | ErrorCode::Reset,
                ..
            }
        )
}

/// The server sent nothing for too long in the middle of its answer.
pub(super) fn stalled() -> FetchError {
    failed(
        ErrorCode::Stalled,
        "the answer stopped before its end",
        true,
    )
}

fn reset() -> FetchError {
    failed(ErrorCode::Reset, "the server broke the exchange off", true)
}

pub(super) fn timed_out() -> FetchError {
    failed(ErrorCode::Timeout, "the answer took too long", true)
}

pub(super) fn too_large(limit: u64) -> FetchError {
    failed(
        ErrorCode::TooLarge,
        format!("the body is larger than {limit} bytes"),
        false,
    )
}

/// The body's encoding is not among those that were asked for.
pub(super) fn not_decodable(encoding: &str) -> FetchError {
    let shown: String = encoding.chars().take(64).collect();
    let message = format!("the content encoding `{shown}` is not one that can be undone");
    failed(ErrorCode::Encoding, message, false)
}

/// The body is not in the encoding that its headers name.
pub(super) fn falsely_encoded() -> FetchError {
    let what = "the body is not encoded as its Content-Encoding says";
    failed(ErrorCode::Encoding, what, false)
}

/// The body came whole, and what it encodes did not.
pub(super) fn cut_in_encoding() -> FetchError {
    let what = "the body ended before what it encodes did";
    failed(ErrorCode::Truncated, what, true)
}

fn failed(code: ErrorCode, message: impl Into<String>, transient: bool) -> FetchError {
    FetchError::Failed {
        code,
        message: message.into(),
        transient,
    }
}

fn connect_reason(error: &reqwest::Error) -> &'static str {
    match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "the server refuses connections",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "there is no way to the server"
        }
        _ => "no connection could be made",
    }
}

fn is_invalid(error: &hyper::Error) -> bool {
    let kind = cause::<io::Error>(error).map(io::Error::kind);
    kind.is_some_and(|kind| matches!(kind, InvalidInput | InvalidData))
}

/// Errors of a connection that the other side has given up.
const RESETS: [io::ErrorKind; 3] = [ConnectionReset, BrokenPipe, ConnectionAborted];

fn is(error: &reqwest::Error, kinds: &[io::ErrorKind]) -> bool {
    let kind = cause::<io::Error>(error).map(io::Error::kind);
    kind.is_some_and(|kind| kinds.contains(&kind))
}

/// The first error of a type in the chain, also where it hides inside an `io::Error`.
fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).find_map(<dyn Error>::downcast_ref::<T>)
}
