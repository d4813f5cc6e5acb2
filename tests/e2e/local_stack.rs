//! The split on one machine, with the cloud's own tools: cargo-lambda's server in front of the function.

use e2e::{Answer, Api, Job, LocalStack, gateway, heavy};
use serde_json::{Value, json};

/// Watches, through nginx, what an event's answer tells.
async fn watched(stack: &LocalStack, answer: Answer) -> Value {
    let answer = answer.expect(200).json();
    assert_eq!(answer["statusCode"], 202, "{answer}");
    let accepted: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    ended(stack.watch(), &accepted).await
}

async fn ended(watch: &Api, accepted: &Value) -> Value {
    let job = Job::accepted(watch.clone(), accepted);
    assert!(
        job.events_url.starts_with(watch.base()),
        "{}",
        job.events_url
    );
    job.watch().until_over().await.check_ended("done")
}

#[tokio::test]
async fn a_submission_over_http_and_as_each_kind_of_event_is_watched_through_nginx() {
    let _alone = heavy().await;
    let stack = LocalStack::start().await;
    let request = json!({ "url": stack.demo(), "limit": 5 });

    for path in ["/v1/crawls", "/lambda-url/lambda-submit/v1/crawls"] {
        let accepted = stack
            .submit()
            .post(path, request.to_string())
            .await
            .expect(202);
        let done = ended(stack.watch(), &accepted.json()).await;
        assert_eq!(done["counts"]["fetched"], 5);
    }
    for event in [gateway::http_api, gateway::rest_api] {
        let answer = stack.invoke(&event("api.example.com", &request)).await;
        assert_eq!(watched(&stack, answer).await["counts"]["fetched"], 5);
    }
    let wrong = stack
        .submit()
        .try_submit(&json!({ "url": "example.com" }))
        .await;
    let problem = wrong.problem(400);
    assert!(problem["detail"].is_string(), "{problem}");

    assert!(stack.interrupt().await.success());
}
