//! The queue of messages that can never run.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::failure::failed;
use crate::queue::QueueError;

/// Bytes of a message at most, with names, types and values of its attributes (SQS's limit).
const MAX_MESSAGE: usize = 1024 * 1024;
/// Name of the attribute with the reason.
const REASON: &str = "reason";
const TEXT: &str = "String";

/// The dead letter queue that the redrive policy names; asked for once.
#[derive(Default)]
pub(super) struct DeadLetters(OnceCell<Option<String>>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
}

impl DeadLetters {
    /// Its URL, if the queue has one.
    pub(super) async fn url(
        &self,
        sqs: &Client,
        queue_url: &str,
    ) -> Result<Option<&str>, QueueError> {
        let url = self.0.get_or_try_init(|| find(sqs, queue_url)).await?;
        Ok(url.as_deref())
    }

    /// Adds a message with the reason; false if there is nowhere to add it.
    pub(super) async fn add(
        &self,
        sqs: &Client,
        queue_url: &str,
        body: String,
        reason: &str,
    ) -> Result<bool, QueueError> {
        let Some(url) = self.url(sqs, queue_url).await? else {
            return Ok(false);
        };
        let attributes =
            reason_beside(&body, reason).map(|reason| [(REASON.to_owned(), reason)].into());
        sqs.send_message()
            .queue_url(url)
            .message_body(body)
            .set_message_attributes(attributes)
            .send()
            .await
            .map_err(|error| failed("adding a dead letter", &error))?;
        Ok(true)
    }
}

/// The reason as an attribute; none if the message is so large that it would no longer fit. The log has it in any case.
fn reason_beside(body: &str, reason: &str) -> Option<MessageAttributeValue> {
    // A message may not hold control characters.
    let reason: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    (body.len() + REASON.len() + TEXT.len() + reason.len() <= MAX_MESSAGE).then(|| {
        let value = MessageAttributeValue::builder()
            .data_type(TEXT)
            .string_value(reason)
            .build();
        value.expect("the data type is set")
    })
}

async fn find(sqs: &Client, queue_url: &str) -> Result<Option<String>, QueueError> {
    let attributes = sqs
        .get_queue_attributes()
        .queue_url(queue_url)
        .attribute_names(QueueAttributeName::RedrivePolicy)
        .send()
        .await
        .map_err(|error| failed("reading the redrive policy", &error))?;
    let policy = attributes
        .attributes()
        .and_then(|all| all.get(&QueueAttributeName::RedrivePolicy));
    let Some(policy) = policy.and_then(|policy| serde_json::from_str::<RedrivePolicy>(policy).ok())
    else {
        return Ok(None);
    };
    let Some(name) = policy.dead_letter_target_arn.rsplit(':').next() else {
        return Ok(None);
    };
    let found = sqs.get_queue_url().queue_name(name).send().await;
    let found = found.map_err(|error| failed("finding the dead letter queue", &error))?;
    Ok(found.queue_url().map(str::to_owned))
}
