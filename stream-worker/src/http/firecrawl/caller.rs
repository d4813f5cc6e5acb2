//! The rights of a client on a job.
//!
//! These clients have an API key, and no tokens: a job is theirs if it was submitted with their key. Where no keys are
//! configured everybody is the same tenant, and whoever knows a job's ID may ask for it.

use http::Request;
use http::header::AUTHORIZATION;
use shared::token::Scope;
use shared::{ChannelId, header};
use store::journal::Snapshot;

use super::handshake::protocol;
use crate::firecrawl::Refusal;
use crate::http::HttpState;
use crate::http::answer::journal_problem;
use crate::http::credentials::parameter;

/// A job that the client may ask for.
pub(super) struct Job {
    pub(super) channel: ChannelId,
    /// Its state; nothing while the journal does not know it, as before a worker has taken it.
    pub(super) snapshot: Option<Snapshot>,
}

/// The tenant whose key the request carries.
pub(super) fn tenant<B>(state: &HttpState, request: &Request<B>) -> Result<String, Refusal> {
    let keys = &state.front.api_keys;
    let authorization = header::text(request.headers(), &AUTHORIZATION)?;
    let in_protocol = protocol(request).map(|key| format!("Bearer {key}"));
    [authorization, in_protocol.as_deref()]
        .into_iter()
        .find_map(|authorization| keys.tenant(authorization))
        .ok_or_else(|| Refusal::new(401, "Unauthorized: send an API key that this server knows"))
}

/// The job that the path names, if the client may do with it what `needed` says.
///
/// # Errors
/// 404 whatever is wrong with the job or the key; 401 without a key that is known.
pub(super) async fn job<B>(
    state: &HttpState,
    request: &Request<B>,
    id: &str,
    needed: Scope,
) -> Result<Job, Refusal> {
    let channel: ChannelId = id.parse().map_err(|_error| Refusal::unknown_job())?;
    let snapshot = state.registry.journal().snapshot(channel).await;
    let snapshot = snapshot.map_err(|error| journal_problem(&error))?;
    let job = Job { channel, snapshot };
    if token_grants(state, request, channel, needed) {
        return Ok(job);
    }
    let tenant = tenant(state, request)?;
    let recorded = job
        .snapshot
        .as_ref()
        .and_then(|snapshot| snapshot.tenant.as_deref());
    if state.front.token_keys.is_channel_of(channel, &tenant) || recorded == Some(&tenant) {
        Ok(job)
    } else {
        Err(Refusal::unknown_job())
    }
}

/// A watch or control token is as good as a key: a page can be given one without the other.
fn token_grants<B>(
    state: &HttpState,
    request: &Request<B>,
    channel: ChannelId,
    needed: Scope,
) -> bool {
    let bearer = header::text(request.headers(), &AUTHORIZATION)
        .ok()
        .flatten();
    let bearer = bearer.and_then(|value| Some(value.split_once(' ')?.1.trim()));
    let in_query = parameter(request.uri().query(), &["token"]);
    let now = state.clock.now();
    [bearer, in_query.as_deref(), protocol(request)]
        .into_iter()
        .flatten()
        .any(|token| {
            let granted = state.front.token_keys.verify(token, channel, now);
            granted >= Some(needed)
        })
}
