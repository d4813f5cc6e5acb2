//! Files that are given on the command line; `-` is stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of an input at most: requests and answers are far smaller.
const MOST: u64 = 1024 * 1024;

/// Reads a file, or stdin, up to a mebibyte.
///
/// # Errors
/// The system's, or that there is more.
pub(super) fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        return bounded(io::stdin().lock());
    }
    bounded(File::open(file)?)
}

fn bounded(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other("it has more than a mebibyte"));
    }
    Ok(bytes)
}
