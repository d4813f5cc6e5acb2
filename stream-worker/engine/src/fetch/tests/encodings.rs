use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
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

/// As servers send it that have taken `deflate` by its name.
fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
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
#[case("gzip", gzip, ErrorCode::Truncated)]
#[case("X-GZip", gzip, ErrorCode::Truncated)]
// The library tells no end that comes too early from any other mistake here.
#[case("deflate", deflate, ErrorCode::Encoding)]
#[case("deflate", raw_deflate, ErrorCode::Encoding)]
#[case("br", br, ErrorCode::Truncated)]
#[case("zstd", zstd, ErrorCode::Truncated)]
#[tokio::test]
async fn an_encoding_is_undone_and_a_bomb_stopped_at_its_decoded_size(
    #[case] name: &str,
    #[case] pack: fn(&[u8]) -> Vec<u8>,
    #[case] cut_short: ErrorCode,
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
    assert_eq!(failure_of(with_head(&head, cut)).await, cut_short);
    let acts = vec![Act::Read, Act::Write(with_head(&head, b""))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"");
}

#[rstest]
#[case("gzip", [gzip(b"<p>one"), gzip(b"<p>two")].concat())]
#[case("zstd", [zstd(b"<p>one"), zstd(b"<p>two")].concat())]
#[case(
    "identity, , gzip\r\nContent-Encoding: identity",
    gzip(b"<p>one<p>two")
)]
#[tokio::test]
async fn what_comes_in_several_parts_is_one_body(#[case] encoding: &str, #[case] body: Vec<u8>) {
    let head = format!("Content-Encoding: {encoding}");
    let acts = vec![Act::Read, Act::Write(with_head(&head, &body))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"<p>one<p>two");
}

#[rstest]
#[case::padding(vec![0; 10])]
#[case::line_ends(b"\r\n\r\n".to_vec())]
#[case::a_comment(b"<!-- cached -->".to_vec())]
#[case::half_a_beginning(vec![0x1f])]
#[tokio::test]
async fn what_follows_the_last_member_is_no_content(#[case] rest: Vec<u8>) {
    let packed = [gzip(b"<p>one"), gzip(b"<p>two"), rest].concat();
    let acts = vec![
        Act::Read,
        Act::Write(with_head("Content-Encoding: gzip", &packed)),
    ];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"<p>one<p>two");
}

#[tokio::test]
async fn members_are_joined_wherever_the_network_cuts() {
    let packed = [gzip(b"<p>one"), gzip(b"<p>two")].concat();
    let answer = with_head("Content-Encoding: gzip", &packed);
    let acts = vec![Act::Read, Act::Drip(answer, Duration::from_micros(100))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"<p>one<p>two");
}

#[tokio::test]
async fn a_member_that_has_begun_must_be_whole() {
    let second = gzip(b"<p>two");
    let packed = [gzip(b"<p>one"), second[..12].to_vec()].concat();
    let answer = with_head("Content-Encoding: gzip", &packed);
    assert_eq!(failure_of(answer).await, ErrorCode::Truncated);
}

/// A frame of one empty block (RFC 8878, section 3.1.1) that names a window.
fn with_window(descriptor: u8) -> Vec<u8> {
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    [&magic[..], &[0x00, descriptor, 0x01, 0x00, 0x00]].concat()
}

#[tokio::test]
async fn a_window_larger_than_eight_mebibytes_is_refused() {
    let largest = with_head("Content-Encoding: zstd", &with_window(13 << 3));
    let acts = vec![Act::Read, Act::Write(largest)];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"");
    for descriptor in [(13 << 3) + 1, 0xf8] {
        let larger = with_head("Content-Encoding: zstd", &with_window(descriptor));
        assert_eq!(failure_of(larger).await, ErrorCode::Encoding);
    }
}

#[rstest]
#[case::stacked("Content-Encoding: gzip, gzip", &gzip(&gzip(b"<p>")))]
#[case::stacked_of_two_kinds("Content-Encoding: br, gzip", &gzip(&br(b"<p>")))]
#[case::stacked_by_two_headers("Content-Encoding: br\r\nContent-Encoding: gzip", &gzip(&br(b"<p>")))]
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

#[tokio::test]
async fn an_answer_whose_body_nobody_reads_is_not_judged_by_its_encoding() {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Encoding: compress\r\nContent-Length: 1\r\n\r\nx";
    let server = serve(vec![vec![Act::Read, Act::Write(head.into())]]).await;
    let asked = request(&server.url(), LONG);
    let answer = fetcher(on_loopback()).fetch(asked).await.unwrap();
    assert_eq!(answer.status, 404);
}

/// A decoder knows the end of its content before the connection tells it.
#[rstest]
#[case("gzip", gzip)]
#[case("deflate", deflate)]
#[case("br", br)]
#[case("zstd", zstd)]
#[tokio::test]
async fn a_connection_goes_on_behind_what_was_decoded(
    #[case] encoding: &str,
    #[case] pack: fn(&[u8]) -> Vec<u8>,
    #[values(false, true)] is_chunked: bool,
) {
    let packed = pack(b"<p>hello");
    let answer = if is_chunked {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            packed.len()
        );
        [head.as_bytes(), &packed, b"\r\n0\r\n\r\n"].concat()
    } else {
        with_head(&format!("Content-Encoding: {encoding}"), &packed)
    };
    let twice = [
        Act::Read,
        Act::Write(answer.clone()),
        Act::Read,
        Act::Write(answer),
    ];
    let server = serve(vec![twice.to_vec()]).await;
    let fetcher = fetcher(on_loopback());
    for _ in 0..2 {
        let (_, body) = whole(&fetcher, &server.url(), LONG).await.unwrap();
        assert_eq!(body, b"<p>hello");
    }
}
