//! Who asks: the token of a request to a channel.

use http::Request;
use http::header::AUTHORIZATION;
use shared::token::Scope;
use shared::{ChannelId, Problem};

use super::HttpState;
use super::query::parameter;

/// The channel named in the path, if the request's token grants `needed` on it.
///
/// # Errors
/// 404 whatever is wrong with the channel or the token, so that nothing can be learnt by trying; 403 for a good token
/// that grants too little.
pub(super) fn authorize<B>(
    state: &HttpState,
    request: &Request<B>,
    channel: &str,
    needed: Scope,
) -> Result<ChannelId, Problem> {
    let nothing = || {
        Problem::not_found(
            "no such channel for this token; use the eventsUrl, statusUrl or token that the submission was answered with",
        )
    };
    let channel: ChannelId = channel.parse().map_err(|_error| nothing())?;
    let token = token(request).ok_or_else(nothing)?;
    let granted = state
        .front
        .token_keys
        .verify(&token, channel, state.clock.now())
        .ok_or_else(nothing)?;
    if granted < needed {
        return Err(Problem::forbidden(
            "this token may only watch; pause, resume and cancel need the control token",
        ));
    }
    Ok(channel)
}

fn token<B>(request: &Request<B>) -> Option<String> {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer {
        Some((_, token)) => Some(token.trim().to_owned()),
        None => parameter(request.uri().query(), &["token"]).map(std::borrow::Cow::into_owned),
    }
}
