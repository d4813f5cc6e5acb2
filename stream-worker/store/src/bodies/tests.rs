use bytes::Bytes;

use super::*;
use crate::bodies::pieces::PIECE;

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
        let opened = BodyStore::open(BodiesAddress::Directory(path.clone())).await;
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
    let store = BodyStore::open(address).await.unwrap();
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
