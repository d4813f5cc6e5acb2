//! S3 as moto serves it: the wire of the real one, on loopback, behind a relay that can cut it.

use memchr::memmem;
use reqwest::StatusCode;

use crate::moto::Moto;
use crate::{Relay, eventually};

/// A server with an empty bucket. It is gone when this is dropped.
pub struct S3 {
    moto: Moto,
    /// The way of all workers to the server.
    pub wire: Relay,
}

impl S3 {
    /// Name of the bucket.
    pub const BUCKET: &str = "bodies";

    /// Starts a server with an empty bucket.
    ///
    /// # Panics
    /// If moto is not installed or does not start.
    pub async fn start() -> Self {
        let moto = Moto::start().await;
        let wire = Relay::to(moto.port()).await;
        let server = Self { moto, wire };
        server.make_bucket().await;
        server
    }

    /// Makes the bucket anew, after [`drop_bucket`](Self::drop_bucket).
    ///
    /// # Panics
    /// If moto does not answer.
    pub async fn make_bucket(&self) {
        let status = self.ask_for_bucket("PUT").await;
        assert!(status.is_success(), "{status}");
    }

    /// Deletes the bucket as soon as it is empty: a worker that looks whether it can be written to has an object there for a
    /// moment.
    ///
    /// # Panics
    /// If moto does not answer, or an object stays.
    pub async fn drop_bucket(&self) {
        eventually("an empty bucket", || async {
            let status = self.ask_for_bucket("DELETE").await;
            let is_empty = status != StatusCode::CONFLICT;
            assert!(status.is_success() || !is_empty, "{status}");
            is_empty.then_some(())
        })
        .await;
    }

    async fn ask_for_bucket(&self, method: &str) -> StatusCode {
        let endpoint = self.moto.endpoint();
        let asked = endpoint.request(method, &format!("/{}", Self::BUCKET));
        asked.send().await.expect("moto answers").status()
    }

    /// Environment variables that lead a process to this server instead of Amazon's.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = ("AWS_ENDPOINT_URL_S3".to_owned(), self.wire.base());
        let account = Moto::account();
        let account = account.map(|(name, value)| (name.to_owned(), value.to_owned()));
        std::iter::once(endpoint).chain(account).collect()
    }

    /// Its port, behind the wire.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.moto.port()
    }

    /// Keys of all objects.
    ///
    /// # Panics
    /// If moto does not answer.
    pub async fn keys(&self) -> Vec<String> {
        let path = format!("/{}?list-type=2", Self::BUCKET);
        let listed = self.moto.endpoint().get(&path).await.expect(200);
        let listed = listed.text();
        let starts = memmem::find_iter(listed.as_bytes(), "<Key>").map(|at| at + "<Key>".len());
        let key = |start: usize| {
            listed[start..]
                .split('<')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        starts.map(key).collect()
    }
}
