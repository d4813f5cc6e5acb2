use std::fmt::Write;

use rstest::rstest;

use super::*;

#[rstest]
#[case::another_protocol("220 mail.example.com ESMTP\r\n")]
#[case::no_status("HTTP/1.1 abc\r\n\r\n")]
#[case::a_nul_in_a_header("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n")]
#[case::a_length_that_is_none("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx")]
#[case::a_negative_length("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx")]
#[case::another_protocol_on_demand(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
)]
#[case::two_lengths("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")]
#[case::a_length_beside_another_behind_a_space(
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length : 2\r\n\r\nxx"
)]
#[tokio::test]
async fn an_answer_that_is_not_http_is_refused(#[case] answer: &str) {
    assert_eq!(failure_of(answer).await, ErrorCode::Protocol);
}

#[rstest]
#[case::a_space_before_the_colon("Set-Cookie : a=b")]
#[case::markup("<!DOCTYPE html>")]
#[case::no_name(": x")]
#[case::a_space_in_the_name("My Header: x")]
#[case::a_slash_in_the_name("X/Y: 1")]
#[case::a_folded_line("X-Folded: one\r\n two")]
#[tokio::test]
async fn a_header_line_that_is_wrong_costs_no_page(#[case] line: &str) {
    let answer = with_head(&format!("{line}\r\nContent-Type: text/html"), b"<p>hello");
    let (answer, body) = fetch(vec![Act::Read, Act::Write(answer)], LONG)
        .await
        .unwrap();
    assert_eq!(body, b"<p>hello");
    assert_eq!(answer.headers["content-type"], "text/html");
}

#[tokio::test]
async fn a_transfer_coding_behind_a_space_is_obeyed_whole() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let acts = vec![Act::Read, Act::Write(chunked.to_vec())];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"hi");
}

#[tokio::test]
async fn ten_thousand_headers_are_too_many() {
    let mut answer = "HTTP/1.1 200 OK\r\n".to_owned();
    for number in 0..10_000 {
        let _infallible = write!(answer, "X-{number}: y\r\n");
    }
    assert_eq!(failure_of(answer + "\r\n").await, ErrorCode::Headers);
}

#[tokio::test]
async fn a_head_may_have_sixty_thousand_bytes() {
    let head = format!("Set-Cookie: a={}", "x".repeat(60_000));
    let acts = vec![Act::Read, Act::Write(with_head(&head, b"hello"))];
    assert_eq!(fetch(acts, LONG).await.unwrap().1, b"hello");
}

#[tokio::test]
async fn a_header_without_end_is_too_long() {
    let acts = vec![
        Act::Read,
        Act::Write(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
        Act::Flood(vec![b'x'; 16 * 1024]),
    ];
    assert_eq!(
        code(&fetch(acts, LONG).await.err().unwrap()),
        ErrorCode::Headers
    );
}

#[rstest]
#[case("../else?x=1#part", Some("https://example.com/else?x=1"))]
#[case::utf8("/café", Some("https://example.com/caf%C3%A9"))]
#[case("//b.example", Some("https://b.example/"))]
#[case("file:///etc/passwd", None)]
#[case("javascript:alert(1)", None)]
#[case("http://[", None)]
#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_to_the_web_only(
    #[case] location: &str,
    #[case] to: Option<&str>,
) {
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let (answer, _) = fetch(vec![Act::Read, Act::Write(answer.into())], LONG)
        .await
        .unwrap();
    let target = answer.redirect_target(&"https://example.com/a/b".parse().unwrap());
    assert_eq!(target.map(String::from).as_deref(), to);
}

#[tokio::test]
async fn bytes_of_a_redirect_that_are_no_utf8_are_asked_for_as_they_are() {
    let head = b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9?x=\xe9\r\nContent-Length: 0\r\n\r\n";
    let (answer, _) = fetch(vec![Act::Read, Act::Write(head.to_vec())], LONG)
        .await
        .unwrap();
    let target = answer.redirect_target(&"https://example.com/".parse().unwrap());
    assert_eq!(target.unwrap().as_str(), "https://example.com/caf%E9?x=%E9");
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_a_status() {
    let acts = vec![
        Act::Read,
        Act::Write(b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ];
    assert_eq!(fetch(acts, LONG).await.unwrap().0.status, 999);
}
