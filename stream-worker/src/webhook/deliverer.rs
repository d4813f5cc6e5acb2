//! Tells one job's webhook, event after event, to the end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::fetch::{FetchError, Post, PostAnswer, retry_after};
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use shared::ChannelId;
use store::journal::{Advance, Delivery, JournalError, Tail, Told};
use tokio::sync::Notify;

use super::WebhookContext;
use super::back_off::{GIVE_UP, pause};
use super::batch::Batch;
use super::metrics::PostOutcome;
use super::signature::sign;

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of frames that are read at once, about.
const BATCH_BYTES: usize = 256 * 1024;
/// How long to wait before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// What came of a post.
enum Posted {
    Taken,
    /// Not taken now, for this reason; the server may have said when to come back.
    Refused(String, Option<Duration>),
    /// Never to be taken, for this reason.
    Hopeless(&'static str),
}

/// Rings when the job's log has grown.
struct Bell(Notify);

impl Tail for Bell {
    fn advance(&self, _advance: &Advance) {
        self.0.notify_one();
    }
}

/// Tells the webhook of the job on `channel` until it knows all, is given up, or the worker stops.
pub(super) async fn deliver(context: Arc<WebhookContext>, channel: ChannelId) {
    let bell = Arc::new(Bell(Notify::new()));
    let _following = context.log.follow(channel, bell.clone());
    let work = async {
        loop {
            match step(&context, channel).await {
                Ok(Next::More) => {}
                Ok(Next::Grown) => bell.0.notified().await,
                Ok(Next::After(pause)) => tokio::time::sleep(pause).await,
                Ok(Next::Over) => return,
                Err(error) => {
                    tracing::error!(%channel, %error, "the journal did not say what to tell a webhook");
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

/// What to do after a step.
enum Next {
    More,
    /// Wait until the log has grown.
    Grown,
    After(Duration),
    Over,
}

/// Looks at what follows and tells it.
async fn step(context: &WebhookContext, channel: ChannelId) -> Result<Next, JournalError> {
    let Some(delivery) = context.outbox.delivery(channel).await? else {
        return Ok(Next::Over);
    };
    let wait = delivery.due.map(|due| due.since(context.clock.now()));
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        return Ok(Next::After(wait));
    }
    let frames = context
        .log
        .read(channel, delivery.position, BATCH_BYTES)
        .await?;
    let batch = Batch::new(channel, &frames, delivery.through, &delivery.webhook);
    let Some(batch) = batch else {
        if !delivery.expired {
            return Ok(Next::Grown);
        }
        context.outbox.told(channel, Told::Over).await?;
        return Ok(Next::Over);
    };
    let posted = match batch.body.clone() {
        None => Posted::Taken,
        Some(body) => {
            if delivery.through.is_none() {
                // Durable first: whoever took the post, and could not say so, must know it again.
                let begun = Told::Begun(batch.last);
                context.outbox.told(channel, begun).await?;
            }
            post(context, &delivery, &batch.id, body).await
        }
    };
    let told = match posted {
        Posted::Taken if batch.is_end => Told::Over,
        Posted::Taken => Told::UpTo(batch.last),
        Posted::Refused(reason, wish) => refused(context, channel, &delivery, &reason, wish),
        Posted::Hopeless(reason) => give_up(context, channel, reason),
    };
    context.outbox.told(channel, told).await?;
    Ok(match told {
        Told::Over => Next::Over,
        Told::UpTo(_) | Told::Begun(_) | Told::NotYet(_) => Next::More,
    })
}

fn refused(
    context: &WebhookContext,
    channel: ChannelId,
    delivery: &Delivery,
    reason: &str,
    wish: Option<Duration>,
) -> Told {
    let now = context.clock.now();
    let failing = delivery.failing_since.map(|since| now.since(since));
    if failing.is_some_and(|failing| failing >= GIVE_UP) {
        return give_up(context, channel, "it has failed for a day");
    }
    let failures = delivery.failures.saturating_add(1);
    tracing::debug!(%channel, failures, reason, "a webhook could not be told; it will be tried again");
    context.metrics.posted(PostOutcome::Failed);
    Told::NotYet(now.plus(pause(failures, wish)))
}

fn give_up(context: &WebhookContext, channel: ChannelId, reason: &'static str) -> Told {
    tracing::warn!(%channel, reason, "a webhook is given up");
    context.metrics.posted(PostOutcome::GivenUp);
    Told::Over
}

async fn post(context: &WebhookContext, delivery: &Delivery, id: &str, body: Bytes) -> Posted {
    let _permit = context.posts.acquire().await;
    let timestamp = context.clock.now().millis() / 1000;
    let signature = delivery.webhook.secret.as_ref();
    let signature = signature.map(|secret| sign(secret, id, timestamp, &body));
    let post = Post {
        url: delivery.webhook.url.url().clone(),
        headers: headers(id, timestamp, signature),
        body,
        timeout: TIMEOUT,
    };
    match context.poster.post(post).await {
        Ok(answer) => judge(context, &answer),
        Err(FetchError::BlockedAddress) => Posted::Hopeless("its address may not be dialled"),
        Err(error) => Posted::Refused(error.to_string(), None),
    }
}

fn judge(context: &WebhookContext, answer: &PostAnswer) -> Posted {
    match answer.status {
        200..=299 => {
            context.metrics.posted(PostOutcome::Delivered);
            Posted::Taken
        }
        410 => Posted::Hopeless("it is gone (status 410)"),
        status => {
            let wish = retry_after(&answer.headers, context.clock.now());
            Posted::Refused(format!("it answers with status {status}"), wish)
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
