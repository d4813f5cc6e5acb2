//! Credentials for a bucket, found as those for a queue are: environment, profile, role of the container or of the machine.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_sqs::config::{ProvideCredentials, SharedCredentialsProvider};
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Error};
use tokio::sync::Mutex;

/// Time before their expiry at which credentials are looked up again.
const MARGIN: Duration = Duration::from_secs(300);

/// Credentials of the environment, looked up again before they expire.
#[derive(Debug)]
pub(super) struct Credentials {
    source: Option<SharedCredentialsProvider>,
    /// Held while they are looked up, so that one look-up serves all who need them.
    found: Mutex<Option<Found>>,
}

#[derive(Debug)]
struct Found {
    credential: Arc<AwsCredential>,
    /// Never, if they do not expire.
    renew_at: Option<SystemTime>,
}

impl Credentials {
    pub(super) fn new(source: Option<SharedCredentialsProvider>) -> Self {
        Self {
            source,
            found: Mutex::default(),
        }
    }

    async fn look_up(&self) -> object_store::Result<Found> {
        let source = self
            .source
            .as_ref()
            .ok_or_else(|| unauthenticated("there are none"))?;
        let credentials = source
            .provide_credentials()
            .await
            .map_err(unauthenticated)?;
        Ok(Found {
            renew_at: credentials
                .expiry()
                .and_then(|expiry| expiry.checked_sub(MARGIN)),
            credential: Arc::new(AwsCredential {
                key_id: credentials.access_key_id().to_owned(),
                secret_key: credentials.secret_access_key().to_owned(),
                token: credentials.session_token().map(str::to_owned),
            }),
        })
    }
}

#[async_trait]
impl CredentialProvider for Credentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut found = self.found.lock().await;
        let is_fresh = |found: &&Found| found.renew_at.is_none_or(|at| SystemTime::now() < at);
        if let Some(found) = found.as_ref().filter(is_fresh) {
            return Ok(found.credential.clone());
        }
        let anew = self.look_up().await?;
        Ok(found.insert(anew).credential.clone())
    }
}

fn unauthenticated(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unauthenticated {
        path: "AWS credentials".to_owned(),
        source: source.into(),
    }
}
