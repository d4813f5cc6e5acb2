//! The connector's errors in the words of an event. No addresses: what is behind a name is nobody's business.

use std::error::Error;
use std::io;

use shared::event::ErrorCode;

use super::FetchError;
use super::resolver::ResolveError;

/// An error before or after the answer's head.
pub(super) fn translate(error: &reqwest::Error) -> FetchError {
    if let Some(resolve) = cause::<ResolveError>(error) {
        return match resolve {
            ResolveError::Blocked => FetchError::BlockedAddress,
            ResolveError::Lookup { transient } => {
                failed(ErrorCode::Dns, "the host's name has no address", *transient)
            }
        };
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
    if hyper.is_some_and(hyper::Error::is_incomplete_message) || cut(error) {
        return failed(
            ErrorCode::Truncated,
            "the connection ended before the answer did",
            true,
        );
    }
    if hyper.is_some_and(|error| error.is_parse() || error.is_parse_too_large()) {
        return failed(ErrorCode::Protocol, "the answer is not valid HTTP", false);
    }
    if error.is_decode() {
        return failed(
            ErrorCode::Protocol,
            "the body is not encoded as its Content-Encoding says",
            false,
        );
    }
    failed(
        ErrorCode::Protocol,
        "the exchange with the server broke off",
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

pub(super) fn encoding(name: &str) -> FetchError {
    failed(
        ErrorCode::Protocol,
        format!("the content encoding `{name}` is not one that can be undone"),
        false,
    )
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

fn cut(error: &reqwest::Error) -> bool {
    let kind = cause::<io::Error>(error).map(io::Error::kind);
    matches!(
        kind,
        Some(
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionAborted
        )
    )
}

/// The first error of a type in the chain, also where it hides inside an `io::Error`.
fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next: Option<&'e (dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
