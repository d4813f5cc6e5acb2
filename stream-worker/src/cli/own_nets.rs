//! Networks of one's own: whoever types an address may crawl it.

use engine::fetch::AddressGuard;
use ipnet::IpNet;
use shared::CrawlRequest;
use url::Host;

/// Addresses of the start pages that are not public. A page elsewhere that leads to others of them is still refused.
pub(super) async fn own_nets(request: &CrawlRequest) -> Vec<IpNet> {
    let guard = AddressGuard::default();
    let mut nets: Vec<IpNet> = Vec::new();
    for seed in &request.urls {
        let addresses = match seed.url().host() {
            Some(Host::Ipv4(ip)) => vec![ip.into()],
            Some(Host::Ipv6(ip)) => vec![ip.into()],
            // A name that has no address fails as any other page.
            Some(Host::Domain(name)) => match tokio::net::lookup_host((name, 0)).await {
                Ok(found) => found.map(|address| address.ip()).collect(),
                Err(_unknown) => Vec::new(),
            },
            None => Vec::new(),
        };
        nets.extend(
            addresses
                .into_iter()
                .filter(|ip| !guard.allows(*ip))
                .map(IpNet::from),
        );
    }
    nets.sort_unstable();
    nets.dedup();
    nets
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn only_the_address_that_was_typed_is_opened() {
        let urls = json!({"urls": ["http://127.0.0.1:8000/", "http://127.0.0.1:9000/", "https://1.1.1.1/"]});
        let request = CrawlRequest::from_value(urls).unwrap();
        assert_eq!(
            own_nets(&request).await,
            ["127.0.0.1/32".parse::<IpNet>().unwrap()]
        );
    }
}
