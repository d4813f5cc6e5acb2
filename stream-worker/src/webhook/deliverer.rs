//! Posts one job's events to its webhook, in order, from its cursor to the end of the log.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::fetch::{FetchError, Post, PostAnswer, retry_after};
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use shared::ChannelId;
use store::journal::{
    Advance, JournalError, Page, PendingWebhook, PostResult, Tail, WebhookCursor,
};
use tokio::sync::Notify;

use super::WebhookContext;
use super::back_off::{GIVE_UP, pause};
use super::batch::Batch;
use super::metrics::PostOutcome;
use super::signature::sign;

/// Bound of one post, from the connection to the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of frames that are read at once, about.
const BATCH_BYTES: usize = 256 * 1024;
/// Pause before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// The server's reaction to a post.
enum Reaction {
    /// It has the events.
    Accepted,
    /// Refused for now, with the reason; the server may have asked for a pause (`Retry-After`).
    Refused(String, Option<Duration>),
    /// Refused for good, with the reason.
    Hopeless(&'static str),
}

/// Signals that the job's log has grown.
struct LogSignal(Notify);

impl Tail for LogSignal {
    fn advance(&self, _advance: &Advance) {
        self.0.notify_one();
    }
}

/// Delivers to a pending webhook until it is done or the worker stops.
pub(super) async fn deliver(context: &WebhookContext, pending: &PendingWebhook) {
    let channel = pending.channel;
    let signal = Arc::new(LogSignal(Notify::new()));
    let _following = context.log.follow(channel, signal.clone());
    let work = async {
        loop {
            match step(context, pending).await {
                Ok(Next::More) => {}
                Ok(Next::Grown) => signal.0.notified().await,
                Ok(Next::After(pause)) => tokio::time::sleep(pause).await,
                Ok(Next::Done) => return,
                Err(error) => {
                    tracing::error!(%channel, %error, "a webhook's events could not be read");
                    if !matches!(error, JournalError::Store(_)) {
                        return;
                    }
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    };
    context.stop.run_until_cancelled(work).await;
}

/// Continuation after a step.
enum Next {
    /// Another step, at once.
    More,
    /// A wait until the log has grown.
    Grown,
    /// A wait of this length.
    After(Duration),
    /// Nothing: the webhook is done.
    Done,
}

/// Posts the next batch, if there is one and its time has come, and moves the cursor.
async fn step(context: &WebhookContext, pending: &PendingWebhook) -> Result<Next, JournalError> {
    let channel = pending.channel;
    let Some(cursor) = context.outbox.webhook_cursor(channel).await? else {
        return Ok(Next::Done);
    };
    let wait = cursor.due.map(|due| due.since(context.clock.now()));
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        return Ok(Next::After(wait));
    }
    let frames = match context.log.read(channel, cursor.after, BATCH_BYTES).await? {
        Page::Next(frames) => frames,
        Page::Parted { after } => {
            tracing::warn!(%channel, %after, "the journal lost events that a webhook has received; it gets what took their place");
            let back = PostResult::Delivered(after);
            context.outbox.record_post(channel, back).await?;
            return Ok(Next::More);
        }
    };
    let batch = Batch::new(channel, &frames, cursor.through, &cursor.webhook);
    let Some(batch) = batch else {
        if !cursor.expired {
            return Ok(Next::Grown);
        }
        context
            .outbox
            .record_post(channel, PostResult::Done)
            .await?;
        return Ok(Next::Done);
    };
    let reaction = match batch.body.clone() {
        None => Reaction::Accepted,
        Some(body) => {
            if cursor.through.is_none() {
                // Durable first: a server that took the post, and could not say so, must get the same one again.
                let begun = PostResult::Begun(batch.last.position);
                context.outbox.record_post(channel, begun).await?;
            }
            let _permits = context.post_permits(&pending.tenant).await;
            post(context, &cursor, &batch.id, body).await
        }
    };
    let result = match reaction {
        Reaction::Accepted if batch.is_end => PostResult::Done,
        Reaction::Accepted => PostResult::Delivered(batch.last),
        Reaction::Refused(reason, wish) => refused(context, channel, &cursor, &reason, wish),
        Reaction::Hopeless(reason) => give_up(context, channel, reason),
    };
    context.outbox.record_post(channel, result).await?;
    Ok(match result {
        PostResult::Done => Next::Done,
        PostResult::Delivered(_) | PostResult::Begun(_) | PostResult::RetryAt(_) => Next::More,
    })
}

fn refused(
    context: &WebhookContext,
    channel: ChannelId,
    cursor: &WebhookCursor,
    reason: &str,
    wish: Option<Duration>,
) -> PostResult {
    let now = context.clock.now();
    let failing = cursor.failing_since.map(|since| now.since(since));
    if failing.is_some_and(|failing| failing >= GIVE_UP) {
        return give_up(context, channel, "it has failed for a day");
    }
    let failures = cursor.failures.saturating_add(1);
    tracing::debug!(%channel, failures, reason, "a post to a webhook failed; it will be tried again");
    context.metrics.posted(PostOutcome::Failed);
    PostResult::RetryAt(now.plus(pause(failures, wish)))
}

fn give_up(context: &WebhookContext, channel: ChannelId, reason: &'static str) -> PostResult {
    tracing::warn!(%channel, reason, "a webhook is given up");
    context.metrics.posted(PostOutcome::GivenUp);
    PostResult::Done
}

async fn post(context: &WebhookContext, cursor: &WebhookCursor, id: &str, body: Bytes) -> Reaction {
    let timestamp = context.clock.now().millis() / 1000;
    let signature = cursor.webhook.secret.as_ref();
    let signature = signature.map(|secret| sign(secret, id, timestamp, &body));
    let post = Post {
        url: cursor.webhook.url.url().clone(),
        headers: headers(id, timestamp, signature),
        body,
        timeout: TIMEOUT,
    };
    match context.poster.post(post).await {
        Ok(answer) => judge(context, &answer),
        Err(FetchError::BlockedAddress) => Reaction::Hopeless("its address may not be dialled"),
        Err(error) => Reaction::Refused(error.to_string(), None),
    }
}

fn judge(context: &WebhookContext, answer: &PostAnswer) -> Reaction {
    match answer.status {
        200..=299 => {
            context.metrics.posted(PostOutcome::Delivered);
            Reaction::Accepted
        }
        410 => Reaction::Hopeless("it is gone (status 410)"),
        status => {
            let wish = retry_after(&answer.headers, context.clock.now());
            Reaction::Refused(format!("it answers with status {status}"), wish)
        }
    }
}

fn headers(id: &str, timestamp: i64, signature: Option<String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let more = [
        ("webhook-id", Some(id.to_owned())),
        ("webhook-timestamp", Some(timestamp.to_string())),
        ("webhook-signature", signature),
    ];
    for (name, value) in more {
        let value = value.and_then(|value| HeaderValue::from_str(&value).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
