//! A caller without a right learns nothing by trying.

use e2e::{Mint, Site, Worker};
use serde_json::json;
use shared::ChannelId;
use shared::token::Scope;

#[tokio::test]
async fn a_bad_token_is_404_whatever_the_channel() {
    let mint = Mint::of("k1", 7);
    let worker = Worker::options()
        .set("TOKEN_KEYS", mint.spelled())
        .start()
        .await;
    let (api, site) = (worker.api(), Site::tree(1).await);
    let job = api.submit(json!({ "url": site.url("/") })).await;
    let (known, unknown): (ChannelId, ChannelId) =
        (job.channel.parse().unwrap(), ChannelId::mint());
    let forged = Mint::of("k1", 8);
    let mut answers = Vec::new();
    for channel in [known, unknown] {
        let tokens = [
            forged.sign(channel, Scope::Control),
            mint.sign_expired(channel, Scope::Control),
            mint.sign(ChannelId::mint(), Scope::Control),
            String::new(),
            "v1".to_owned(),
        ];
        for token in tokens {
            for path in ["/events", "", "/results"] {
                let answer = api
                    .get(&format!("/v1/channels/{channel}{path}?token={token}"))
                    .await;
                answers.push(answer.problem(404));
            }
            for verb in ["pause", "resume", "cancel"] {
                answers.push(
                    api.post(&format!("/v1/channels/{channel}/{verb}?token={token}"), "")
                        .await
                        .problem(404),
                );
            }
        }
        answers.push(
            api.get(&format!("/v1/channels/{channel}"))
                .await
                .problem(404),
        );
    }
    answers.push(
        api.get("/v1/channels/not-a-channel/events?token=x")
            .await
            .problem(404),
    );
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "nothing can be learnt from the answer"
    );
}

#[tokio::test]
async fn tokens_reach_no_log() {
    let worker = Worker::options().set("LOG", "trace").start().await;
    let site = Site::tree(3).await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let _ = job.watch().until_over().await.check_ended("done");
    let watch = job.events_path().split_once("token=").unwrap().1.to_owned();
    let log = worker.log();
    assert!(log.contains(&job.channel));
    for token in [&job.token, &watch] {
        let mac = token.rsplit('.').next().unwrap();
        assert!(!log.contains(mac), "a token is in the log");
    }
}

#[tokio::test]
async fn a_key_is_asked_for_where_keys_are_configured() {
    // The SHA-256 of `open sesame`.
    let hash = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";
    let worker = Worker::options().set("API_KEYS", hash).start().await;
    let (api, site) = (worker.api(), Site::tree(1).await);
    let submit = || {
        api.request("POST", "/v1/crawls")
            .body(json!({ "url": site.url("/") }).to_string())
    };
    let answer = api.send(submit()).await;
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let _ = answer.problem(401);
    let _ = api.send(submit().bearer_auth("wrong")).await.problem(401);
    let _ = api
        .send(submit().bearer_auth("open sesame"))
        .await
        .expect(202);
}

/// The SHA-256 of `open sesame`, and of `open barley`.
const TWO_KEYS: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb,03cbfbf904bcf073e8a68b9dc130b451faa8eebcfc47377057f2085453875d63";

#[tokio::test]
async fn the_key_that_submitted_may_read_and_control_its_channels_and_no_others() {
    let worker = Worker::options().set("API_KEYS", TWO_KEYS).start().await;
    let (api, site) = (worker.api(), Site::tree(3).await);
    let hold = site.hold("/page/1");
    let job = api
        .submit_as("open sesame", json!({ "url": site.url("/") }))
        .await;
    let path = format!("/v1/channels/{}", job.channel);
    let ask = |method: &'static str, path: String, key: &'static str| {
        api.send(api.request(method, &path).bearer_auth(key))
    };
    // At once, whether or not a worker has taken the job.
    let _ = ask("GET", path.clone(), "open sesame").await.expect(200);
    let _ = ask("HEAD", format!("{path}/events"), "open sesame")
        .await
        .expect(200);
    let _ = ask("GET", format!("{path}/results"), "open sesame")
        .await
        .expect(200);
    for verb in ["pause", "resume"] {
        let _ = ask("POST", format!("{path}/{verb}"), "open sesame")
            .await
            .expect(200);
    }
    for stranger in ["open barley", "wrong", "undefined"] {
        let _ = ask("GET", path.clone(), stranger).await.problem(404);
        let _ = ask("POST", format!("{path}/cancel"), stranger)
            .await
            .problem(404);
    }
    let _ = ask("POST", format!("{path}/cancel"), "open sesame")
        .await
        .expect(202);
    hold.open();
}

#[tokio::test]
async fn a_good_token_in_the_url_is_not_hidden_by_a_header() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let api = worker.api();
    let job = api.submit(json!({ "url": site.url("/") })).await;
    let watch = job.events_path().split_once("token=").unwrap().1.to_owned();
    let path =
        |verb: &str, token: &str| format!("/v1/channels/{}{verb}?token={token}", job.channel);
    for header in [&b"Bearer undefined"[..], b"Bearer \xe9", b"Basic eDp5", b""] {
        let ask = |method, path: String| {
            api.send(api.request(method, &path).header(
                "authorization",
                http::HeaderValue::from_bytes(header).unwrap(),
            ))
        };
        let _ = ask("GET", path("", &watch)).await.expect(200);
        let _ = ask("HEAD", path("/events", &watch)).await.expect(200);
        let _ = ask("POST", path("/resume", &job.token)).await.expect(200);
        let _ = ask("POST", path("/cancel", &watch)).await.problem(403);
    }
    let ask = api.request("GET", &path("", "wrong")).header(
        "authorization",
        http::HeaderValue::from_bytes(b"Bearer \xe9").unwrap(),
    );
    let problem = api.send(ask).await.problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Authorization")
    );
}
