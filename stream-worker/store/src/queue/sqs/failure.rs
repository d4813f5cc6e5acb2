//! Failures of SQS, worded with their remedy.

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::queue::QueueError;

/// A failed call that a retry may mend.
pub(super) fn failed<E>(call: &'static str, error: &SdkError<E>) -> QueueError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let advice = match error {
        SdkError::TimeoutError(_) => "it did not answer in time",
        SdkError::DispatchFailure(_) => "it cannot be reached, or there are no credentials",
        _ => advice(error.code().unwrap_or_default()),
    };
    QueueError::Failed(format!("{call}: {advice}: {}", DisplayErrorContext(error)))
}

/// As [`failed`], for calls that name a delivery: one that is somebody else's by now is stale.
pub(super) fn of_receipt<E>(call: &'static str, error: &SdkError<E>) -> QueueError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let code = error.code().unwrap_or_default();
    let overtaken = ["ReceiptHandleIsInvalid", "MessageNotInflight"]
        .iter()
        .any(|stale| code.ends_with(stale));
    // An expired handle, and a message that was held for twelve hours, are answered with this code.
    let expired = code.ends_with("InvalidParameterValue");
    if overtaken || expired {
        QueueError::StaleReceipt
    } else {
        failed(call, error)
    }
}

fn advice(code: &str) -> &'static str {
    let is = |names: &[&str]| names.iter().any(|name| code.ends_with(name));
    if is(&["NonExistentQueue", "QueueDoesNotExist"]) {
        "there is no such queue; check CRAWLCAST_QUEUE_URL and the region"
    } else if is(&[
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    ]) {
        "the credentials are not valid any more"
    } else if is(&["AccessDenied", "AccessDeniedException"]) {
        "the role may not do this"
    } else if is(&[
        "RequestExpired",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
    ]) {
        "the signature is refused; check this machine's clock and the credentials"
    } else if is(&[
        "RequestThrottled",
        "ThrottlingException",
        "Throttling",
        "OverLimit",
    ]) {
        "it asks for fewer requests"
    } else {
        "it refused"
    }
}
