//! A job that was accepted, as its submitter holds it.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{Answer, Api, Watcher, WatcherOptions, eventually};

/// A job, with the URLs and tokens of the answer.
#[derive(Debug, Clone)]
pub struct Job {
    api: Api,
    /// Its channel.
    pub channel: String,
    /// URL of its stream.
    pub events_url: String,
    /// URL of its snapshot.
    pub status_url: String,
    /// The control token.
    pub token: String,
}

impl Job {
    /// The job of a submission's answer, watched through `api`.
    ///
    /// # Panics
    /// If the answer is not one of a submission.
    #[must_use]
    pub fn accepted(api: Api, answer: &Value) -> Self {
        let text = |name: &str| {
            answer[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name} is a string: {answer}"))
                .to_owned()
        };
        Self {
            api,
            channel: text("channelId"),
            events_url: text("eventsUrl"),
            status_url: text("statusUrl"),
            token: text("token"),
        }
    }

    /// The same job, reached through another worker or proxy.
    #[must_use]
    pub fn through(&self, api: Api) -> Self {
        Self {
            api,
            ..self.clone()
        }
    }

    /// The events URL's path and query: to reach the stream another way than the answer says.
    #[must_use]
    pub fn events_path(&self) -> String {
        let at = self
            .events_url
            .find("/v1/")
            .expect("the API's paths begin with /v1/");
        self.events_url[at..].to_owned()
    }

    /// Watches it from the start.
    #[must_use]
    pub fn watch(&self) -> Watcher {
        self.watch_with().open()
    }

    /// Watches it in some special way.
    #[must_use]
    pub fn watch_with(&self) -> WatcherOptions {
        Watcher::options(&self.api.url(&self.events_path())).client(self.api.http().clone())
    }

    /// Its snapshot.
    ///
    /// # Panics
    /// If there is none.
    pub async fn status(&self) -> Value {
        let at = self
            .status_url
            .find("/v1/")
            .expect("the API's paths begin with /v1/");
        self.api
            .get(&self.status_url[at..])
            .await
            .expect(200)
            .json()
    }

    /// Waits until its snapshot says `state`.
    pub async fn becomes(&self, state: &str) -> Value {
        eventually(&format!("the job becomes {state}"), || async {
            let status = self.status().await;
            (status["state"] == state).then_some(status)
        })
        .await
    }

    /// Waits until its snapshot says that the stream of all is paused, or no longer.
    pub async fn becomes_paused(&self, paused: bool) {
        eventually(&format!("paused is {paused}"), || async {
            (self.status().await["paused"] == paused).then_some(())
        })
        .await;
    }

    /// Posts a command with the control token.
    pub async fn command(&self, verb: &str, body: &Value) -> Answer {
        self.api.send(self.posting(verb, body)).await
    }

    fn posting(&self, verb: &str, body: &Value) -> RequestBuilder {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let path = format!("/v1/channels/{}/{verb}", self.channel);
        let posting = self.api.request("POST", &path);
        posting.bearer_auth(&self.token).body(body)
    }

    /// Cancels it.
    pub async fn cancel(&self) -> Answer {
        self.command("cancel", &Value::Null).await
    }

    /// Cancels it, if an answer comes.
    pub async fn try_cancel(&self) -> Option<Answer> {
        let cancel = self.posting("cancel", &Value::Null);
        self.api.try_send(cancel).await
    }

    /// Pauses the stream of all.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn pause(&self) {
        let _ = self.command("pause", &Value::Null).await.expect(200);
    }

    /// Resumes the stream of all.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn resume(&self) {
        let _ = self.command("resume", &Value::Null).await.expect(200);
    }

    /// Pauses or resumes one connection.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn gate(&self, verb: &str, connection: &str) {
        let _ = self
            .command(verb, &json!({ "connectionId": connection }))
            .await
            .expect(200);
    }

    /// Downloads its pages.
    pub async fn results(&self, format: &str) -> Answer {
        let path = format!(
            "/v1/channels/{}/results?format={format}&token={}",
            self.channel, self.token
        );
        self.api.get(&path).await
    }

    /// The API that it was submitted through.
    #[must_use]
    pub const fn api(&self) -> &Api {
        &self.api
    }
}
