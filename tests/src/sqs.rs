//! SQS as moto serves it: the wire of the real one, on loopback.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::{Api, WorkerOptions, eventually, exe, free_port};

/// The region that queues are in.
const REGION: &str = "eu-central-1";

/// A queue with a dead letter queue. It is gone when this is dropped.
pub struct Sqs {
    _server: Child,
    endpoint: Api,
    url: String,
    dead_letters: String,
}

impl Sqs {
    /// Starts a server with an empty queue.
    ///
    /// # Panics
    /// When moto is not installed or does not start.
    pub async fn start() -> Self {
        let port = free_port();
        let server = Command::new(exe::moto_server())
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("moto can be run");
        let endpoint = Api::at(&format!("http://127.0.0.1:{port}"));
        eventually("moto answers", || async {
            endpoint
                .http()
                .get(endpoint.url("/moto-api/"))
                .send()
                .await
                .ok()
        })
        .await;
        let dead_letters = create(&endpoint, "dead-letters", &json!({})).await;
        let arn = format!("arn:aws:sqs:{REGION}:123456789012:dead-letters");
        let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 5 }).to_string();
        let url = create(&endpoint, "jobs", &json!({ "RedrivePolicy": redrive })).await;
        Self {
            _server: server,
            endpoint,
            url,
            dead_letters,
        }
    }

    /// The queue.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A worker that takes its jobs here.
    #[must_use]
    pub fn worker(&self) -> WorkerOptions {
        let options = crate::Worker::options().set("QUEUE_URL", &self.url);
        self.variables()
            .into_iter()
            .fold(options, |options, (name, value)| {
                options.variable(&name, &value)
            })
    }

    /// What a process must be told to find this server instead of Amazon's.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ENDPOINT_URL_SQS", self.endpoint.base()),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Adds a message as it is.
    pub async fn send(&self, body: &str) {
        let _sent = call(
            &self.endpoint,
            "SendMessage",
            &json!({ "QueueUrl": self.url, "MessageBody": body }),
        )
        .await;
    }

    /// Waits until the queue holds no message, neither waiting nor hidden.
    pub async fn becomes_empty(&self) {
        eventually("the queue is empty", || async {
            let names = [
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ];
            let asked = json!({ "QueueUrl": self.url, "AttributeNames": names });
            let answer = call(&self.endpoint, "GetQueueAttributes", &asked).await;
            names
                .iter()
                .all(|name| answer["Attributes"][name] == "0")
                .then_some(())
        })
        .await;
    }

    /// Waits for a dead letter: its body, and the reason that it carries.
    pub async fn dead_letter(&self) -> (String, String) {
        eventually("a dead letter", || async {
            let asked = json!({ "QueueUrl": self.dead_letters, "MessageAttributeNames": ["All"] });
            let answer = call(&self.endpoint, "ReceiveMessage", &asked).await;
            let message = &answer["Messages"][0];
            let reason = message["MessageAttributes"]["reason"]["StringValue"]
                .as_str()
                .unwrap_or_default();
            message["Body"]
                .as_str()
                .map(|body| (body.to_owned(), reason.to_owned()))
        })
        .await
    }
}

async fn create(endpoint: &Api, name: &str, attributes: &Value) -> String {
    let answer = call(
        endpoint,
        "CreateQueue",
        &json!({ "QueueName": name, "Attributes": attributes }),
    )
    .await;
    answer["QueueUrl"]
        .as_str()
        .expect("a queue has a URL")
        .to_owned()
}

async fn call(endpoint: &Api, action: &str, body: &Value) -> Value {
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0"
    );
    let answer = endpoint
        .http()
        .post(endpoint.url("/"))
        .header("x-amz-target", format!("AmazonSQS.{action}"))
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", credential)
        .body(body.to_string())
        .send()
        .await
        .expect("moto answers");
    let text = answer.text().await.expect("an answer has a body");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
