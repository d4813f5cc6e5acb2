//! Who may not, learns nothing by trying.

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
