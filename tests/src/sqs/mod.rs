//! SQS as moto serves it: the wire of the real one, on loopback, with a clock that a test turns.

mod wire;

use std::time::Duration;

use serde_json::{Value, json};

pub use self::wire::{Call, Fault, Wire};
use crate::moto::{Moto, REGION};
use crate::{Api, WorkerOptions, eventually};

/// A queue with a dead letter queue. It is gone when this is dropped.
pub struct Sqs {
    moto: Moto,
    wire: Wire,
    url: String,
    dead_letters: String,
}

impl Sqs {
    /// Starts a server with an empty queue, with the redrive policy that workers are made for.
    ///
    /// # Panics
    /// If moto is not installed or does not start.
    pub async fn start() -> Self {
        Self::with_receives(shared::numbers::REDRIVE_RECEIVES).await
    }

    /// Starts a server with an empty queue that hands each message out so often.
    ///
    /// # Panics
    /// If moto is not installed or does not start.
    pub async fn with_receives(receives: u32) -> Self {
        let moto = Moto::start().await;
        let wire = Wire::to(moto.endpoint()).await;
        let dead_letters = create(moto.endpoint(), "dead-letters", &json!({})).await;
        let arn = format!("arn:aws:sqs:{REGION}:123456789012:dead-letters");
        let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives });
        let attributes = json!({ "RedrivePolicy": redrive.to_string() });
        let url = create(moto.endpoint(), "jobs", &attributes).await;
        Self {
            moto,
            wire,
            url,
            dead_letters,
        }
    }

    /// The queue.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The way of workers and functions to the queue.
    #[must_use]
    pub const fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Endpoint of the wire, as a URL.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.wire.base()
    }

    /// Lets time pass for the queue, in no time.
    pub async fn pass(&self, span: Duration) {
        self.moto.pass(span).await;
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

    /// Environment variables that lead a process to this server instead of Amazon's.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = ("AWS_ENDPOINT_URL_SQS", self.endpoint());
        let pairs = std::iter::once(endpoint).chain(Moto::account());
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Adds a message as it is.
    ///
    /// # Panics
    /// If the queue does not take it.
    pub async fn send(&self, body: &str) {
        let asked = json!({ "QueueUrl": self.url, "MessageBody": body });
        let answer = call(self.moto.endpoint(), "SendMessage", &asked).await;
        assert!(answer["MessageId"].is_string(), "{answer}");
    }

    /// Waits until the queue holds no message, neither waiting nor hidden.
    pub async fn becomes_empty(&self) {
        eventually("the queue is empty", || async {
            self.is_empty().await.then_some(())
        })
        .await;
    }

    /// True if the queue holds no message, neither waiting nor hidden.
    pub async fn is_empty(&self) -> bool {
        self.depth(&self.url).await == (0, 0)
    }

    /// Waits until no message is ready: somebody has each.
    pub async fn all_taken(&self) {
        eventually("every message is taken", || async {
            (self.depth(&self.url).await.0 == 0).then_some(())
        })
        .await;
    }

    /// Number of messages that can be received now.
    pub async fn ready(&self) -> u64 {
        self.depth(&self.url).await.0
    }

    /// Number of dead letters.
    pub async fn dead_letters(&self) -> u64 {
        self.depth(&self.dead_letters).await.0
    }

    /// Waits for a dead letter: its body, and the reason that it carries.
    pub async fn dead_letter(&self) -> (String, String) {
        eventually("a dead letter", || async {
            let asked = json!({ "QueueUrl": self.dead_letters, "MessageAttributeNames": ["All"] });
            let answer = call(self.moto.endpoint(), "ReceiveMessage", &asked).await;
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

    /// Numbers of messages that are ready, and that are hidden.
    async fn depth(&self, queue: &str) -> (u64, u64) {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let asked = json!({ "QueueUrl": queue, "AttributeNames": names });
        let answer = call(self.moto.endpoint(), "GetQueueAttributes", &asked).await;
        let number = |name| {
            let text = answer["Attributes"][name].as_str().expect("a number");
            text.parse().expect("a number")
        };
        (number(names[0]), number(names[1]))
    }
}

async fn create(endpoint: &Api, name: &str, attributes: &Value) -> String {
    let asked = json!({ "QueueName": name, "Attributes": attributes });
    let answer = call(endpoint, "CreateQueue", &asked).await;
    let url = answer["QueueUrl"].as_str();
    url.expect("a queue has a URL").to_owned()
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
