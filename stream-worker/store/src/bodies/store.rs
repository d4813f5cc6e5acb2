//! Writes, reads and deletes objects, each call within a time limit.

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt,
    RetryConfig,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::credentials::Credentials;
use super::error::reason;
use super::pieces::{PIECE, Pieces};
use super::{
    BodiesAddress, BodiesCall, BodiesMeasurement, BodiesObserver, BodiesOutcome, BodiesRefusal,
    BodyError,
};

/// Time for a call with its retries; for a write, a second more for each mebibyte.
const CALL: Duration = Duration::from_secs(5);

/// Time for a connection. Shorter than a call, so that a second try is made.
const CONNECT: Duration = Duration::from_secs(2);

/// Time for credentials, which a machine's metadata may be asked for, and for the first three calls.
const OPENING: Duration = Duration::from_secs(20);

const MEBIBYTE: u64 = 1024 * 1024;

/// Calls under way at once.
const CALLS: usize = 64;

/// Pieces of one part that are fetched at once.
const PIECES_AT_ONCE: usize = 4;

/// S3's error code for a bucket that does not exist. The status is 404, as for an object that does not exist.
const NO_BUCKET: &str = "NoSuchBucket";

/// Bytes of an object that is written, read and deleted to see whether that can be done.
const PROBE: Bytes = Bytes::from_static(b"probe");

/// An open object store.
pub struct BodyStore {
    objects: Arc<dyn ObjectStore>,
    address: BodiesAddress,
    prefix: Path,
    /// With objects on a disk, the path of an object whose absence shows that the disk is not mounted: its directory is still
    /// there then, and nobody else could read what this worker would write into it.
    mark: Option<Path>,
    pieces: Pieces,
    calls: Semaphore,
    observer: BodiesObserver,
}

/// Some consecutive bytes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The object's key.
    pub key: String,
    /// Bytes before the part.
    pub offset: u64,
    /// Bytes of the part.
    pub length: u64,
}

impl BodyStore {
    /// Finds the store, and proves that objects can be written, read and deleted there. `observer` is given every later call.
    ///
    /// # Errors
    /// Names what must be done before it can be used.
    pub async fn open(
        address: BodiesAddress,
        observer: BodiesObserver,
    ) -> Result<Self, BodiesRefusal> {
        let opened = async {
            let (objects, prefix) = objects(&address).await?;
            let probe = probe_in(&prefix);
            objects.put(&probe, PROBE.into()).await?;
            objects.get(&probe).await?.bytes().await?;
            objects.delete(&probe).await?;
            let mark = mark_of(&address);
            if let Some(mark) = &mark {
                objects.put(mark, Bytes::new().into()).await?;
            }
            Ok((objects, prefix, mark))
        };
        match timeout(OPENING, opened).await {
            Ok(Ok((objects, prefix, mark))) => Ok(Self {
                objects,
                prefix,
                mark,
                address,
                pieces: Pieces::default(),
                calls: Semaphore::new(CALLS),
                observer,
            }),
            Ok(Err(error)) => Err(BodiesRefusal::of(&address, &error)),
            Err(_elapsed) => Err(BodiesRefusal::silence(&address)),
        }
    }

    /// Writes an object, whole or not at all. One that is there under this key is replaced.
    ///
    /// # Errors
    /// [`BodyError::Failed`]; the object may be there all the same.
    ///
    /// # Cancel safety
    /// A dropped call may or may not have written.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), BodyError> {
        let path = self.path(key);
        let time = CALL + Duration::from_secs(bytes.len() as u64 / MEBIBYTE);
        let written = self.objects.put(&path, bytes.into());
        self.within(BodiesCall::Write, time, key, written)
            .await
            .map(drop)
    }

    /// Writes, reads and deletes an object of its own; the observer is given each of the calls. One that fails is the last.
    ///
    /// # Errors
    /// [`BodyError`].
    pub async fn probe(&self) -> Result<(), BodyError> {
        let path = probe_in(&self.prefix);
        let key = path.filename().unwrap_or_default();
        let written = self.objects.put(&path, PROBE.into());
        self.within(BodiesCall::Write, CALL, key, written).await?;
        let read = async { self.objects.get(&path).await?.bytes().await };
        self.within(BodiesCall::Read, CALL, key, read).await?;
        let deleted = self.objects.delete(&path);
        self.within(BodiesCall::Delete, CALL, key, deleted).await
    }

    /// Reads a part of an object. What was read last on this worker, or is being read, is not fetched again.
    ///
    /// # Errors
    /// [`BodyError`].
    pub async fn read(&self, part: &Part) -> Result<Bytes, BodyError> {
        let end = part.offset + part.length;
        let pieces = part.offset / PIECE..end.div_ceil(PIECE);
        let slices = stream::iter(pieces)
            .map(|number| self.slice(part, number))
            .buffered(PIECES_AT_ONCE);
        let slices: Vec<Bytes> = slices.try_collect().await?;
        if let [slice] = slices.as_slice() {
            return Ok(slice.clone());
        }
        let mut bytes = BytesMut::with_capacity(slices.iter().map(Bytes::len).sum());
        slices
            .iter()
            .for_each(|slice| bytes.extend_from_slice(slice));
        Ok(bytes.freeze())
    }

    /// The bytes of a part that lie in one piece.
    async fn slice(&self, part: &Part, number: u64) -> Result<Bytes, BodyError> {
        let piece = self.piece(&part.key, number).await?;
        let start = part.offset.max(number * PIECE) - number * PIECE;
        let end = (part.offset + part.length).min((number + 1) * PIECE) - number * PIECE;
        let within = |at: u64| usize::try_from(at).ok().filter(|at| *at <= piece.len());
        match (within(start), within(end)) {
            (Some(start), Some(end)) => Ok(piece.slice(start..end)),
            _ => Err(BodyError::Missing(self.shown(&part.key))),
        }
    }

    async fn piece(&self, key: &str, number: u64) -> Result<Bytes, BodyError> {
        let cell = self.pieces.cell(key, number);
        let piece = cell.get_or_try_init(async || {
            let path = self.path(key);
            let options = GetOptions {
                range: Some(GetRange::Bounded(number * PIECE..(number + 1) * PIECE)),
                ..GetOptions::default()
            };
            let read = async { self.objects.get_opts(&path, options).await?.bytes().await };
            self.within(BodiesCall::Read, CALL, key, read).await
        });
        piece.await.cloned()
    }

    /// True if nobody else deletes what is old: a bucket has a lifecycle rule for that.
    #[must_use]
    pub const fn is_swept_here(&self) -> bool {
        matches!(self.address, BodiesAddress::Directory(_))
    }

    /// The names of the folders in a folder; `""` is the one that all keys begin in.
    ///
    /// # Errors
    /// [`BodyError::Failed`].
    pub async fn folders(&self, folder: &str) -> Result<Vec<String>, BodyError> {
        let path = self.path(folder);
        let listed = self.objects.list_with_delimiter(Some(&path));
        let listed = self.within(BodiesCall::List, CALL, folder, listed).await?;
        let names = listed.common_prefixes.iter().filter_map(Path::filename);
        Ok(names.map(str::to_owned).collect())
    }

    /// Deletes all objects of a folder. One that is gone already is no failure.
    ///
    /// # Errors
    /// [`BodyError::Failed`].
    pub async fn delete_folder(&self, folder: &str) -> Result<(), BodyError> {
        let path = self.path(folder);
        let mut objects = self.objects.list(Some(&path));
        while let Some(object) = self
            .within(BodiesCall::List, CALL, folder, objects.try_next())
            .await?
        {
            let deleted = self.objects.delete(&object.location);
            match self.within(BodiesCall::Delete, CALL, folder, deleted).await {
                Ok(()) | Err(BodyError::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes a call within `time`, the wait for one of [`CALLS`] places included, and gives the observer its measurement.
    async fn within<T>(
        &self,
        kind: BodiesCall,
        time: Duration,
        key: &str,
        call: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, BodyError> {
        let permitted = async {
            let _permit = self.calls.acquire().await;
            self.see_mark(key).await?;
            call.await.map_err(|error| self.sorted(kind, key, &error))
        };
        let began = Instant::now();
        let ended = timeout(time, permitted)
            .await
            .unwrap_or_else(|_elapsed| Err(self.failed(key, "no answer in time")));
        (self.observer)(BodiesMeasurement {
            call: kind,
            elapsed: began.elapsed(),
            outcome: match &ended {
                Ok(_) => BodiesOutcome::Done,
                Err(BodyError::Missing(_)) => BodiesOutcome::Missing,
                Err(BodyError::Failed(reason)) => BodiesOutcome::Failed(reason.clone()),
            },
        });
        ended
    }

    async fn see_mark(&self, key: &str) -> Result<(), BodyError> {
        let Some(mark) = &self.mark else {
            return Ok(());
        };
        let seen = self.objects.head(mark).await;
        seen.map(drop).map_err(|error| {
            let lost =
                "the directory is not the one it was when the worker started; is its disk mounted?";
            self.failed(key, &format!("{lost} {}", reason(&error)))
        })
    }

    /// The error of a failed call. An object that is missing is damage; a bucket that is missing, like any other failure, is
    /// not.
    fn sorted(&self, kind: BodiesCall, key: &str, error: &Error) -> BodyError {
        let reason = reason(error);
        let is_missing = matches!(error, Error::NotFound { .. })
            && kind != BodiesCall::Write
            && !reason.contains(NO_BUCKET);
        match is_missing {
            true => BodyError::Missing(self.shown(key)),
            false => self.failed(key, &reason),
        }
    }

    fn failed(&self, key: &str, reason: &str) -> BodyError {
        BodyError::Failed(format!(
            "the object store failed at {}: {reason}",
            self.shown(key)
        ))
    }

    fn shown(&self, key: &str) -> String {
        let address = self.address.to_string();
        format!("{}/{key}", address.trim_end_matches('/'))
    }

    fn path(&self, key: &str) -> Path {
        let names = key.split('/').filter(|name| !name.is_empty());
        names.fold(self.prefix.clone(), |path, name| path.join(name))
    }
}

/// A new path for the object of a probe.
fn probe_in(prefix: &Path) -> Path {
    let name = Uuid::new_v4().simple().to_string();
    prefix.clone().join("probe").join(name)
}

fn mark_of(address: &BodiesAddress) -> Option<Path> {
    match address {
        BodiesAddress::Bucket { .. } => None,
        BodiesAddress::Directory(_) => Some(Path::from(".crawlcast")),
    }
}

async fn objects(address: &BodiesAddress) -> object_store::Result<(Arc<dyn ObjectStore>, Path)> {
    match address {
        BodiesAddress::Bucket { bucket, prefix } => {
            Ok((Arc::new(bucket_of(bucket).await?), prefix.clone()))
        }
        BodiesAddress::Directory(path) => {
            let disk = LocalFileSystem::new_with_prefix(path)?
                // What a log refers to must outlive a power cut as the log does.
                .with_fsync(true)
                .with_automatic_cleanup(true);
            Ok((Arc::new(disk), Path::default()))
        }
    }
}

/// A bucket, with the credentials, the region and the endpoint of the environment.
async fn bucket_of(name: &str) -> object_store::Result<impl ObjectStore> {
    let environment = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(name)
        .with_credentials(Arc::new(Credentials::new(
            environment.credentials_provider(),
        )))
        .with_client_options(
            ClientOptions::new()
                .with_timeout_disabled()
                .with_connect_timeout(CONNECT)
                // An emulator, or a server in the same network. Amazon's own endpoint is HTTPS whatever this says.
                .with_allow_http(true),
        )
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: 2,
            retry_timeout: CALL,
        });
    if let Some(region) = environment.region() {
        builder = builder.with_region(region.as_ref());
    }
    builder.build()
}
