//! The queue's operations, each a call.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::ConfigLoader;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use shared::numbers::HAND_OVER;
use tokio_util::sync::CancellationToken;

use super::connection::{CALL, SqsConfig, connect, environment};
use super::dead_letters::DeadLetters;
use super::failure::{failed, of_receipt};
use crate::queue::{Delivery, Depth, JobQueue, NewMessage, QueueError, Receipt};

/// Messages that one receive can take at most (SQS's limit).
const MAX_RECEIVE: usize = 10;
/// Time for which a message that can never run is hidden where there is no dead letter queue.
const NO_DEAD_LETTERS: Duration = Duration::from_secs(3600);
/// The longest visibility that a call may ask for.
const MAX_VISIBILITY: Duration = Duration::from_secs(43_200);

/// An SQS standard queue.
pub struct SqsQueue {
    sqs: Client,
    config: SqsConfig,
    dead_letters: DeadLetters,
}

impl SqsQueue {
    /// A queue with the environment's credentials. Nothing is asked yet: readiness tells whether it answers.
    pub async fn connect(config: SqsConfig) -> Self {
        Self::connect_with(environment(), config).await
    }

    /// A queue found with this configuration.
    pub(super) async fn connect_with(loader: ConfigLoader, config: SqsConfig) -> Self {
        Self {
            sqs: connect(loader, &config.url).await,
            config,
            dead_letters: DeadLetters::default(),
        }
    }

    fn url(&self) -> &str {
        self.config.url.as_str()
    }

    async fn delete(&self, receipt: &Receipt) -> Result<(), QueueError> {
        let call = self
            .sqs
            .delete_message()
            .queue_url(self.url())
            .receipt_handle(&receipt.0);
        let short = call.customize().config_override(short());
        short
            .send()
            .await
            .map(drop)
            .map_err(|error| of_receipt("deleting a message", &error))
    }

    async fn hide(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let call = self
            .sqs
            .change_message_visibility()
            .queue_url(self.url())
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(visibility));
        let short = call.customize().config_override(short());
        short
            .send()
            .await
            .map(drop)
            .map_err(|error| of_receipt("hiding a message", &error))
    }
}

#[async_trait]
impl JobQueue for SqsQueue {
    async fn submit(&self, message: NewMessage) -> Result<(), QueueError> {
        let body = String::from_utf8(message.body.to_vec())
            .map_err(|error| QueueError::Failed(error.to_string()))?;
        let call = self
            .sqs
            .send_message()
            .queue_url(self.url())
            .message_body(body)
            .message_group_id(message.tenant);
        let short = call.customize().config_override(short());
        short
            .send()
            .await
            .map(drop)
            .map_err(|error| failed("sending a message", &error))
    }

    async fn receive(
        &self,
        most: usize,
        _except: &[String],
        stop: &CancellationToken,
    ) -> Result<Vec<Delivery>, QueueError> {
        if most == 0 || stop.is_cancelled() {
            return Ok(Vec::new());
        }
        // Not raced against the stop: SQS may have hidden messages for this call already. It ends with the long poll.
        let answer = self
            .sqs
            .receive_message()
            .queue_url(self.url())
            .max_number_of_messages(i32::try_from(most.clamp(1, MAX_RECEIVE)).unwrap_or(1))
            .wait_time_seconds(seconds(self.config.long_poll))
            .visibility_timeout(seconds(self.config.visibility))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(|error| failed("receiving", &error))?;
        let messages = answer.messages.unwrap_or_default();
        Ok(messages.into_iter().filter_map(delivery).collect())
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        self.hide(receipt, visibility).await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        self.delete(receipt).await
    }

    async fn release(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError> {
        self.hide(receipt, delay).await
    }

    async fn resubmit(&self, receipt: &Receipt, message: NewMessage) -> Result<(), QueueError> {
        // In this order: if the second call fails there are two, and the lease on the job's record keeps one of them waiting.
        self.submit(message).await?;
        self.delete(receipt).await
    }

    async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError> {
        let body = String::from_utf8_lossy(&delivery.body).into_owned();
        if self
            .dead_letters
            .add(&self.sqs, self.url(), body, reason)
            .await?
        {
            return self.delete(&delivery.receipt).await;
        }
        tracing::error!(
            "the queue has no dead letter queue; a message that can never run is put off"
        );
        self.hide(&delivery.receipt, NO_DEAD_LETTERS).await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let count = async |url: &str| {
            let call = self
                .sqs
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
                .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
            let answer = call.customize().config_override(short()).send().await;
            let answer = answer.map_err(|error| failed("measuring the queue", &error))?;
            let number = |name: &QueueAttributeName| {
                answer
                    .attributes()
                    .and_then(|all| all.get(name))
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0)
            };
            let ready = number(&QueueAttributeName::ApproximateNumberOfMessages);
            Ok::<(u64, u64), QueueError>((
                ready,
                number(&QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            ))
        };
        let (ready, hidden) = count(self.url()).await?;
        let dead = match self.dead_letters.url(&self.sqs, self.url()).await? {
            Some(url) => count(url).await?.0,
            None => 0,
        };
        // SQS tells the age of its oldest message to CloudWatch only.
        Ok(Depth {
            ready,
            hidden,
            dead,
            oldest: None,
        })
    }

    fn hold_limit(&self) -> Option<Duration> {
        Some(HAND_OVER)
    }
}

/// A message as a delivery; one without a receipt is none.
fn delivery(message: Message) -> Option<Delivery> {
    let count = message
        .attributes
        .as_ref()
        .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount));
    Some(Delivery {
        receive_count: count.and_then(|count| count.parse().ok()).unwrap_or(1),
        receipt: Receipt(message.receipt_handle?),
        body: message.body.unwrap_or_default().into(),
    })
}

/// Settings of every call but a receive: it is given up after [`CALL`].
fn short() -> aws_sdk_sqs::config::Builder {
    let timeouts = TimeoutConfig::builder().operation_timeout(CALL).build();
    aws_sdk_sqs::config::Builder::new().timeout_config(timeouts)
}

fn seconds(span: Duration) -> i32 {
    // Rounded up: what is hidden for too short is run twice.
    let whole = span.min(MAX_VISIBILITY).as_millis().div_ceil(1000);
    i32::try_from(whole).unwrap_or(i32::MAX)
}
