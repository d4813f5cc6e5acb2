//! A failure of this machine is never told of a server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use rstest::rstest;

use super::*;
use crate::fetch::dialer::DialError;
use crate::fetch::failure::translate;
use crate::fetch::resolver::Lookup;

/// A system whose resolver answers one name so, and the root servers' so.
struct System {
    name: Outcome,
    root: Outcome,
}

#[derive(Clone, Copy)]
enum Outcome {
    Found,
    Unknown,
    Temporary,
    Silent,
    Descriptors,
}

#[async_trait]
impl Lookup for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        let is_root = name.ends_with("root-servers.net");
        match if is_root { self.root } else { self.name } {
            Outcome::Found => Ok(vec![SocketAddr::from(([198, 41, 0, 4], 0))]),
            Outcome::Unknown => Err(io::Error::other("Name or service not known")),
            Outcome::Temporary => Err(io::Error::other("Temporary failure in name resolution")),
            Outcome::Silent => std::future::pending().await,
            Outcome::Descriptors => Err(rustix::io::Errno::MFILE.into()),
        }
    }
}

#[rstest]
#[case::no_resolver(Outcome::Temporary, Outcome::Temporary, Some(LocalFault::Resolver))]
#[case::silent_resolver(Outcome::Silent, Outcome::Silent, Some(LocalFault::Resolver))]
#[case::no_descriptor(Outcome::Descriptors, Outcome::Found, Some(LocalFault::Descriptors))]
#[case::broken_domain(Outcome::Temporary, Outcome::Found, None)]
#[case::broken_domain_behind_a_closed_resolver(Outcome::Temporary, Outcome::Unknown, None)]
#[case::no_such_name(Outcome::Unknown, Outcome::Temporary, None)]
#[tokio::test(start_paused = true)]
async fn a_resolver_that_cannot_be_asked_is_told_from_a_name_that_does_not_resolve(
    #[case] name: Outcome,
    #[case] root: Outcome,
    #[case] expected: Option<LocalFault>,
) {
    let lookup = Arc::new(System { name, root });
    let fetcher = HttpFetcher::with_lookup(config(&[]), lookup).unwrap();
    let url = "http://somewhere.example/".parse().unwrap();
    let failed = whole(&fetcher, &url, LONG).await.err().unwrap();
    match expected {
        Some(fault) => assert_eq!(failed, FetchError::Local(fault)),
        None => assert_eq!(code(&failed), ErrorCode::Dns),
    }
}

#[test]
fn a_local_fault_is_found_under_everything_that_is_wrapped_around_it() {
    let error = io::Error::from(rustix::io::Errno::MFILE);
    let failed = DialError::Failed(io::Error::other(error).into());
    assert_eq!(
        translate(&failed.into()),
        FetchError::Local(LocalFault::Descriptors)
    );
}

#[test]
fn a_connection_that_the_system_gives_up_has_taken_too_long() {
    let silent = DialError::Failed(io::Error::from(io::ErrorKind::TimedOut).into());
    assert_eq!(code(&translate(&silent.into())), ErrorCode::Timeout);
}
