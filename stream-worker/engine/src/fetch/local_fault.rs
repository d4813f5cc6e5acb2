//! Failures of this machine, told apart from those of a server.
//!
//! It owns the rule which errors of the operating system say nothing about the other side: a request that fails with one of
//! them has not been answered by anybody, and is worth the same request later. It refuses to know how long to wait.

use std::error::Error;
use std::io;
use std::net::UdpSocket;

use rustix::io::Errno;

/// A resource that this machine lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocalFault {
    /// `EMFILE` or `ENFILE`.
    #[error("no file descriptor is free")]
    Descriptors,
    /// `ENOMEM` or `ENOBUFS`.
    #[error("the system has no memory for connections")]
    Memory,
    /// No route leads anywhere but to the machine's own networks.
    #[error("there is no network")]
    Network,
    /// No name server answers, whatever the name.
    #[error("no name server can be reached")]
    Resolver,
    /// Other pages have taken up the memory budget for whole pages for as long as a request may take.
    #[error("the memory for pages is taken up")]
    PageMemory,
}

impl LocalFault {
    /// The fault that the system's error stands for, if it is a local one.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        match Errno::from_io_error(error)? {
            Errno::MFILE | Errno::NFILE => Some(Self::Descriptors),
            Errno::NOMEM | Errno::NOBUFS => Some(Self::Memory),
            Errno::NETDOWN => Some(Self::Network),
            // Also how an address of IPv6 fails on a machine that has IPv4 only, which is no fault of the whole machine.
            Errno::NETUNREACH if !has_route() => Some(Self::Network),
            _ => None,
        }
    }

    /// The first fault among an error and its causes.
    pub(super) fn in_chain(error: &(dyn Error + 'static)) -> Option<Self> {
        causes(error)
            .filter_map(<dyn Error>::downcast_ref::<io::Error>)
            .find_map(Self::of)
    }

    /// The fault that keeps this process from opening a socket at this moment. The system's resolver hides the reason when a
    /// file that it needs cannot be opened: the name then seems not to exist.
    pub(super) fn of_new_sockets() -> Option<Self> {
        let opened = UdpSocket::bind(("127.0.0.1", 0));
        opened.err().and_then(|error| Self::of(&error))
    }
}

/// True if there is a way out of the machine's own networks. Connecting a datagram socket asks for the route and sends
/// nothing; the addresses are those kept for documentation (RFC 5737, RFC 3849), which only a default route covers.
fn has_route() -> bool {
    let leads = |from: &str, to: &str| {
        UdpSocket::bind((from, 0)).is_ok_and(|socket| socket.connect((to, 9)).is_ok())
    };
    leads("0.0.0.0", "203.0.113.1") || leads("::", "2001:db8::1")
}

/// An error and its causes, also those that hide inside an `io::Error`.
pub(super) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'e (dyn Error + 'static)| {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Errno::MFILE, Some(LocalFault::Descriptors))]
    #[case(Errno::NFILE, Some(LocalFault::Descriptors))]
    #[case(Errno::NOMEM, Some(LocalFault::Memory))]
    #[case(Errno::NOBUFS, Some(LocalFault::Memory))]
    #[case(Errno::NETDOWN, Some(LocalFault::Network))]
    #[case(Errno::CONNREFUSED, None)]
    #[case(Errno::HOSTUNREACH, None)]
    #[case(Errno::CONNRESET, None)]
    fn what_the_machine_lacks_is_told_from_what_a_server_does(
        #[case] errno: Errno,
        #[case] expected: Option<LocalFault>,
    ) {
        let system = io::Error::from(errno);
        assert_eq!(LocalFault::of(&system), expected);
        let wrapped = io::Error::other(io::Error::other(system));
        assert_eq!(LocalFault::in_chain(&wrapped), expected, "however deep");
    }
}
