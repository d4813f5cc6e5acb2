//! Failures of an object store.

use object_store::Error;

use super::BodiesAddress;

/// An object was not written or not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The object is not there, or is shorter than it was written. Do not retry.
    #[error("the object {0} is missing or cut short")]
    Missing(String),
    /// The store did not answer, or refused. It may have written all the same. A retry may succeed.
    #[error("{0}")]
    Failed(String),
}

/// An object store that cannot be used, with the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{cure}: {reason}")]
pub struct BodiesRefusal {
    cure: String,
    reason: String,
}

impl BodiesRefusal {
    /// Sorts the failure of the first write, read or delete by who can cure it.
    pub(super) fn of(address: &BodiesAddress, error: &Error) -> Self {
        Self {
            cure: match address {
                BodiesAddress::Bucket { bucket, prefix } => {
                    cure_of_bucket(bucket, prefix.as_ref(), error)
                }
                BodiesAddress::Directory(path) => format!(
                    "the directory {} must exist, on a disk that all workers share, and the worker must be allowed to write there",
                    path.display()
                ),
            },
            reason: reason(error),
        }
    }

    /// The store did not answer at all.
    pub(super) fn silence(address: &BodiesAddress) -> Self {
        Self {
            cure: match address {
                BodiesAddress::Bucket { .. } => {
                    "check the network, and AWS_ENDPOINT_URL_S3 if it is not Amazon's".to_owned()
                }
                BodiesAddress::Directory(_) => "check the disk".to_owned(),
            },
            reason: "it did not answer in time".to_owned(),
        }
    }
}

fn cure_of_bucket(bucket: &str, prefix: &str, error: &Error) -> String {
    match error {
        Error::NotFound { .. } => {
            format!("there is no bucket {bucket}; make it, or correct its name and AWS_REGION")
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            let objects = if prefix.is_empty() {
                format!("{bucket}/*")
            } else {
                format!("{bucket}/{prefix}/*")
            };
            format!(
                "give the worker credentials that may s3:PutObject, s3:GetObject and s3:DeleteObject on arn:aws:s3:::{objects}"
            )
        }
        _ => "check the bucket's name, AWS_REGION, and AWS_ENDPOINT_URL_S3 if it is not Amazon's"
            .to_owned(),
    }
}

/// An error with its causes, which tell more than it does.
pub(super) fn reason(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text.replace('\n', " ")
}
