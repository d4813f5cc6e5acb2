use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::*;
use crate::bodies::pieces::PIECE;

fn unobserved() -> BodiesObserver {
    Arc::new(|_measured| ())
}

#[test]
fn an_address_is_a_bucket_or_a_directory() {
    for (text, shown) in [
        ("s3://crawls", "s3://crawls/"),
        ("s3://crawls/a/b/", "s3://crawls/a/b"),
        ("file:///mnt/bodies", "file:///mnt/bodies"),
    ] {
        let address: BodiesAddress = text.parse().unwrap();
        assert_eq!(address.to_string(), shown);
    }
}

#[test]
fn another_address_is_refused_with_what_would_be_right() {
    for text in [
        "",
        "crawls",
        "s3://",
        "s3://No_Bucket",
        "s3://crawls/a//b",
        "gs://crawls",
        "file://host/path",
    ] {
        let error = text.parse::<BodiesAddress>().unwrap_err().to_string();
        assert!(
            error.contains("s3://bucket/prefix") && error.contains(text),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_directory_that_is_not_there_or_is_none_is_refused_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "").unwrap();
    for name in ["missing", "file"] {
        let path = directory.path().join(name);
        let opened = BodyStore::open(BodiesAddress::Directory(path.clone()), unobserved()).await;
        let error = opened.err().unwrap().to_string();
        assert!(
            error.contains(path.to_str().unwrap()) && error.contains("must exist"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn parts_of_an_object_are_read_wherever_they_lie() {
    let directory = tempfile::tempdir().unwrap();
    let address = BodiesAddress::Directory(directory.path().to_owned());
    let store = BodyStore::open(address, unobserved()).await.unwrap();
    let size = 3 * PIECE + 17;
    let bytes: Bytes = (0..size)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    store.put("day/a-1", bytes.clone()).await.unwrap();
    let part = |offset, length| Part {
        key: "day/a-1".to_owned(),
        offset,
        length,
    };
    for (offset, length) in [
        (0, 1),
        (0, size),
        (PIECE - 1, 2),
        (PIECE, PIECE),
        (size - 1, 1),
        (5, 2 * PIECE),
    ] {
        let read = store.read(&part(offset, length)).await.unwrap();
        let range = usize::try_from(offset).unwrap()..usize::try_from(offset + length).unwrap();
        assert_eq!(read, bytes.slice(range), "{length} bytes at {offset}");
    }
    let beyond = store.read(&part(size - 1, 2)).await;
    assert!(
        matches!(&beyond, Err(BodyError::Missing(key)) if key.ends_with("day/a-1")),
        "{beyond:?}"
    );

    store.delete_folder("day").await.unwrap();
    let again = store.read(&part(0, size)).await;
    assert_eq!(
        again.unwrap(),
        bytes,
        "what was read last is not fetched again"
    );
    assert!(store.folders("").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_directory_whose_disk_has_gone_fails_and_loses_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let (here, elsewhere) = (parent.path().join("bodies"), parent.path().join("away"));
    std::fs::create_dir(&here).unwrap();
    let measured = Arc::<Mutex<Vec<BodiesMeasurement>>>::default();
    let measurements = measured.clone();
    let observer = Arc::new(move |measurement| measurements.lock().push(measurement));
    let store = BodyStore::open(BodiesAddress::Directory(here.clone()), observer)
        .await
        .unwrap();
    let written = Bytes::from_static(b"written before");
    store.put("day/a", written.clone()).await.unwrap();
    let part = Part {
        key: "day/a".to_owned(),
        offset: 0,
        length: written.len() as u64,
    };
    measured.lock().clear();

    // As after `umount`: an empty directory is left.
    std::fs::rename(&here, &elsewhere).unwrap();
    std::fs::create_dir(&here).unwrap();
    let (put, read) = (
        store.put("day/b", written.clone()).await,
        store.read(&part).await,
    );
    for failed in [put.err(), read.err(), store.probe().await.err()] {
        assert!(
            matches!(&failed, Some(BodyError::Failed(why)) if why.contains("is its disk mounted?")),
            "{failed:?}"
        );
    }
    assert_eq!(std::fs::read_dir(&here).unwrap().count(), 0);
    std::fs::remove_dir(&here).unwrap();
    std::fs::rename(&elsewhere, &here).unwrap();

    assert_eq!(store.read(&part).await.unwrap(), written);
    store.probe().await.unwrap();
    let measured = measured.lock();
    let calls: Vec<(BodiesCall, bool)> = measured
        .iter()
        .map(|one| (one.call, one.outcome == BodiesOutcome::Done))
        .collect();
    let expected = [
        (BodiesCall::Write, false),
        (BodiesCall::Read, false),
        (BodiesCall::Write, false),
        (BodiesCall::Read, true),
        (BodiesCall::Write, true),
        (BodiesCall::Read, true),
        (BodiesCall::Delete, true),
    ];
    assert_eq!(calls, expected);
}
