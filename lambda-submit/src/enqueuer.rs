//! Sends jobs to SQS.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
};
use shared::JobMessage;

/// Time for one send with its retries. API Gateway gives up after 30 s, people sooner.
const OPERATION: Duration = Duration::from_secs(3);
/// Attempts at one send, the first included.
const ATTEMPTS: u32 = 3;
/// Time for opening the first connection, before the function says that it is ready.
const WARM_UP: Duration = Duration::from_secs(1);

/// Puts accepted jobs where workers find them.
#[async_trait]
pub(crate) trait Enqueuer: Send + Sync {
    /// Adds a job, durably.
    async fn enqueue(&self, job: &JobMessage, trace: &Trace) -> Result<(), EnqueueError>;
}

/// The W3C trace context that the message carries, so that the job's trace goes on from the submission's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// X-Ray's header.
    pub(crate) xray: Option<String>,
    /// W3C Trace Context.
    pub(crate) traceparent: Option<String>,
}

/// The job is not in the queue, or it is not known whether it is. The caller may retry.
#[derive(Debug, thiserror::Error)]
#[error("could not send the job to the queue ({code}): {detail}")]
pub(crate) struct EnqueueError {
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// An SQS standard queue. Tenants share it fairly by their message group.
pub(crate) struct SqsEnqueuer {
    sqs: Client,
    queue_url: String,
}

impl SqsEnqueuer {
    /// A client for `queue_url`, with the environment's credentials.
    pub(crate) async fn connect(queue_url: String) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_timeout(OPERATION)
                    .build(),
            )
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .load()
            .await;
        Self {
            sqs: Client::new(&config),
            queue_url,
        }
    }

    /// Opens the connection. That the role may not ask this question does not matter: the answer is not needed.
    pub(crate) async fn warm(&self) {
        let question = self
            .sqs
            .get_queue_attributes()
            .queue_url(&self.queue_url)
            .send();
        if tokio::time::timeout(WARM_UP, question).await.is_err() {
            tracing::warn!("the queue did not answer while the function started");
        }
    }
}

#[async_trait]
impl Enqueuer for SqsEnqueuer {
    async fn enqueue(&self, job: &JobMessage, trace: &Trace) -> Result<(), EnqueueError> {
        let body = String::from_utf8(job.encode()).expect("a job is encoded as JSON");
        let xray = trace.xray.as_ref().map(|header| {
            let value = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(header)
                .build();
            (
                MessageSystemAttributeNameForSends::AwsTraceHeader,
                value.expect("the data type is set"),
            )
        });
        let traceparent = trace.traceparent.as_ref().map(|header| {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(header)
                .build();
            (
                "traceparent".to_owned(),
                value.expect("the data type is set"),
            )
        });
        self.sqs
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body)
            .message_group_id(&job.tenant)
            .set_message_system_attributes(xray.map(|pair| [pair].into()))
            .set_message_attributes(traceparent.map(|pair| [pair].into()))
            .send()
            .await
            .map(drop)
            .map_err(|error| refused(&error))
    }
}

fn refused<E>(error: &SdkError<E>) -> EnqueueError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let code = match error {
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "unreachable",
        _ => error.code().unwrap_or("unknown"),
    };
    EnqueueError {
        code: code.to_owned(),
        detail: DisplayErrorContext(error).to_string(),
    }
}
