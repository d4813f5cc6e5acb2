//! Posts one job's events to its webhook, in order, from its cursor to the end of the log.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::fetch::{FetchError, Post, PostAnswer, retry_after};
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use shared::ChannelId;
use shared::request::{RequestSecrets, Webhook, WebhookForm};
use store::journal::{
    Advance, JournalError, Page, PostResult, Tail, WEBHOOK_CLAIM, WebhookClaim, WebhookCursor,
};
use tokio::sync::Notify;

use super::WebhookContext;
use super::back_off::{GIVE_UP, pause};
use super::batch::Batch;
use super::metrics::PostOutcome;
use super::signature::{sign, sign_as_firecrawl};
use super::told::Told;

/// Bound of one post, from the connection to the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of frames that are read at once, about.
const BATCH_BYTES: usize = 256 * 1024;
/// Pause before a journal that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// Time between two renewals of a claim: two may fail before it lapses.
const RENEWAL: Duration = Duration::from_secs(WEBHOOK_CLAIM.as_secs() / 3);

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

/// Delivers to a claimed webhook until it is done, the claim is lost or the worker stops.
///
/// The claim is given back at the end, so that another worker can go on at once. Only if the events cannot be read it is left
/// to lapse: whoever claimed the webhook at once would fail alike.
pub(super) async fn deliver(context: &WebhookContext, claim: &WebhookClaim) {
    let channel = claim.channel;
    // Both arms may be dropped anywhere: the next teller goes on from the cursor.
    let work = async {
        tokio::select! {
            ended = post_all(context, claim) => ended,
            lost = keep_claim(context, claim) => Err(lost),
        }
    };
    match context.stop.run_until_cancelled(work).await {
        Some(Err(JournalError::LeaseLost)) => {
            tracing::debug!(%channel, "another worker has claimed a webhook");
        }
        Some(Err(error)) => {
            tracing::error!(%channel, %error, "a webhook's events could not be read");
        }
        Some(Ok(())) | None => give_back(context, claim).await,
    }
}

async fn give_back(context: &WebhookContext, claim: &WebhookClaim) {
    if let Err(error) = context.outbox.release_claim(claim).await {
        tracing::warn!(channel = %claim.channel, %error, "a claim of a webhook is left to lapse");
    }
}

/// Renews the claim until it is lost; answers the error that says so.
async fn keep_claim(context: &WebhookContext, claim: &WebhookClaim) -> JournalError {
    loop {
        tokio::time::sleep(RENEWAL).await;
        match context.outbox.renew_claim(claim).await {
            Ok(()) => {}
            Err(error) if may_pass(&error) => {
                tracing::warn!(channel = %claim.channel, %error, "a claim of a webhook was not renewed");
            }
            Err(error) => return error,
        }
    }
}

/// Posts everything there is and everything that comes, to the end of the log.
async fn post_all(context: &WebhookContext, claim: &WebhookClaim) -> Result<(), JournalError> {
    let channel = claim.channel;
    let signal = Arc::new(LogSignal(Notify::new()));
    let _following = context.log.follow(channel, signal.clone());
    loop {
        match step(context, claim).await {
            Ok(Next::More) => {}
            Ok(Next::Grown) => signal.0.notified().await,
            Ok(Next::After(pause)) => tokio::time::sleep(pause).await,
            Ok(Next::Done) => return Ok(()),
            Err(error) if may_pass(&error) => {
                tracing::error!(%channel, %error, "a webhook's events could not be read");
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// True for an error after which the same call may succeed.
const fn may_pass(error: &JournalError) -> bool {
    match error {
        JournalError::Store(_) => true,
        JournalError::LeaseLost | JournalError::Rewound | JournalError::Damaged(_) => false,
    }
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
async fn step(context: &WebhookContext, claim: &WebhookClaim) -> Result<Next, JournalError> {
    let channel = claim.channel;
    let Some(cursor) = context.outbox.webhook_cursor(claim).await? else {
        return Ok(Next::Done);
    };
    let wait = cursor.due.map(|due| due.since(context.clock.now()));
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        return Ok(Next::After(wait));
    }
    let events = match read(context, channel, &cursor).await? {
        Page::Next(events) => events,
        Page::Parted { after } => {
            tracing::warn!(%channel, %after, "the journal lost events that a webhook has received; it gets what took their place");
            let back = PostResult::Delivered(after);
            context.outbox.record_post(claim, back).await?;
            return Ok(Next::More);
        }
    };
    let batch = Batch::new(channel, &events, cursor.through, &cursor.webhook);
    let Some(batch) = batch else {
        if !cursor.expired {
            return Ok(Next::Grown);
        }
        context.outbox.record_post(claim, PostResult::Done).await?;
        return Ok(Next::Done);
    };
    let reaction = match batch.body.clone() {
        None => Reaction::Accepted,
        Some(body) => {
            let _permits = context.post_permits(&claim.tenant).await;
            begin(context, claim, &cursor, &batch).await?;
            post(context, claim, &cursor, &batch.id, body).await
        }
    };
    let result = match reaction {
        Reaction::Accepted if batch.is_end => PostResult::Done,
        Reaction::Accepted => PostResult::Delivered(batch.last),
        Reaction::Refused(reason, wish) => refused(context, channel, &cursor, &reason, wish),
        Reaction::Hopeless(reason) => give_up(context, channel, reason),
    };
    context.outbox.record_post(claim, result).await?;
    Ok(match result {
        PostResult::Done => Next::Done,
        PostResult::Delivered(_) | PostResult::Begun(_) | PostResult::RetryAt(_) => Next::More,
    })
}

/// The events after the cursor: as the stream has them, or whole, where the form of the posts has pages whole.
async fn read(
    context: &WebhookContext,
    channel: ChannelId,
    cursor: &WebhookCursor,
) -> Result<Page<Told>, JournalError> {
    let after = cursor.after;
    match cursor.webhook.form {
        WebhookForm::Events => {
            let page = context.log.read(channel, after, BATCH_BYTES).await?;
            Ok(page.map(Told::from))
        }
        WebhookForm::Firecrawl | WebhookForm::FirecrawlBatch => {
            let page = context.log.read_whole(channel, after, BATCH_BYTES).await?;
            Ok(page.map(Told::from))
        }
    }
}

/// Makes sure, right before a post, that the claim is still held, and that a retry of the post will be the same.
async fn begin(
    context: &WebhookContext,
    claim: &WebhookClaim,
    cursor: &WebhookCursor,
    batch: &Batch,
) -> Result<(), JournalError> {
    if cursor.through.is_some() {
        return context.outbox.renew_claim(claim).await;
    }
    // Durable first: a server that took the post, and could not say so, must get the same one again.
    let begun = PostResult::Begun(batch.last.position);
    context.outbox.record_post(claim, begun).await
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

async fn post(
    context: &WebhookContext,
    claim: &WebhookClaim,
    cursor: &WebhookCursor,
    id: &str,
    body: Bytes,
) -> Reaction {
    let (channel, sealed) = (claim.channel, cursor.sealed.as_ref());
    let secrets = RequestSecrets::open(channel, sealed, &context.keys);
    let webhook = secrets.and_then(|secrets| cursor.webhook.clone().with_secrets(&secrets));
    let Some(headers) = webhook
        .ok()
        .and_then(|webhook| headers(context, &webhook, id, &body))
    else {
        return Reaction::Hopeless(
            "its secrets are sealed with a token key that this worker does not have",
        );
    };
    let post = Post {
        url: cursor.webhook.url.url().clone(),
        headers,
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

/// The headers of a post; nothing if a secret is missing.
fn headers(
    context: &WebhookContext,
    webhook: &Webhook,
    id: &str,
    body: &[u8],
) -> Option<HeaderMap> {
    let timestamp = context.clock.now().millis() / 1000;
    let (mut signature, mut theirs) = (None, None);
    if let Some(secret) = &webhook.secret {
        let secret = secret.reveal()?;
        signature = Some(sign(secret, id, timestamp, body));
        theirs = (webhook.form != WebhookForm::Events).then(|| sign_as_firecrawl(secret, body));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in webhook.headers.reveal()? {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let more = [
        ("webhook-id", Some(id.to_owned())),
        ("webhook-timestamp", Some(timestamp.to_string())),
        ("webhook-signature", signature),
        ("x-firecrawl-signature", theirs),
    ];
    for (name, value) in more {
        let value = value.and_then(|value| HeaderValue::from_str(&value).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Some(headers)
}
