//! The guard against requests into private networks: it decides which addresses may be dialled.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use url::{Host, Url};

/// Lets globally routable addresses through, and what the operator has added.
///
/// An address that embeds an IPv4 address (mapped, NAT64, 6to4, Teredo …) is judged by the one it embeds: the packet may end
/// up there.
#[derive(Debug, Clone, Default)]
pub struct AddressGuard {
    /// Networks that may be dialled although they are not public.
    pub allow_nets: Vec<IpNet>,
    /// Single endpoints that may be dialled, when a URL names the address itself.
    pub allow_addrs: Vec<SocketAddr>,
}

impl AddressGuard {
    /// True if `ip` may be dialled, on any port.
    #[must_use]
    pub fn allows(&self, ip: IpAddr) -> bool {
        let plain = plain(ip);
        self.allow_nets
            .iter()
            .any(|net| net.contains(&ip) || net.contains(&plain))
            || is_public(plain)
    }

    /// True if the address that `url` names may be dialled, and for every name, which is judged when it is resolved. The
    /// parser has already turned every spelling of an address (`0x7f.1`, `2130706433`) into an address.
    pub(super) fn allows_host_of(&self, url: &Url) -> bool {
        let ip = match url.host() {
            None => return false,
            Some(Host::Domain(_)) => return true,
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        };
        let endpoint = url
            .port_or_known_default()
            .map(|port| SocketAddr::new(ip, port));
        self.allows(ip) || endpoint.is_some_and(|endpoint| self.allow_addrs.contains(&endpoint))
    }
}

/// The IPv4 address that an IPv6 address stands for, if it stands for one.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => embedded(v6).map_or(ip, IpAddr::V4),
    }
}

fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        // ::ffff:a.b.c.d, mapped; ::ffff:0:a.b.c.d, translated.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => {
            Some(v4(high, low))
        }
        // ::a.b.c.d, compatible; :: and ::1 are addresses of their own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(v4(high, low)),
        // 64:ff9b::/96, NAT64. 64:ff9b:1::/48 is for local use, and not public whatever it embeds.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        // 2002::/16, 6to4.
        [0x2002, high, low, ..] => Some(v4(high, low)),
        // 2001::/32, Teredo: the client's address, inverted.
        [0x2001, 0, _, _, _, _, high, low] => Some(v4(!high, !low)),
        _ => None,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// True for an address outside of IANA's registry of special-purpose IPv4 addresses, and not for multicast.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = match (a, b, c) {
        // This network; private; loopback.
        (0 | 10 | 127, ..) => true,
        // Shared by carriers.
        (100, 64..=127, _) => true,
        // Link-local: clouds answer with credentials there.
        (169, 254, _) => true,
        (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, 6to4 relays, benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => {
            true
        }
        // Multicast, reserved, broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !special
}

/// True for a globally routable address: one of 2000::/3, some of which is special.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let global = segments[0] & 0xe000 == 0x2000;
    let special = match segments {
        // Protocol assignments, ORCHID, benchmarks, documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] => true,
        // Documentation, 3fff::/20.
        [0x3fff, 0..=0x0fff, ..] => true,
        // Segment routing.
        [0x5f00, ..] => true,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn allows(url: &str) -> bool {
        AddressGuard::default().allows_host_of(&url.parse().unwrap())
    }

    #[rstest]
    #[case("http://127.0.0.1/")]
    #[case("http://127.1/")]
    #[case("http://0x7f.1/")]
    #[case("http://2130706433/")]
    #[case("http://0177.0.0.1/")]
    #[case("http://0.0.0.0/")]
    #[case("http://10.1.2.3/")]
    #[case("http://100.64.0.1/")]
    #[case("http://169.254.169.254/latest/meta-data/")]
    #[case("http://172.31.255.255/")]
    #[case("http://192.168.0.1/")]
    #[case("http://192.0.2.1/")]
    #[case("http://198.18.0.1/")]
    #[case("http://224.0.0.1/")]
    #[case("http://255.255.255.255/")]
    #[case("http://[::]/")]
    #[case("http://[::1]/")]
    #[case("http://[::127.0.0.1]/")]
    #[case("http://[::ffff:169.254.169.254]/")]
    #[case("http://[::ffff:0:10.0.0.1]/")]
    #[case("http://[64:ff9b::7f00:1]/")]
    #[case("http://[64:ff9b:1::a00:1]/")]
    #[case("http://[64:ff9b:1::101:101]/")]
    #[case("http://[2002:a9fe:a9fe::]/")]
    #[case("http://127.0.0.1./")]
    #[case("http://0x7f000001/")]
    #[case("http://017700000001/")]
    #[case("http://%31%32%37.0.0.1/")]
    #[case("http://１２７.０.０.１/")]
    #[case("http://①②⑦.0.0.1/")]
    #[case("http://[::ffff:7f00:1]/")]
    #[case("http://[0:0:0:0:0:ffff:127.0.0.1]/")]
    #[case("http://[2002:7f00:1::]/")]
    #[case("http://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/")]
    #[case("http://[fc00::1]/")]
    #[case("http://[fd00:ec2::254]/")]
    #[case("http://[fe80::1]/")]
    #[case("http://[fec0::1]/")]
    #[case("http://[ff02::1]/")]
    #[case("http://[2001:db8::1]/")]
    fn an_address_that_is_not_public_is_refused(#[case] url: &str) {
        assert!(!allows(url));
    }

    #[rstest]
    #[case("http://1.1.1.1/")]
    #[case("http://100.63.255.255/")]
    #[case("http://172.32.0.1/")]
    #[case("http://[2606:4700::1111]/")]
    #[case("http://[::ffff:1.1.1.1]/")]
    #[case("http://[64:ff9b::101:101]/")]
    fn a_public_address_is_allowed(#[case] url: &str) {
        assert!(allows(url));
    }

    #[test]
    fn an_allowed_network_opens_its_embedded_spellings_too_and_nothing_else() {
        let guard = AddressGuard {
            allow_nets: vec!["127.0.0.0/8".parse().unwrap()],
            allow_addrs: Vec::new(),
        };
        assert!(guard.allows_host_of(&"http://127.0.0.1:8000/".parse().unwrap()));
        assert!(guard.allows_host_of(&"http://[::ffff:127.0.0.1]/".parse().unwrap()));
        assert!(!guard.allows_host_of(&"http://10.0.0.1/".parse().unwrap()));
    }

    #[test]
    fn an_allowed_endpoint_is_that_port_only() {
        let guard = AddressGuard {
            allow_nets: Vec::new(),
            allow_addrs: vec!["127.0.0.1:8000".parse().unwrap()],
        };
        assert!(guard.allows_host_of(&"http://127.0.0.1:8000/".parse().unwrap()));
        assert!(!guard.allows_host_of(&"http://127.0.0.1:8001/".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn every_embedding_is_judged_as_the_address_it_embeds(octets in any::<[u8; 4]>()) {
            let guard = AddressGuard::default();
            let v4 = Ipv4Addr::from(octets);
            prop_assume!(u32::from(v4) > 1);
            let [a, b, c, d] = octets;
            let pair = |x: u8, y: u8| u16::from_be_bytes([x, y]);
            let (high, low) = (pair(a, b), pair(c, d));
            let embeddings = [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 1, 2, 3, 4, !high, !low),
            ];
            for ip in embeddings {
                prop_assert_eq!(guard.allows(ip.into()), guard.allows(v4.into()), "{}", ip);
            }
        }
    }
}
