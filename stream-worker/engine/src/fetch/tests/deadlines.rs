use super::*;
use rstest::rstest;

const DROP: Duration = Duration::from_millis(20);

fn head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec()
}

#[rstest]
#[case::no_answer(vec![Act::Read, Act::KeepSilent])]
#[case::half_a_head(vec![Act::Read, Act::Write(b"HTTP/1.1 200".to_vec()), Act::KeepSilent])]
#[case::a_head_in_drops(vec![Act::Read, Act::Drip([b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'x'; 5_000]].concat(), DROP)])]
#[case::a_body_in_drops(vec![Act::Read, Act::Write(head()), Act::Drip(vec![b'x'; 1_000], DROP)])]
#[case::a_flood_of_early_hints(vec![Act::Read, Act::Flood(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec())])]
#[tokio::test]
async fn a_slow_server_is_given_up_at_the_deadline(#[case] acts: Vec<Act>) {
    assert_eq!(
        code(&fetch(acts, SHORT).await.err().unwrap()),
        ErrorCode::Timeout
    );
}

#[tokio::test]
async fn a_server_that_stops_in_mid_body_is_given_up_before_the_deadline() {
    let acts = vec![
        Act::Read,
        Act::Write([&head()[..], b"only this"].concat()),
        Act::KeepSilent,
    ];
    let server = serve(vec![acts]).await;
    let impatient = FetchConfig {
        idle: SHORT,
        ..on_loopback()
    };
    let error = whole(&fetcher(impatient), &server.url(), LONG)
        .await
        .err()
        .unwrap();
    assert_eq!(code(&error), ErrorCode::Stalled);
}
