//! The token key of a worker that was given none: made once, kept in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use shared::token::{KeyError, TokenKeys};

/// The file's name.
const NAME: &str = "token-keys";

/// Failure to read or make the file with the token keys.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyFileError {
    /// The file could not be read or made.
    #[error("could not read or make {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "{path} does not hold token keys; delete it to have a new one made (older links then end)"
    )]
    Content {
        /// The file.
        path: PathBuf,
        /// The fault of its content.
        source: KeyError,
    },
}

/// The keys in `data_dir`, made now if there are none. Only the owner can read the file.
///
/// # Errors
/// [`TokenKeyFileError`]; do not retry.
pub fn token_keys_in(data_dir: &Path) -> Result<TokenKeys, TokenKeyFileError> {
    let path = data_dir.join(NAME);
    let text = read_or_make(data_dir, &path).map_err(|source| TokenKeyFileError::Io {
        path: path.clone(),
        source,
    })?;
    text.trim()
        .parse()
        .map_err(|source| TokenKeyFileError::Content { path, source })
}

fn read_or_make(data_dir: &Path, path: &Path) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read,
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let text = TokenKeys::spell("k1", &secret);
    // Whole or not at all: a power cut must not leave a key that is cut short.
    let draft = data_dir.join("token-keys.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    File::open(data_dir)?.sync_all()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        token_keys_in(dir.path()).unwrap();
        let made = std::fs::read(dir.path().join(NAME)).unwrap();
        token_keys_in(dir.path()).unwrap();
        assert_eq!(std::fs::read(dir.path().join(NAME)).unwrap(), made);
        let mode = std::fs::metadata(dir.path().join(NAME))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_holds_something_else_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), "not a key\n").unwrap();
        assert!(matches!(
            token_keys_in(dir.path()),
            Err(TokenKeyFileError::Content { .. })
        ));
    }
}
