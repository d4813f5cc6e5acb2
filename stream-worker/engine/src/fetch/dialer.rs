//! Makes connections: the name's vetted addresses, a socket to one of them, TLS.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::resolver::GuardedResolver;

/// A connection over TCP, with TLS for `https`.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Time without an acknowledgement after which the system takes a connection for dead.
const DEAD_AFTER: Duration = Duration::from_secs(30);
/// Pause after which the system asks if the other side is still there, and between two such questions.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Dials servers.
pub(super) struct Dialer {
    connector: HttpsConnector<HttpConnector<GuardedResolver>>,
    timeout: Duration,
}

/// The reason why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    /// It took too long.
    #[error("no connection was made in time")]
    TimedOut,
    /// No address, nobody who listens there, or nobody whose certificate is acceptable.
    #[error("no connection could be made")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl Dialer {
    /// Trusts the system's certificate authorities and `roots`. Each connection may take `timeout`, look-up and TLS included.
    ///
    /// # Errors
    /// When there is no certificate at all, the system's and `roots` together, or one of `roots` is none.
    pub(super) fn new(
        resolver: GuardedResolver,
        roots: Vec<CertificateDer<'static>>,
        timeout: Duration,
    ) -> Result<Self, rustls::Error> {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        tcp.set_keepalive_retries(Some(3));
        tcp.set_tcp_user_timeout(Some(DEAD_AFTER));
        // Shared by the addresses of a name: the second still has its turn if the first is silent.
        tcp.set_connect_timeout(Some(timeout));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(roots, provider.clone())?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(Self { connector, timeout })
    }

    /// A new connection to the server of `url`.
    ///
    /// # Errors
    /// [`DialError`].
    pub(super) async fn dial(&self, url: Uri) -> Result<Stream, DialError> {
        let mut connector = self.connector.clone();
        let dialled = async {
            poll_fn(|cx| connector.poll_ready(cx)).await?;
            connector.call(url).await
        };
        match timeout(self.timeout, dialled).await {
            Ok(dialled) => dialled.map_err(DialError::Failed),
            Err(_elapsed) => Err(DialError::TimedOut),
        }
    }
}

/// True if both sides have agreed on HTTP/2.
pub(super) fn speaks_http2(stream: &Stream) -> bool {
    stream.connected().is_negotiated_h2()
}
