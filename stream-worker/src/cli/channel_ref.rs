//! The channel that a command is about: what `submit` printed, or one of its URLs.

use std::path::Path;

use anyhow::Context;
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use shared::ChannelId;
use url::Url;

use super::exit::Failure;
use super::input;
use super::server::{authorized, http};

/// One channel, and what lets its caller in.
#[derive(Debug, Clone)]
pub(super) struct ChannelRef {
    /// `…/v1/channels/{id}`, with the token that the URL had.
    status_url: Url,
    /// The control token or the API key.
    bearer: Option<String>,
}

/// As much of the answer to a submission as is needed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Submitted {
    status_url: Url,
    token: Option<String>,
}

impl ChannelRef {
    /// Reads a file, stdin (`-`) or a URL.
    ///
    /// # Errors
    /// Says what would be right.
    pub(super) fn read(text: &str, api_key: Option<String>) -> Result<Self, Failure> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = Url::parse(text)
                .map_err(|error| Failure::Usage(format!("{text} is not a URL: {error}")))?;
            return Self::of_url(url, api_key);
        }
        let bytes = input::read(Path::new(text)).with_context(|| {
            format!("could not read {text}; it must be a file with what `crawlcast submit` printed, `-`, or a URL")
        })?;
        Self::of_answer(&bytes, api_key).map_err(|why| Failure::Usage(format!("{text} {why}")))
    }

    /// Reads what a server answered to a submission.
    ///
    /// # Errors
    /// Says, as the end of a sentence, what is wrong.
    pub(super) fn of_answer(answer: &[u8], api_key: Option<String>) -> Result<Self, String> {
        let submitted: Submitted = serde_json::from_slice(answer)
            .map_err(|error| format!("is not what `crawlcast submit` printed: {error}"))?;
        let channel =
            Self::of_url(submitted.status_url, api_key).map_err(|error| error.to_string())?;
        Ok(Self {
            bearer: submitted.token.or(channel.bearer),
            ..channel
        })
    }

    fn of_url(mut url: Url, bearer: Option<String>) -> Result<Self, Failure> {
        let wrong = || {
            let right = "the URL must be an eventsUrl or a statusUrl, as in https://…/v1/channels/<id>/events?token=…";
            Failure::Usage(right.to_owned())
        };
        let path = url.path().to_owned();
        let (base, rest) = path.rsplit_once("/v1/channels/").ok_or_else(wrong)?;
        let id = rest.split('/').next().unwrap_or_default();
        let channel: ChannelId = id.parse().map_err(|_error| wrong())?;
        url.set_path(&format!("{base}/v1/channels/{channel}"));
        let tokens: Vec<String> = url
            .query_pairs()
            .filter(|(name, _)| name == "token")
            .map(|(_, value)| value.into_owned())
            .collect();
        url.set_query(None);
        if let Some(token) = tokens.first() {
            url.query_pairs_mut().append_pair("token", token);
        }
        Ok(Self {
            status_url: url,
            bearer,
        })
    }

    /// URL of what is below the channel, as `events`; of the channel itself, if empty.
    pub(super) fn url(&self, below: &str) -> Url {
        let mut url = self.status_url.clone();
        if !below.is_empty() {
            let path = format!("{}/{below}", url.path());
            url.set_path(&path);
        }
        url
    }

    /// A request to it.
    ///
    /// # Errors
    /// HTTP cannot be set up.
    pub(super) fn request(&self, method: Method, below: &str) -> Result<RequestBuilder, Failure> {
        self.request_with(method, below, &[])
    }

    /// A request to it, with further parameters.
    ///
    /// # Errors
    /// HTTP cannot be set up.
    pub(super) fn request_with(
        &self,
        method: Method,
        below: &str,
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, Failure> {
        let mut url = self.url(below);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = http()?.request(method, url);
        Ok(authorized(request, self.bearer.as_deref()))
    }

    /// Value of the `Authorization` header.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f6c1c1e-0f4c-4b57-8a59-0c9d4b8c7f10";

    #[test]
    fn each_url_of_a_channel_names_it() {
        for tail in ["", "/events", "/results"] {
            let text =
                format!("https://a.example/x/v1/channels/{ID}{tail}?lastEventId=1-2&token=t%2B");
            let channel = ChannelRef::read(&text, None).unwrap();
            assert_eq!(
                channel.url("cancel").as_str(),
                format!("https://a.example/x/v1/channels/{ID}/cancel?token=t%2B")
            );
        }
    }

    #[test]
    fn what_submit_printed_brings_the_control_token() {
        let answer = format!(
            r#"{{"channelId":"{ID}","eventsUrl":"https://a.example/","statusUrl":"https://a.example/v1/channels/{ID}?token=w","token":"c"}}"#
        );
        let channel = ChannelRef::of_answer(answer.as_bytes(), Some("key".to_owned())).unwrap();
        assert_eq!(channel.bearer(), Some("c"));
    }

    #[test]
    fn another_url_is_refused_with_what_would_be_right() {
        let error = ChannelRef::read("https://a.example/", None).unwrap_err();
        assert!(error.to_string().contains("/v1/channels/<id>"), "{error}");
    }
}
