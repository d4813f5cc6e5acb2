//! Endpoints of the web page: its document, and its other files.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use shared::Problem;

use crate::http::HttpState;
use crate::http::answer::{Answer, bytes, empty, whole};
use crate::page;

/// The page itself.
pub(in crate::http) fn index(state: &HttpState, request: &HeaderMap) -> Answer {
    let index = page::asset("/").expect("the page is built in");
    let mut answer = serve(request, &index);
    let origin = state.front.public_url.origin().ascii_serialization();
    if let (Some(headers), Ok(policy)) = (
        answer.headers_mut(),
        HeaderValue::from_str(&page::content_security_policy(&origin)),
    ) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// A script, style sheet or picture of the page, or `config.json`, its settings.
pub(in crate::http) fn asset(
    state: &HttpState,
    request: &HeaderMap,
    name: &str,
) -> Result<Answer, Problem> {
    if name == "config.json" {
        return Ok(Answer::Response(bytes(
            StatusCode::OK,
            "application/json",
            state.page.to_json(),
        )));
    }
    let asset = page::asset(&format!("/page/{name}"))
        .ok_or_else(|| Problem::not_found("the page has no such part"))?;
    Ok(serve(request, &asset))
}

fn serve(request: &HeaderMap, asset: &page::Asset) -> Answer {
    let known = request
        .get(IF_NONE_MATCH)
        .is_some_and(|tag| tag.as_bytes() == asset.etag.as_bytes());
    let mut response = if known {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(whole(Bytes::from_static(asset.body)))
    };
    let headers = response.headers_mut();
    for (name, value) in page::HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(asset.cache_control));
    if let Ok(tag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(ETAG, tag);
    }
    Answer::Response(response)
}
