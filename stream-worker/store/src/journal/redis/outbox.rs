//! Webhooks that are pending: owed by all workers, told by one.
//!
//! The cursor is in the channel's record, fenced by the number of the last claim. A sorted set for each tenant says when somebody
//! must look: at a webhook that nobody has claimed at once, at one that is claimed when the claim lapses, at one that failed
//! when its next post is due. The set is not in the record's slot: it is an index, and the record decides.

use std::time::Duration;

use shared::{ChannelId, JobMessage, Timestamp};

use super::answer::Answer;
use super::expiry::{self, millis};
use super::inner::Inner;
use super::scripts::{OWED, WEBHOOK};
use crate::journal::{JournalError, PostResult, WEBHOOK_CLAIM, WebhookClaim, WebhookCursor};
use crate::redis::Request;

/// Time after which a tenant that owes nothing is forgotten: longer than an acquire takes from one set to the other.
const FORGET: Duration = Duration::from_secs(3600);

/// State of one webhook's cursor in its record.
struct Cursor {
    claim: u64,
    /// Time until the next post may begin.
    wait: Duration,
    fields: Answer,
}

impl Inner {
    /// Notes that a job has a webhook. Called before the record says so, and once more after that: in between it may be looked
    /// after, found to owe nothing and taken out.
    pub(super) async fn owe_webhook(&self, job: &JobMessage) -> Result<(), JournalError> {
        let tenants = self
            .tenants_call()
            .bytes("note")
            .bytes(&job.tenant)
            .number(millis(expiry::TENANT));
        self.server.run(tenants).await?;
        let channels = self
            .owed_call(&job.tenant)
            .bytes("add")
            .bytes(job.channel_id.to_string())
            .number(millis(expiry::TENANT));
        self.server.run(channels).await?;
        Ok(())
    }

    pub(super) async fn tenants_with_webhooks(&self) -> Result<Vec<String>, JournalError> {
        let all = Request::command("ZRANGE")
            .bytes(self.keys.tenants_with_webhooks())
            .number(0)
            .number(-1);
        let mut tenants = Vec::new();
        for tenant in Answer::of(self.server.run(all).await?)? {
            tenants.push(tenant.text()?.to_owned());
        }
        let calls: Vec<_> = tenants
            .iter()
            .map(|tenant| self.owed_call(tenant).bytes("due"))
            .collect();
        let due = self.server.run_all(&calls).await?;
        let mut owing = Vec::new();
        for (tenant, due) in tenants.into_iter().zip(due) {
            if due?.count()? > 0 {
                owing.push(tenant);
            } else {
                self.forget_tenant(&tenant).await?;
            }
        }
        Ok(owing)
    }

    /// Takes a tenant out that has no pending webhook and had no new one for a while.
    async fn forget_tenant(&self, tenant: &str) -> Result<(), JournalError> {
        let owed = Request::command("EXISTS").bytes(self.keys.tenant(tenant).owed);
        if self.server.run(owed).await?.count()? == 0 {
            let forget = self
                .tenants_call()
                .bytes("forget")
                .bytes(tenant)
                .number(millis(FORGET));
            self.server.run(forget).await?;
        }
        Ok(())
    }

    pub(super) async fn claim_webhooks(
        &self,
        tenant: &str,
        most: usize,
    ) -> Result<Vec<WebhookClaim>, JournalError> {
        let call = self
            .owed_call(tenant)
            .bytes("claim")
            .number(most as u64)
            .number(millis(WEBHOOK_CLAIM));
        let mut claims = Vec::new();
        for channel in Answer::of(self.server.run(call).await?)? {
            let channel = channel.text()?.parse();
            let damaged =
                |_error| JournalError::Damaged(format!("the webhooks of tenant {tenant}"));
            let channel = channel.map_err(damaged)?;
            match self.move_cursor(channel, "claim", None, None).await? {
                Some(cursor) => claims.push(WebhookClaim {
                    channel,
                    tenant: tenant.to_owned(),
                    number: cursor.claim,
                }),
                None => self.disown(tenant, channel).await?,
            }
        }
        Ok(claims)
    }

    /// Makes a claim last from now on.
    pub(super) async fn renew_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        self.use_claim(claim, "use", None).await.map(drop)
    }

    pub(super) async fn release_claim(&self, claim: &WebhookClaim) -> Result<(), JournalError> {
        let released = self.move_cursor(claim.channel, "release", Some(claim), None);
        match released.await {
            Ok(Some(cursor)) => self.put_off(claim, cursor.wait).await,
            Ok(None) => self.disown(&claim.tenant, claim.channel).await,
            // Who has lost a claim gives back nothing.
            Err(JournalError::LeaseLost) => Ok(()),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn webhook_cursor(
        &self,
        claim: &WebhookClaim,
    ) -> Result<Option<WebhookCursor>, JournalError> {
        let Some(mut cursor) = self.use_claim(claim, "use", None).await? else {
            return Ok(None);
        };
        let Some(seen) = self.see(&[claim.channel]).await?.remove(0) else {
            return Ok(None);
        };
        let Some(job) = seen.job else {
            return Ok(None);
        };
        let Some(webhook) = job.request.webhook else {
            return Ok(None);
        };
        let fields = &mut cursor.fields;
        let after = fields.needed()?;
        let through = fields.parsed()?.map(shared::Position);
        let failures = fields.parsed()?.unwrap_or(0);
        let (since, due) = (fields.parsed()?, fields.parsed()?);
        let server_now: i64 = fields.needed()?;
        let now = self.clock.now();
        // By this worker's clock.
        let own = |time: i64| Timestamp::from_millis(now.millis() + (time - server_now));
        Ok(Some(WebhookCursor {
            webhook,
            sealed: job.sealed,
            after,
            through,
            failures,
            failing_since: since.map(own),
            due: due.map(own),
            expired: seen.expired,
        }))
    }

    pub(super) async fn record_post(
        &self,
        claim: &WebhookClaim,
        result: PostResult,
    ) -> Result<(), JournalError> {
        let (verb, value) = match result {
            PostResult::Delivered(last) => ("delivered", Some(last.to_string())),
            PostResult::Begun(through) => ("begun", Some(through.to_string())),
            PostResult::RetryAt(due) => {
                let wait = due.since(self.clock.now());
                ("failed", Some(millis(wait).to_string()))
            }
            PostResult::Done => ("done", None),
        };
        self.use_claim(claim, verb, value).await.map(drop)
    }

    /// Moves the cursor under a claim, and makes the claim last from now on.
    async fn use_claim(
        &self,
        claim: &WebhookClaim,
        verb: &str,
        value: Option<String>,
    ) -> Result<Option<Cursor>, JournalError> {
        let moved = self.move_cursor(claim.channel, verb, Some(claim), value);
        let Some(cursor) = moved.await? else {
            self.disown(&claim.tenant, claim.channel).await?;
            return Ok(None);
        };
        self.put_off(claim, cursor.wait.max(WEBHOOK_CLAIM)).await?;
        Ok(Some(cursor))
    }

    /// Calls the script of the cursor with `verb`; answers the cursor after that, or nothing if there is none any more.
    async fn move_cursor(
        &self,
        channel: ChannelId,
        verb: &str,
        claim: Option<&WebhookClaim>,
        value: Option<String>,
    ) -> Result<Option<Cursor>, JournalError> {
        let mut call = self
            .call(&WEBHOOK, &[&self.keys.topic(channel)])
            .bytes(verb);
        if let Some(claim) = claim {
            call = call.number(claim.number);
        }
        if let Some(value) = value {
            call = call.bytes(value);
        }
        let mut answer = Answer::of(self.server.run(call).await?)?;
        match answer.needed::<String>()?.as_str() {
            "ok" => Ok(Some(Cursor {
                claim: answer.needed()?,
                wait: Duration::from_millis(answer.needed()?),
                fields: answer,
            })),
            "lost" => Err(JournalError::LeaseLost),
            _none => Ok(None),
        }
    }

    async fn put_off(&self, claim: &WebhookClaim, wait: Duration) -> Result<(), JournalError> {
        let call = self
            .owed_call(&claim.tenant)
            .bytes("put_off")
            .bytes(claim.channel.to_string())
            .number(millis(wait));
        self.server.run(call).await.map(drop)
    }

    /// Takes a channel out that owes nothing.
    async fn disown(&self, tenant: &str, channel: ChannelId) -> Result<(), JournalError> {
        let call = self
            .owed_call(tenant)
            .bytes("remove")
            .bytes(channel.to_string());
        self.server.run(call).await.map(drop)
    }

    fn owed_call(&self, tenant: &str) -> Request {
        self.call(&OWED, &[&self.keys.tenant(tenant).owed])
    }

    fn tenants_call(&self) -> Request {
        self.call(&OWED, &[&self.keys.tenants_with_webhooks()])
    }
}
