//! The address of an object store, as an operator writes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use object_store::path::Path;
use url::Url;

/// The address of an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodiesAddress {
    /// `s3://bucket/prefix`: a bucket of S3, or of a server that speaks as S3 does. The prefix may be empty.
    Bucket {
        /// Name of the bucket.
        bucket: String,
        /// Prefix of all keys.
        prefix: Path,
    },
    /// `file:///path`: a directory that exists.
    Directory(PathBuf),
}

/// A text that is not the address of an object store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; right would be s3://bucket/prefix, or file:///path of a directory that all workers share"
)]
pub struct BodiesAddressError(String);

impl FromStr for BodiesAddress {
    type Err = BodiesAddressError;

    fn from_str(text: &str) -> Result<Self, BodiesAddressError> {
        let wrong = |what: &str| BodiesAddressError(format!("`{text}` {what}"));
        match text.split_once("://") {
            Some(("s3", place)) => bucket(place).map_err(wrong),
            Some(("file", _)) => directory(text).map_err(wrong),
            _ => Err(wrong("begins with neither s3:// nor file://")),
        }
    }
}

fn bucket(place: &str) -> Result<BodiesAddress, &'static str> {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-');
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(allowed) {
        return Err("names no bucket (3 to 63 of a-z, 0-9, . and -)");
    }
    let prefix = Path::parse(prefix).map_err(|_error| "has a prefix that is no path")?;
    Ok(BodiesAddress::Bucket {
        bucket: bucket.to_owned(),
        prefix,
    })
}

fn directory(text: &str) -> Result<BodiesAddress, &'static str> {
    let path = Url::parse(text)
        .ok()
        .and_then(|url| url.to_file_path().ok());
    path.map(BodiesAddress::Directory)
        .ok_or("names no absolute path on this machine")
}

impl fmt::Display for BodiesAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Directory(path) => write!(f, "file://{}", path.display()),
        }
    }
}
