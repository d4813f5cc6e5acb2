//! The rights of a request on a channel.
//!
//! A request may carry several credentials: a token in the URL, a token or an API key as bearer. The best that they grant
//! counts, so that a header which a client or a gateway adds by itself never hides a good token in the URL.

use std::borrow::Cow;

use http::Request;
use http::header::AUTHORIZATION;
use shared::token::Scope;
use shared::{ChannelId, Problem, header};

use super::HttpState;
use super::answer::journal_problem;

/// The channel named in the path, if the request may do on it what `needed` says.
///
/// An API key may watch and control the channels of its own submissions. Whose a channel is, its ID proves, or the record
/// of its job.
///
/// # Errors
/// 404 whatever is wrong with the channel, the tokens or the key, so that nothing can be learnt by trying; 403 for good
/// tokens that grant too little; 400 if nothing is granted and the `Authorization` header cannot be read; 503 if only the
/// journal could tell, and it does not answer.
pub(super) async fn authorize<B>(
    state: &HttpState,
    request: &Request<B>,
    channel: &str,
    needed: Scope,
) -> Result<ChannelId, Problem> {
    let channel: ChannelId = channel.parse().map_err(|_error| nothing())?;
    let authorization = header::text(request.headers(), &AUTHORIZATION);
    let bearer = authorization
        .as_ref()
        .ok()
        .and_then(|value| bearer((*value)?));
    let in_query = parameter(request.uri().query(), &["token"]);
    let now = state.clock.now();
    let keys = &state.front.token_keys;
    let granted = [bearer, in_query.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(|token| keys.verify(token, channel, now))
        .max();
    if granted >= Some(needed) {
        return Ok(channel);
    }
    if let Ok(Some(value)) = authorization
        && is_submitter(state, value, channel).await?
    {
        return Ok(channel);
    }
    match (granted, authorization) {
        (Some(_less), _) => Err(Problem::forbidden(
            "this token may only watch; pause, resume and cancel need the control token, or the API key that submitted",
        )),
        (None, Err(unreadable)) => Err(unreadable),
        (None, Ok(_)) => Err(nothing()),
    }
}

fn nothing() -> Problem {
    Problem::not_found(
        "no such channel for this token; use the eventsUrl, statusUrl or token that the submission was answered with, \
         or the API key that submitted",
    )
}

/// True if this `Authorization` is the API key that the channel's job was submitted with.
async fn is_submitter(
    state: &HttpState,
    authorization: &str,
    channel: ChannelId,
) -> Result<bool, Problem> {
    let keys = &state.front.api_keys;
    // Without keys everybody is the same tenant, which proves nothing.
    if keys.is_empty() {
        return Ok(false);
    }
    let Some(tenant) = keys.tenant(Some(authorization)) else {
        return Ok(false);
    };
    if state.front.token_keys.is_channel_of(channel, &tenant) {
        return Ok(true);
    }
    // A job whose channel another program chose, or that was signed with a key that is no longer in force.
    let snapshot = state.registry.journal().snapshot(channel).await;
    let snapshot = snapshot.map_err(|error| journal_problem(&error))?;
    Ok(snapshot.and_then(|snapshot| snapshot.tenant).as_deref() == Some(&tenant))
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The first value of one of these parameters of a query, decoded.
pub(super) fn parameter<'a>(query: Option<&'a str>, names: &[&str]) -> Option<Cow<'a, str>> {
    let pairs = || url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    names
        .iter()
        .find_map(|name| pairs().find(|(key, _)| key == name).map(|(_, value)| value))
}
