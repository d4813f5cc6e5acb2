use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use rstest::rstest;

use super::*;

const BOMB: usize = 50_000_000;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn br(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 5,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).unwrap();
    packed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).unwrap()
}

#[rstest]
#[case("gzip", gzip)]
#[case("deflate", deflate)]
#[case("br", br)]
#[case("zstd", zstd)]
#[tokio::test]
async fn an_encoding_is_undone_and_a_bomb_stopped_at_its_decoded_size(
    #[case] name: &str,
    #[case] pack: fn(&[u8]) -> Vec<u8>,
) {
    let head = format!("Content-Encoding: {name}");
    let acts = vec![Act::Read, Act::Write(with_head(&head, &pack(b"<p>hello")))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"<p>hello");
    let bomb = pack(&vec![0; BOMB]);
    assert!(bomb.len() < 200_000, "{} is a bomb", bomb.len());
    assert_eq!(
        failure_of(with_head(&head, &bomb)).await,
        ErrorCode::TooLarge
    );
    let cut = &pack(&[7; 5_000])[..9];
    let code = failure_of(with_head(&head, cut)).await;
    assert!(
        matches!(code, ErrorCode::Truncated | ErrorCode::Encoding),
        "{code:?}"
    );
}

#[test]
fn a_window_of_gigabytes_is_refused() {
    // RFC 8878, section 3.1.1: magic number, a descriptor that names a window, and the largest one.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(failure_of(with_head("Content-Encoding: zstd", &frame)));
    assert_eq!(code, ErrorCode::Encoding);
}

#[rstest]
#[case::stacked("Content-Encoding: gzip, gzip", &gzip(&gzip(b"<p>")))]
#[case::stacked_of_two_kinds("Content-Encoding: br, gzip", &gzip(&br(b"<p>")))]
#[case::unknown("Content-Encoding: compress", b"x")]
#[case::false_gzip("Content-Encoding: gzip", b"not a gzip!!")]
#[case::false_zstd("Content-Encoding: zstd", b"not a zstd!!")]
#[case::false_brotli("Content-Encoding: br", b"\xff\xff\xff\xff\xff")]
#[tokio::test]
async fn an_encoding_that_cannot_be_undone_is_a_failure_of_its_own(
    #[case] head: &str,
    #[case] body: &[u8],
) {
    assert_eq!(failure_of(with_head(head, body)).await, ErrorCode::Encoding);
}
