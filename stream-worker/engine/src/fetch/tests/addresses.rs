use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use rstest::rstest;
use tokio::net::TcpListener;

use super::*;
use crate::fetch::resolver::Lookup;

/// Answers each question with the next list of addresses, and the last one from then on.
struct Answers(Mutex<Vec<Vec<SocketAddr>>>);

#[async_trait]
impl Lookup for Answers {
    async fn addresses(&self, _name: &str) -> io::Result<Vec<SocketAddr>> {
        let mut answers = self.0.lock();
        Ok(if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        })
    }
}

/// A connector for which names have these addresses, one list after the other.
fn resolving(config: FetchConfig, answers: &[&[&str]]) -> HttpFetcher {
    let parse = |list: &&[&str]| {
        list.iter()
            .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
            .collect()
    };
    let answers = Answers(Mutex::new(answers.iter().map(parse).collect()));
    HttpFetcher::with_lookup(config, Arc::new(answers)).unwrap()
}

#[rstest]
#[case("http://127.0.0.1:9/")]
#[case("http://[::ffff:169.254.169.254]/")]
#[case("http://localhost:9/")]
#[tokio::test]
async fn what_is_behind_a_refused_address_is_never_asked(#[case] url: &str) {
    let failed = whole(&fetcher(config(&[])), &url.parse().unwrap(), LONG).await;
    assert_eq!(failed.err(), Some(FetchError::BlockedAddress));
}

#[tokio::test]
async fn a_refusal_says_nothing_about_what_is_there() {
    let server = serve(vec![vec![
        Act::Read,
        Act::Write(with_head("A: b", b"secret")),
    ]])
    .await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody: Url = format!("http://{}/", closed.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(closed);
    let fetcher = fetcher(config(&[]));
    let listening = whole(&fetcher, &server.url(), LONG).await.err().unwrap();
    let silent = whole(&fetcher, &nobody, LONG).await.err().unwrap();
    assert_eq!(listening.to_string(), silent.to_string());
}

#[tokio::test]
async fn a_name_that_is_moved_to_a_refused_address_is_not_followed_there() {
    let server = serve(vec![vec![
        Act::Read,
        Act::Write(with_head("A: b", b"secret")),
    ]])
    .await;
    // Public when it is vetted (nobody answers there in time), private when it is asked again.
    let fetcher = resolving(config(&[]), &[&["192.0.0.9", "8.8.8.8"], &["127.0.0.1"]]);
    let url = server.named("rebinding.example");
    let first = whole(&fetcher, &url, SHORT).await.err().unwrap();
    assert_ne!(first, FetchError::BlockedAddress);
    let second = whole(&fetcher, &url, SHORT).await.err().unwrap();
    assert_eq!(second, FetchError::BlockedAddress);
}

#[tokio::test]
async fn of_many_addresses_only_the_vetted_are_dialled() {
    let server = serve(vec![vec![
        Act::Read,
        Act::Write(with_head("A: b", b"allowed")),
    ]])
    .await;
    let only = config(&["127.0.0.1/32"]);
    let mixed = resolving(
        only,
        &[&["10.0.0.1", "169.254.169.254", "127.0.0.1", "127.0.0.2"]],
    );
    let (_, body) = whole(&mixed, &server.named("mixed.example"), LONG)
        .await
        .unwrap();
    assert_eq!(body, b"allowed");
    let none = resolving(config(&[]), &[&["10.0.0.1", "fd00:ec2::254", "100.64.0.1"]]);
    let failed = whole(&none, &server.named("inside.example"), LONG).await;
    assert_eq!(failed.err(), Some(FetchError::BlockedAddress));
}

#[tokio::test]
async fn a_name_whose_address_is_allowed_is_dialled() {
    let server = serve(vec![vec![
        Act::Read,
        Act::Write(with_head("A: b", b"hello")),
    ]])
    .await;
    let (_, body) = whole(&fetcher(on_loopback()), &server.named("localhost"), LONG)
        .await
        .unwrap();
    assert_eq!(body, b"hello");
}

#[tokio::test]
async fn a_name_without_an_address_says_so() {
    let fetcher = resolving(config(&[]), &[&[]]);
    let url = "http://nowhere.example/".parse().unwrap();
    assert_eq!(
        code(&whole(&fetcher, &url, LONG).await.err().unwrap()),
        ErrorCode::Dns
    );
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    let failed = whole(&fetcher(on_loopback()), &url, LONG).await;
    assert_eq!(code(&failed.err().unwrap()), ErrorCode::Connect);
}
