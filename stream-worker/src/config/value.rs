//! One setting at a time: text to value, or what would be right.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use bytesize::ByteSize;
use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use shared::api_key::ApiKeys;
use shared::cors::Cors;
use shared::token::TokenKeys;
use store::bodies::BodiesAddress;
use store::redis::RedisAddress;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{LogFormat, Role};
use crate::tenant::TenantLimits;

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_error| {
        format!("`{text}` is not an address and a port, as in 127.0.0.1:8080 or [::1]:8080")
    })
}

pub(super) fn public_url(text: &str) -> Result<Url, String> {
    shared::public_url::parse(text).map_err(|error| error.to_string())
}

pub(super) fn token_keys(text: &str) -> Result<TokenKeys, String> {
    TokenKeys::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn api_keys(text: &str) -> Result<ApiKeys, String> {
    ApiKeys::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn tenant_limits(text: &str) -> Result<TenantLimits, String> {
    TenantLimits::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn cors(text: &str) -> Result<Cors, String> {
    Cors::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn nets(text: &str) -> Result<Vec<IpNet>, String> {
    list(text, |net| {
        let single = || net.parse::<std::net::IpAddr>().map(IpNet::from);
        net.parse()
            .or_else(|_error| single())
            .map_err(|_error| format!("`{net}` is not a network, as in 10.1.0.0/16 or fd00::/8"))
    })
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).map(parse).collect()
}

pub(super) fn number(text: &str, range: RangeInclusive<usize>) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "`{text}` is not a number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("`{text}` is neither `on` nor `off`")),
    }
}

pub(super) fn user_agent(text: &str) -> Result<String, String> {
    let name = text.split(['/', ' ']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!(
            "`{text}` must begin with a name of letters, - and _, which robots.txt rules can name, as in mybot/1.0"
        ));
    }
    if text.len() > 256 || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err("it must be at most 256 printable ASCII characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A PEM file, as it is; it must hold certificates.
pub(super) fn pem_file(name: &str) -> Result<Vec<u8>, String> {
    authorities(name)?;
    read(name)
}

fn read(name: &str) -> Result<Vec<u8>, String> {
    std::fs::read(name).map_err(|error| format!("`{name}` cannot be read: {error}"))
}

pub(super) fn authorities(name: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read(name)?;
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(authorities) if !authorities.is_empty() => Ok(authorities),
        Ok(_) => Err(format!(
            "`{name}` has no certificate; it must be a PEM file"
        )),
        Err(error) => Err(format!(
            "`{name}` is not a PEM file of certificates: {error}"
        )),
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "`{text}` is not a filter ({error}); as in info or engine=debug,warn"
        )),
    }
}

pub(super) fn redis_url(text: &str) -> Result<RedisAddress, String> {
    RedisAddress::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn bodies(text: &str) -> Result<BodiesAddress, String> {
    BodiesAddress::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn bytes(text: &str, range: RangeInclusive<ByteSize>) -> Result<u64, String> {
    match text.parse::<ByteSize>() {
        Ok(bytes) if range.contains(&bytes) => Ok(bytes.as_u64()),
        _ => Err(format!(
            "`{text}` is no number of bytes from {} to {}; write it with its unit, as in 256MiB",
            range.start(),
            range.end()
        )),
    }
}

pub(super) fn replicas(text: &str) -> Result<u32, String> {
    let replicas = number(text, 0..=8)?;
    u32::try_from(replicas).map_err(|error| error.to_string())
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    match text {
        "both" => Ok(Role::Both),
        "crawl" => Ok(Role::Crawl),
        "stream" => Ok(Role::Stream),
        _ => Err(format!("`{text}` is not both, crawl or stream")),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is neither human nor json")),
    }
}
