//! The directory that holds a worker's databases.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::OpenError;

/// A data directory that this process has for itself.
///
/// The claim is a lock on the file `lock` in it, which the kernel takes back however the process ends. Each database keeps
/// a clone until its last byte is written, so the claim outlives whoever opened it.
#[derive(Debug, Clone)]
pub struct DataDir(Arc<Claim>);

#[derive(Debug)]
struct Claim {
    path: PathBuf,
    /// Held for its lock alone.
    _lock: File,
}

impl DataDir {
    /// Claims the directory at `path`, making it (for its owner only) if there is none.
    ///
    /// # Errors
    /// [`OpenError::Claimed`] if another worker has it, [`OpenError::Directory`] if it cannot be made or used.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let unusable = |error| OpenError::Directory(path.to_owned(), error);
        make(path).map_err(unusable)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(Arc::new(Claim {
                path: path.to_owned(),
                _lock: lock,
            }))),
            Err(TryLockError::WouldBlock) => Err(OpenError::Claimed(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Path of the directory, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    // The new name is durable only once its parent is.
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        Some(_) | None => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_workers_on_one_directory_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/data");
        let first = DataDir::open(&path).unwrap();
        let refused = DataDir::open(&path).unwrap_err();
        assert!(matches!(refused, OpenError::Claimed(_)), "{refused}");
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_directory_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let _claimed = DataDir::open(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_file_in_its_place_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        std::fs::write(&path, b"").unwrap();
        let refused = DataDir::open(&path).unwrap_err();
        assert!(
            refused.to_string().contains(path.to_str().unwrap()),
            "{refused}"
        );
    }
}
