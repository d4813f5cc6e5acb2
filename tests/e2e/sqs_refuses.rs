//! A queue that does not do what it is asked to.

use e2e::{Fault, Site, Sqs, eventually};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::no_queue("QueueDoesNotExist", "there is no such queue")]
#[case::old_credentials("ExpiredTokenException", "the credentials are not valid any more")]
#[case::throttled("ThrottlingException", "it asks for fewer requests")]
#[case::wrong_clock("RequestExpired", "check this machine's clock")]
#[case::no_permission("AccessDeniedException", "the role may not do this")]
#[tokio::test]
async fn a_refusal_is_said_clearly_and_the_worker_goes_on_when_it_has_passed(
    #[case] code: &'static str,
    #[case] words: &str,
) {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    for action in ["ReceiveMessage", "GetQueueAttributes"] {
        sqs.wire().set_fault(action, Fault::Refused(code));
    }
    let worker = sqs.worker().start().await;

    worker.logs(words).await;
    // Watchers have no use for the queue: only jobs are not ready.
    let answer = eventually("the queue has been asked", || async {
        let answer = worker.api().get("/readyz").await.expect(200).json();
        let reason = answer["queue"].as_str().unwrap_or_default();
        reason.contains(words).then_some(answer.clone())
    })
    .await;
    assert_eq!(
        (&answer["streams"], &answer["jobs"]),
        (&json!(true), &json!(false))
    );

    sqs.wire().mend();
    eventually("jobs are ready", || async {
        let answer = worker.api().get("/readyz").await.expect(200).json();
        (answer["jobs"] == true).then_some(())
    })
    .await;
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let _done = job.watch().until_over().await.check_ended("done");
}

#[tokio::test]
async fn a_submission_that_the_queue_does_not_take_is_refused_with_a_time_to_come_back() {
    let (sqs, site) = (Sqs::start().await, Site::tree(3).await);
    let worker = sqs.worker().start().await;
    sqs.wire().set_fault("SendMessage", Fault::Unanswered);
    let answer = worker
        .api()
        .try_submit(&json!({ "url": site.url("/") }))
        .await
        .expect(503);
    assert!(!answer.header("retry-after").is_empty());
}
