//! Names to vetted addresses: the connector never sees another one, so there is no second lookup that could answer
//! differently.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::AddressGuard;

/// Lookups at the same time at most: each takes a thread of the blocking pool.
const MAX_LOOKUPS: usize = 64;

/// Finds the addresses of a name.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    /// All that there are, vetted or not.
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>>;
}

/// Asks the system.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

pub(super) struct GuardedResolver {
    guard: Arc<AddressGuard>,
    lookup: Arc<dyn Lookup>,
    /// Bounds the threads that wait for slow name servers.
    lookups: Arc<Semaphore>,
}

/// Why a name has no address that may be dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// All of its addresses are refused.
    #[error("no address of the name may be dialled")]
    Blocked,
    /// It has none, or the name server did not answer.
    #[error("the name could not be resolved")]
    Lookup {
        /// Whether asking again may help.
        transient: bool,
    },
}

impl GuardedResolver {
    pub(super) fn new(guard: Arc<AddressGuard>, lookup: Arc<dyn Lookup>) -> Self {
        Self {
            guard,
            lookup,
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookups) = (self.guard.clone(), self.lookups.clone());
        let lookup = self.lookup.clone();
        Box::pin(async move {
            let _permit = lookups.acquire_owned().await?;
            let found = lookup.addresses(name.as_str()).await;
            let found = found.map_err(|error| lookup_failed(&error))?;
            if found.is_empty() {
                return Err(ResolveError::Lookup { transient: false }.into());
            }
            let vetted: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| guard.allows(address.ip()))
                .collect();
            if vetted.is_empty() {
                return Err(ResolveError::Blocked.into());
            }
            Ok(Box::new(vetted.into_iter()) as Addrs)
        })
    }
}

/// The system says in words only whether a name does not exist or could not be asked for.
fn lookup_failed(error: &io::Error) -> ResolveError {
    ResolveError::Lookup {
        transient: error.to_string().contains("emporary"),
    }
}
