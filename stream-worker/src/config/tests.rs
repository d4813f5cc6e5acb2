use clap::Parser;
use rstest::rstest;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: ServeOptions,
}

fn config(flags: &[&str]) -> Result<Config, ConfigFaults> {
    let line = ["serve"].iter().chain(flags).copied();
    Config::try_from(Line::try_parse_from(line).unwrap().options)
}

#[test]
fn the_defaults_are_the_numbers_that_the_parts_agree_on() {
    let config = config(&[]).unwrap();
    assert_eq!(config.heartbeat, shared::numbers::HEARTBEAT);
    assert_eq!(config.idle_timeout, shared::numbers::IDLE_TIMEOUT);
    assert_eq!(config.disconnect_grace, shared::numbers::DISCONNECT_GRACE);
    assert_eq!(
        config.connection_lifetime,
        shared::numbers::CONNECTION_LIFETIME
    );
    assert_eq!(config.retention, shared::numbers::RETENTION);
    assert_eq!(config.drain, shared::numbers::DRAIN);
    assert_eq!(config.visibility, shared::numbers::VISIBILITY);
    assert_eq!(config.robots_agent(), "crawlcast");
}

#[test]
fn every_fault_is_named_at_once() {
    let flags = [
        "--listen",
        "nowhere",
        "--heartbeat",
        "20",
        "--max-jobs",
        "0",
        "--allow-nets",
        "10.0.0.0/99",
    ];
    let faults = config(&flags).unwrap_err();
    let named: Vec<&str> = faults.faults().iter().map(|fault| fault.flag).collect();
    assert_eq!(
        named,
        ["--listen", "--allow-nets", "--max-jobs", "--heartbeat"]
    );
    assert!(
        faults
            .to_string()
            .contains("--max-jobs (CRAWLCAST_MAX_JOBS): `0` is not a number from 1 to 1000")
    );
}

#[test]
fn a_worker_that_strangers_reach_needs_api_keys() {
    let faults = config(&["--listen", "0.0.0.0:8080"]).unwrap_err();
    assert_eq!(faults.faults()[0].flag, "--api-keys");
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert!(config(&["--listen", "0.0.0.0:8080", "--api-keys", hash]).is_ok());
}

#[test]
fn workers_that_share_a_redis_need_the_same_keys_and_url() {
    let redis = ["--redis-url", "redis://127.0.0.1:6379"];
    let faults = config(&redis).unwrap_err();
    let named: Vec<&str> = faults.faults().iter().map(|fault| fault.flag).collect();
    assert_eq!(named, ["--token-keys", "--public-url"]);

    let shared = [
        "--token-keys",
        "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "--public-url",
        "https://crawl.example.com",
        "--role",
        "crawl",
    ];
    let config = config(&[&redis[..], &shared].concat()).unwrap();
    assert!(config.redis.is_some());
    assert!(config.role.crawls() && !config.role.streams());
}

#[rstest]
#[case("--public-url", "ftp://example.com")]
#[case("--public-url", "https://example.com/?a")]
#[case("--token-keys", "k1:short")]
#[case("--api-keys", "plain-text-key")]
#[case("--cors-origins", "https://example.com/")]
#[case("--cors-origins", "*")]
#[case("--user-agent", "my bot/1.0 \u{e9}")]
#[case("--user-agent", "/1.0")]
#[case("--log", "a=b=c")]
#[case("--log-format", "xml")]
#[case("--doctor", "yes")]
#[case("--idle-timeout", "0s")]
#[case("--retention", "-1h")]
#[case("--extra-ca", "/nowhere/ca.pem")]
#[case("--extra-ca", "Cargo.toml")]
#[case("--queue-url", "crawlcast")]
#[case("--redis-url", "http://127.0.0.1/")]
#[case("--redis-url", "redis://127.0.0.1/first")]
#[case("--redis-ca", "/nowhere/ca.pem")]
#[case("--bodies", "/mnt/bodies")]
#[case("--bodies", "s3://crawls/a")]
#[case("--redis-job-bytes", "plenty")]
#[case("--redis-job-bytes", "1KiB")]
#[case("--redis-replicas", "9")]
#[case("--role", "render")]
#[case("--role", "stream")]
fn a_wrong_value_is_refused_and_named(#[case] flag: &str, #[case] value: &str) {
    let faults = config(&[&format!("{flag}={value}")]).unwrap_err();
    let named: Vec<&str> = faults.faults().iter().map(|fault| fault.flag).collect();
    assert_eq!(named, [flag]);
}
