use std::sync::Arc;

use rcgen::{CertificateParams, Issuer, KeyPair, date_time_ymd};
use rstest::rstest;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::task::TaskTracker;

use super::*;

/// An authority, and what it says of a server.
pub(super) struct Tls {
    pub(super) authority: CertificateDer<'static>,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// A server called `name`, valid until `year`, that speaks `protocols`.
    pub(super) fn new(name: &str, year: i32, protocols: &[&[u8]]) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).unwrap();
        let issuer = Issuer::new(authority, key);
        let server_key = KeyPair::generate().unwrap();
        let mut server = CertificateParams::new(vec![name.to_owned()]).unwrap();
        server.not_before = date_time_ymd(2020, 1, 1);
        server.not_after = date_time_ymd(year, 1, 1);
        let certificate = server.signed_by(&server_key, &issuer).unwrap();
        let private = PrivateKeyDer::try_from(server_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Self {
            authority: root.der().clone(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }

    /// Accepts connections, each of which `speak` has to itself; answers the URL of a page there.
    pub(super) async fn serve<F: Future<Output = ()> + Send + 'static>(
        &self,
        tasks: &TaskTracker,
        speak: impl Fn(TlsStream<TcpStream>) -> F + Send + Sync + 'static,
    ) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}/page",
            listener.local_addr().unwrap().port()
        );
        let acceptor = self.acceptor.clone();
        tasks.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                if let Ok(stream) = acceptor.accept(socket).await {
                    speak(stream).await;
                }
            }
        });
        url.parse().unwrap()
    }
}

async fn say_hello(mut stream: TlsStream<TcpStream>) {
    let mut request = [0; 4096];
    let _asked = stream.read(&mut request).await;
    let _written = stream.write_all(&with_head("A: b", b"hello")).await;
    let _closed = stream.shutdown().await;
}

/// Fetches from a server with such a certificate, with or without trusting its authority.
async fn fetched(name: &str, year: i32, is_trusted: bool) -> Result<Vec<u8>, FetchError> {
    let tls = Tls::new(name, year, &[]);
    let url = tls.serve(&TaskTracker::new(), say_hello).await;
    let mut config = on_loopback();
    config
        .roots
        .extend(is_trusted.then(|| tls.authority.clone()));
    Ok(whole(&fetcher(config), &url, LONG).await?.1)
}

#[tokio::test]
async fn a_server_that_a_trusted_authority_vouches_for_is_believed() {
    assert_eq!(fetched("localhost", 2099, true).await.unwrap(), b"hello");
}

#[tokio::test]
async fn an_encrypted_connection_is_used_again() {
    let tls = Tls::new("localhost", 2099, &[]);
    let url = tls
        .serve(&TaskTracker::new(), |mut stream| async move {
            for body in [&b"first"[..], b"second"] {
                let _asked = stream.read(&mut [0; 4096]).await;
                let _written = stream.write_all(&with_head("A: b", body)).await;
            }
        })
        .await;
    let mut config = on_loopback();
    config.roots.push(tls.authority.clone());
    let fetcher = fetcher(config);
    for expected in [&b"first"[..], b"second"] {
        assert_eq!(whole(&fetcher, &url, LONG).await.unwrap().1, expected);
    }
}

#[rstest]
#[case::unknown_authority("localhost", 2099, false)]
#[case::another_name("other.example", 2099, true)]
#[case::expired("localhost", 2021, true)]
#[tokio::test]
async fn a_certificate_that_is_not_in_order_is_refused(
    #[case] name: &str,
    #[case] year: i32,
    #[case] is_trusted: bool,
) {
    let failed = fetched(name, year, is_trusted).await;
    let error = failed.expect_err("the fetch fails");
    assert!(
        matches!(
            &error,
            FetchError::Failed {
                transient: false,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(code(&error), ErrorCode::Tls);
}

/// The server's side of what should be TLS.
#[rstest]
#[case::plain_http(vec![Act::Read, Act::Write(with_head("A: b", b"hello"))], ErrorCode::Tls)]
#[case::silence(vec![Act::Read, Act::KeepSilent], ErrorCode::Timeout)]
#[tokio::test]
async fn what_is_no_tls_is_not_waited_for(#[case] acts: Vec<Act>, #[case] expected: ErrorCode) {
    let server = serve(vec![acts]).await;
    let mut url = server.url();
    url.set_scheme("https").unwrap();
    let impatient = FetchConfig {
        connect: SHORT,
        ..on_loopback()
    };
    let error = whole(&fetcher(impatient), &url, LONG).await.err().unwrap();
    assert_eq!(code(&error), expected);
}
