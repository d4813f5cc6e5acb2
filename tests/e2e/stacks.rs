//! The templates of `infra/` agree with the code, in what a linter cannot know.

use std::collections::BTreeSet;

use e2e::{Template, workspace};
use serde_json::{Value, json};
use shared::numbers;

#[test]
fn the_queue_keeps_to_the_numbers() {
    let template = Template::read("queue");
    let (jobs, dead) = (
        template.properties("JobQueue"),
        template.properties("DeadLetterQueue"),
    );
    assert_eq!(jobs["VisibilityTimeout"], numbers::VISIBILITY.as_secs());
    assert_eq!(
        jobs["ReceiveMessageWaitTimeSeconds"],
        numbers::LONG_POLL.as_secs()
    );
    assert_eq!(
        jobs["RedrivePolicy"],
        json!({
            "deadLetterTargetArn": { "Fn::GetAtt": ["DeadLetterQueue", "Arn"] },
            "maxReceiveCount": numbers::REDRIVE_RECEIVES,
        })
    );
    assert!(number(&jobs["MaximumMessageSize"]) > numbers::MAX_BODY_BYTES as u64);
    // SQS counts a dead letter's age from its first submission.
    assert!(number(&dead["MessageRetentionPeriod"]) > number(&jobs["MessageRetentionPeriod"]));
    for queue in [jobs, dead] {
        assert_eq!(queue["SqsManagedSseEnabled"], true);
    }
}

#[test]
fn the_bucket_keeps_what_a_log_may_refer_to_and_the_worker_may_no_more_than_it_does() {
    let template = Template::read("bodies");
    let rule = &template.properties("Bodies")["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(rule["ExpirationInDays"], json!({ "Ref": "KeepDays" }));
    assert_eq!(rule["Status"], "Enabled");
    let statements = template.properties("WorkerPolicy")["PolicyDocument"]["Statement"].clone();
    assert_eq!(
        statements[0]["Action"],
        json!(["s3:PutObject", "s3:GetObject"])
    );
    assert_eq!(statements[1]["Action"], "s3:ListBucket");
    assert_eq!(statements[2]["Action"], "s3:DeleteObject");
    assert_eq!(
        statements[2]["Resource"],
        json!({ "Fn::Sub": "${Bodies.Arn}/pages/probe/*" })
    );
    assert_eq!(statements.as_array().unwrap().len(), 3);
}

#[test]
fn a_dead_letter_and_a_job_that_waits_are_alarms() {
    let template = Template::read("queue");
    let letters = template.properties("DeadLetterAlarm");
    assert_eq!(letters["MetricName"], "ApproximateNumberOfMessagesVisible");
    assert_eq!(
        letters["Dimensions"][0]["Value"],
        json!({ "Fn::GetAtt": ["DeadLetterQueue", "QueueName"] })
    );
    assert_eq!(
        (&letters["Threshold"], &letters["ComparisonOperator"]),
        (&json!(0), &json!("GreaterThanThreshold"))
    );
    let oldest = template.properties("OldestJobAlarm").to_string();
    assert!(oldest.contains("ApproximateAgeOfOldestMessage"), "{oldest}");
}

#[test]
fn the_worker_may_do_what_it_does_and_no_more() {
    let template = Template::read("queue");
    let statements = template.properties("WorkerPolicy")["PolicyDocument"]["Statement"].clone();
    let allowed = |at: usize| -> BTreeSet<String> {
        let actions = statements[at]["Action"].as_array().unwrap();
        actions
            .iter()
            .map(|action| action.as_str().unwrap().to_owned())
            .collect()
    };
    let sqs = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("sqs:{name}"))
            .collect::<BTreeSet<_>>()
    };
    let on_jobs = [
        "ReceiveMessage",
        "DeleteMessage",
        "ChangeMessageVisibility",
        "GetQueueAttributes",
        "SendMessage",
    ];
    assert_eq!(allowed(0), sqs(&on_jobs));
    assert_eq!(
        allowed(1),
        sqs(&["SendMessage", "GetQueueAttributes", "GetQueueUrl"])
    );
}

#[test]
fn nothing_is_allowed_by_a_wildcard() {
    for name in ["queue", "front"] {
        let template = Template::read(name);
        let statements = template.statements();
        assert!(!statements.is_empty());
        for statement in statements
            .iter()
            .filter(|statement| statement["Effect"] == "Allow")
        {
            assert!(
                !statement["Action"].to_string().contains('*'),
                "{statement}"
            );
            // Traces belong to no resource.
            let traces = statement["Action"].to_string().contains("xray:");
            assert!(traces || statement["Resource"] != "*", "{statement}");
        }
    }
}

#[test]
fn both_routes_lead_to_the_function_which_has_time_to_answer() {
    let template = Template::read("front");
    let routes: BTreeSet<&str> = template
        .of_type("AWS::ApiGatewayV2::Route")
        .map(|route| route["RouteKey"].as_str().unwrap())
        .collect();
    assert_eq!(
        routes,
        BTreeSet::from(["OPTIONS /v1/crawls", "POST /v1/crawls"])
    );
    let (function, integration) = (
        template.properties("Function"),
        template.properties("Integration"),
    );
    assert_eq!(integration["PayloadFormatVersion"], "2.0");
    assert_eq!(function["Runtime"], "provided.al2023");
    assert_eq!(function["Architectures"], json!(["arm64"]));
    // The queue has three seconds, the function is warm within one more; API Gateway gives up after thirty.
    let (timeout, patience) = (
        number(&function["Timeout"]) * 1000,
        number(&integration["TimeoutInMillis"]),
    );
    assert!(4_000 < timeout && timeout < patience && patience <= 30_000);
}

#[test]
fn the_function_is_told_what_it_reads_and_nothing_else() {
    let template = Template::read("front");
    let variables = template.properties("Function")["Environment"]["Variables"].clone();
    let told: BTreeSet<String> = variables.as_object().unwrap().keys().cloned().collect();
    let readme = std::fs::read_to_string(workspace().join("lambda-submit/README.md")).unwrap();
    let documented: BTreeSet<String> = readme
        .split('`')
        .filter(|word| word.starts_with("CRAWLCAST_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(told, documented);
    let keys = variables["CRAWLCAST_TOKEN_KEYS"].to_string();
    assert!(keys.contains("{{resolve:secretsmanager:"), "{keys}");
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is a number"))
}
