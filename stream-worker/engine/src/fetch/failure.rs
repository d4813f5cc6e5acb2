//! The connector's errors in the words of an event. No addresses: what is behind a name is nobody's business.

use std::error::Error;
use std::io;
use std::io::ErrorKind::{
    ConnectionRefused, HostUnreachable, InvalidData, InvalidInput, NetworkUnreachable,
    UnexpectedEof,
};

use shared::event::ErrorCode;

use super::dialer::DialError;
use super::http_client::RequestError;
use super::local_fault::causes;
use super::resolver::ResolveError;
use super::{FetchError, LocalFault};

/// The reason why there is no answer.
pub(super) fn translate(error: &RequestError) -> FetchError {
    if let Some(resolve) = cause::<ResolveError>(error) {
        return match resolve {
            ResolveError::Blocked => FetchError::BlockedAddress,
            ResolveError::Local(fault) => FetchError::Local(*fault),
            ResolveError::Lookup { transient } => {
                failed(ErrorCode::Dns, "the host's name has no address", *transient)
            }
        };
    }
    if let Some(told) = told_by_cause(error) {
        return told;
    }
    match error {
        RequestError::Url(_) => {
            let what = "the URL is not one that HTTP can ask for";
            failed(ErrorCode::Protocol, what, false)
        }
        RequestError::Switched => {
            let what = "the server changed to a protocol that nobody asked for";
            failed(ErrorCode::Protocol, what, false)
        }
        RequestError::Dial(DialError::TimedOut) => timed_out(),
        RequestError::Dial(DialError::Failed(error)) => {
            failed(ErrorCode::Connect, connect_reason(error.as_ref()), true)
        }
        RequestError::Http(error) => broken(error),
    }
}

/// The reason why a body has no end.
pub(super) fn translate_body(error: &hyper::Error) -> FetchError {
    told_by_cause(error).unwrap_or_else(|| broken(error))
}

/// The failure that an error's causes name by themselves, before the answer or in it: this machine's, a time that is over, TLS.
fn told_by_cause(error: &(dyn Error + 'static)) -> Option<FetchError> {
    if let Some(fault) = LocalFault::in_chain(error) {
        return Some(FetchError::Local(fault));
    }
    let mut kinds = causes(error)
        .filter_map(<dyn Error>::downcast_ref::<io::Error>)
        .map(io::Error::kind);
    if kinds.any(|kind| kind == io::ErrorKind::TimedOut) {
        return Some(timed_out());
    }
    cause::<rustls::Error>(error).map(|_| {
        let what = "the server's certificate or TLS is not acceptable";
        failed(ErrorCode::Tls, what, false)
    })
}

/// An exchange that broke off on its connection.
fn broken(error: &hyper::Error) -> FetchError {
    if error.is_incomplete_message() || is_eof(error) {
        let what = "the connection ended before the answer did";
        return failed(ErrorCode::Truncated, what, true);
    }
    if error.is_parse_too_large() {
        let what = "the answer has too many headers, or too long ones";
        return failed(ErrorCode::Headers, what, false);
    }
    // A chunk that is none is told as bad input.
    if error.is_parse() || is_invalid(error) {
        return failed(ErrorCode::Protocol, "the answer is not valid HTTP", false);
    }
    failed(ErrorCode::Reset, "the server broke the exchange off", true)
}

/// True if the connection broke off before anything of an answer came, as far as can be known: one that was kept from an
/// earlier request may have been closed by the server just then.
pub(super) fn broke_off(error: &RequestError) -> bool {
    matches!(error, RequestError::Http(_))
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

fn connect_reason(error: &(dyn Error + 'static)) -> &'static str {
    match cause::<io::Error>(error).map(io::Error::kind) {
        Some(ConnectionRefused) => "the server refuses connections",
        Some(HostUnreachable | NetworkUnreachable) => "there is no way to the server",
        _ => "no connection could be made",
    }
}

fn is_eof(error: &hyper::Error) -> bool {
    kind(error) == Some(UnexpectedEof)
}

fn is_invalid(error: &hyper::Error) -> bool {
    matches!(kind(error), Some(InvalidInput | InvalidData))
}

fn kind(error: &hyper::Error) -> Option<io::ErrorKind> {
    cause::<io::Error>(error).map(io::Error::kind)
}

/// The first error of a type in the chain, also where it hides inside an `io::Error`.
fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).find_map(<dyn Error>::downcast_ref::<T>)
}
