//! Names to vetted addresses: the connector never sees another one, so there is no second lookup that could answer
//! differently.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower_service::Service;

use super::{AddressGuard, LocalFault};

/// Lookups at the same time at most: each takes a thread of the blocking pool.
const MAX_LOOKUPS: usize = 64;

/// A name that every resolver knows: one of the root servers, on which all others rest.
const KNOWN_NAME: &str = "a.root-servers.net";

/// Time after which a lookup is slow: the known name is then looked up to see if the resolver answers at all. Together with
/// [`KNOWN_NAME_TIMEOUT`] less than a connection may take to be made (10 s), which would count as the server's silence.
const SLOW_LOOKUP: Duration = Duration::from_secs(5);

/// Time that the lookup of the known name may take. Resolvers keep it for days.
const KNOWN_NAME_TIMEOUT: Duration = Duration::from_secs(3);

/// Finds the addresses of a name.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    /// Every address of the name, vetted or not.
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>>;
}

/// Asks the operating system's resolver.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

#[derive(Clone)]
pub(super) struct GuardedResolver {
    guard: Arc<AddressGuard>,
    lookup: Arc<dyn Lookup>,
    /// Bounds the threads that wait for slow name servers.
    lookups: Arc<Semaphore>,
}

/// The reason why a name has no address that may be dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// All of its addresses are refused.
    #[error("no address of the name may be dialled")]
    Blocked,
    /// No resolver could be asked.
    #[error("this worker cannot resolve names: {0}")]
    Local(LocalFault),
    /// The name has no address, or its name server did not answer.
    #[error("the name could not be resolved")]
    Lookup {
        /// True if asking again may help.
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

    /// The addresses of a name that may be dialled.
    async fn vetted(&self, name: &str) -> Result<vec::IntoIter<SocketAddr>, ResolveError> {
        let permit = self.lookups.acquire().await;
        let _permit = permit.expect("nobody closes the semaphore");
        let mut addresses = look_up(self.lookup.as_ref(), name).await?;
        if addresses.is_empty() {
            return Err(ResolveError::Lookup { transient: false });
        }
        addresses.retain(|address| self.guard.allows(address.ip()));
        if addresses.is_empty() {
            return Err(ResolveError::Blocked);
        }
        Ok(addresses.into_iter())
    }
}

impl Service<Name> for GuardedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = BoxFuture<'static, Result<Self::Response, ResolveError>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = self.clone();
        async move { resolver.vetted(name.as_str()).await }.boxed()
    }
}

/// The addresses of a name. A slow lookup goes on only if the resolver answers at all.
async fn look_up(lookup: &dyn Lookup, name: &str) -> Result<Vec<SocketAddr>, ResolveError> {
    let mut lookup_of_name = pin!(lookup.addresses(name));
    let found = match timeout(SLOW_LOOKUP, &mut lookup_of_name).await {
        Ok(found) => found,
        Err(_elapsed) if answers(lookup).await => lookup_of_name.await,
        Err(_elapsed) => return Err(ResolveError::Local(LocalFault::Resolver)),
    };
    match found {
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(reason(lookup, &error).await),
    }
}

/// The reason why a lookup failed. For a domain whose name servers are broken the system says the same as for a resolver that
/// cannot be reached: a name that certainly exists makes the difference.
async fn reason(lookup: &dyn Lookup, error: &io::Error) -> ResolveError {
    let fault = LocalFault::of(error).or_else(LocalFault::of_new_sockets);
    if let Some(fault) = fault {
        return ResolveError::Local(fault);
    }
    let transient = is_transient(error);
    if transient && !answers(lookup).await {
        return ResolveError::Local(LocalFault::Resolver);
    }
    ResolveError::Lookup { transient }
}

/// True if the resolver answers, be it that it knows nothing.
async fn answers(lookup: &dyn Lookup) -> bool {
    match timeout(KNOWN_NAME_TIMEOUT, lookup.addresses(KNOWN_NAME)).await {
        Ok(Ok(_addresses)) => true,
        Ok(Err(error)) => !is_transient(&error),
        Err(_elapsed) => false,
    }
}

/// True for a failure that may pass. The system says in words only whether a name does not exist or could not be asked for.
fn is_transient(error: &io::Error) -> bool {
    error.to_string().contains("emporary")
}
