//! The link against a real server.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use e2e::{RedisServer, Standby, eventually, within};

use super::{Durability, LinkError, RedisAddress, RedisLink, Refusal, Request, Script, Terms};

static ADD: LazyLock<Script> =
    LazyLock::new(|| Script::new("", &["return redis.call('INCRBY', KEYS[1], ARGV[1])"]));
static TIME: LazyLock<Script> =
    LazyLock::new(|| Script::new("", &["return string.format('%d', now(ARGV[1]))"]));

/// A link that notices of itself only what its calls tell.
fn open(server: &RedisServer) -> RedisLink {
    open_with(server, Duration::from_secs(3600))
}

fn open_with(server: &RedisServer, pulse: Duration) -> RedisLink {
    RedisLink::open_with(server.url().parse().unwrap(), "test:".to_owned(), pulse, 0)
}

fn add(number: i64) -> Request {
    ADD.on(&[b"{n}"]).number(number)
}

async fn sum(link: &RedisLink) -> i64 {
    link.commits().ask(&add(0)).await.unwrap().number().unwrap()
}

#[tokio::test]
async fn a_script_is_loaded_when_the_server_does_not_know_it() {
    let server = RedisServer::start().await;
    let link = open(&server);
    for expected in [1, 2] {
        let answer = link.commits().ask(&add(1)).await.unwrap();
        assert_eq!(answer.number(), Ok(expected));
    }
    server.command("SCRIPT FLUSH").await;
    let answers = link
        .commits()
        .ask_all(&[add(1), Request::command("NONSENSE"), add(10)])
        .await
        .unwrap();
    assert_eq!(answers[0].as_ref().unwrap().number(), Ok(3));
    assert!(
        matches!(answers[1], Err(LinkError::Failed(_))),
        "{answers:?}"
    );
    assert_eq!(answers[2].as_ref().unwrap().number(), Ok(13));
}

#[tokio::test]
async fn a_test_lets_time_pass_for_scripts() {
    let server = RedisServer::start().await;
    let link = open(&server);
    let now = async || {
        let asked = TIME.on(&[]).number(link.offset());
        link.commits().ask(&asked).await.unwrap().number().unwrap()
    };
    let before = now().await;
    link.pass(Duration::from_secs(3600));
    assert!(now().await - before >= 3_600_000);
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_and_what_was_missed_is_said() {
    let mut server = RedisServer::start().await;
    let link = open(&server);
    let topic = Bytes::from_static(b"{n}");
    let listener = link.listener();
    listener.subscribe(&topic).await.unwrap();
    assert!(listener.heard().await.missed, "the first connection");
    link.commits().ask(&add(5)).await.unwrap();
    let first = link.commits().reconnected(0).await.unwrap();

    server.kill().await;
    let failed = link.commits().ask(&add(1)).await;
    assert!(matches!(failed, Err(LinkError::Failed(_))), "{failed:?}");
    server.restart().await;

    within("a new connection", link.commits().reconnected(first))
        .await
        .unwrap();
    assert_eq!(sum(&link).await, 5);
    let heard = within("what was missed is said", listener.heard()).await;
    assert!(heard.missed);
    // Subscribed again, without a word from us.
    server.command("SPUBLISH {n} h").await;
    let heard = within("a message", listener.heard()).await;
    assert_eq!(heard.messages[0].topic, topic);
}

#[tokio::test]
async fn a_message_is_heard_until_it_is_unsubscribed() {
    let server = RedisServer::start().await;
    let link = open(&server);
    let (listener, other) = (link.listener(), link.listener());
    other
        .subscribe(&Bytes::from_static(b"{other}"))
        .await
        .unwrap();
    let topics: Vec<Bytes> = (0..1200)
        .map(|number| Bytes::from(format!("{{{number}}}")))
        .collect();
    listener.subscribe_all(&topics).await.unwrap();
    assert!(listener.heard().await.missed);
    listener.unsubscribe(&topics[1]).await.unwrap();
    server.command("SPUBLISH {1} gone").await;
    server.command("SPUBLISH {other} other").await;
    server.command("SPUBLISH {1199} here").await;
    let heard = within("a message", listener.heard()).await;
    assert_eq!(heard.messages.len(), 1);
    assert_eq!(
        (&heard.messages[0].topic[..], &heard.messages[0].text[..]),
        (&b"{1199}"[..], &b"here"[..])
    );
}

#[tokio::test]
async fn a_frozen_server_is_given_up_and_found_again() {
    let server = RedisServer::start().await;
    let link = open(&server);
    let first = link.commits().reconnected(0).await.unwrap();
    server.freeze();
    let failed = link.commits().ask(&add(1)).await;
    assert_eq!(
        failed,
        Err(LinkError::Failed("Redis did not answer in time".to_owned()))
    );
    server.thaw();
    within("a new connection", link.commits().reconnected(first))
        .await
        .unwrap();
    assert!(sum(&link).await <= 1, "in doubt, but at most once");
}

/// Waits until no line is connected.
async fn is_left(link: &RedisLink) {
    eventually("no line is connected to a replica", async || {
        let faults = link.faults();
        let no_primary = |fault: &LinkError| fault.to_string().contains("no primary");
        (faults.len() == 3 && faults.iter().all(no_primary)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_silent_link_notices_a_replica_and_a_frozen_server_by_its_pulse() {
    let server = RedisServer::start().await;
    let link = open_with(&server, Duration::from_millis(20));
    let first = link.reads().reconnected(0).await.unwrap();
    server.command("REPLICAOF 127.0.0.1 1").await;
    is_left(&link).await;
    server.command("REPLICAOF NO ONE").await;
    let second = within("reads are back", link.reads().reconnected(first))
        .await
        .unwrap();
    server.freeze();
    eventually("a line is given up", async || link.reads().fault()).await;
    server.thaw();
    within("reads are back", link.reads().reconnected(second))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_server_that_becomes_a_replica_is_left_on_all_lines() {
    let server = RedisServer::start().await;
    let link = open(&server);
    let (commits, reads) = (
        link.commits().reconnected(0).await.unwrap(),
        link.reads().reconnected(0).await.unwrap(),
    );
    server.command("REPLICAOF 127.0.0.1 1").await;
    let refused = link.commits().ask(&add(1)).await;
    assert!(matches!(refused, Err(LinkError::Failed(_))), "{refused:?}");
    is_left(&link).await;
    server.command("REPLICAOF NO ONE").await;
    within("commits are back", link.commits().reconnected(commits))
        .await
        .unwrap();
    within("reads are back", link.reads().reconnected(reads))
        .await
        .unwrap();
    assert_eq!(sum(&link).await, 0);
}

#[tokio::test]
async fn a_full_server_says_so_and_runs_what_may_run() {
    static FREE: LazyLock<Script> =
        LazyLock::new(|| Script::new("allow-oom", &["return redis.call('SET', KEYS[1], 'x')"]));
    let server = RedisServer::start_with(&[("maxmemory", "1")]).await;
    let link = open(&server);
    assert_eq!(link.commits().ask(&add(1)).await, Err(LinkError::Full));
    link.commits().ask(&FREE.on(&[b"{n}"])).await.unwrap();
}

#[tokio::test]
async fn a_closed_link_answers_so() {
    let server = RedisServer::start().await;
    let link = open(&server);
    assert_eq!(sum(&link).await, 0);
    link.close().await;
    assert_eq!(link.commits().ask(&add(1)).await, Err(LinkError::Closed));
    assert_eq!(link.commits().reconnected(0).await, Err(LinkError::Closed));
    eventually("its connections are gone", async || {
        let clients = server.command("CLIENT LIST TYPE normal").await;
        (clients.matches("id=").count() <= 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_user_who_may_not_is_told_what_to_change() {
    let server = RedisServer::start_with(&[("requirepass", "secret")]).await;
    for (login, told) in [("", "user and password"), (":wrong@", "user and password")] {
        let address = server.url().replace("://", &format!("://{login}"));
        let link = RedisLink::open(address.parse().unwrap(), "test:");
        let refused = link.commits().ask(&add(1)).await.unwrap_err();
        assert!(matches!(refused, LinkError::Refused(_)), "{refused:?}");
        assert!(refused.to_string().contains(told), "{refused}");
        assert!(!refused.to_string().contains("wrong@"), "{refused}");
    }
}

#[tokio::test]
async fn a_server_is_used_only_if_it_keeps_what_it_is_given() {
    let examined = async |settings: &[(&str, &str)], volatile| {
        let server = RedisServer::start_with(settings).await;
        open(&server)
            .examine(Terms {
                volatile,
                replicas: 0,
            })
            .await
    };
    let always = [
        ("appendonly", "yes"),
        ("appendfsync", "always"),
        ("maxmemory", "100mb"),
    ];
    let server = examined(&always, false).await.unwrap();
    assert_eq!(
        (server.durability, server.max_memory),
        (Durability::Always, 100 << 20)
    );
    let known = ["Redis 7.", "Redis 8.", "Valkey "];
    assert!(
        known.iter().any(|name| server.product.starts_with(name)),
        "{}",
        server.product
    );
    assert!(server.used_memory > 0);
    assert_eq!(
        examined(&[("appendonly", "yes")], false)
            .await
            .unwrap()
            .durability,
        Durability::EverySec
    );

    assert_eq!(examined(&[], false).await, Err(Refusal::Volatile));
    assert_eq!(
        examined(&[], true).await.unwrap().durability,
        Durability::Volatile
    );
    let evicts = [("appendonly", "yes"), ("maxmemory-policy", "allkeys-lru")];
    assert_eq!(
        examined(&evicts, true).await,
        Err(Refusal::Evicts("allkeys-lru".to_owned()))
    );
}

#[tokio::test]
async fn a_server_without_the_replicas_that_shall_confirm_is_not_used() {
    let server = RedisServer::start().await;
    let terms = Terms {
        volatile: false,
        replicas: 1,
    };
    let link = open(&server);
    let lacks = Refusal::Replicas {
        wanted: 1,
        connected: 0,
    };
    assert_eq!(link.examine(terms).await, Err(lacks));
    let _standby = Standby::of(&server).await;
    let examined = link.examine(terms).await.unwrap();
    assert_eq!(examined.durability, Durability::Replicas(1));
}

#[tokio::test]
async fn a_confirmed_call_is_answered_once_a_replica_has_it() {
    let server = RedisServer::start().await;
    let standby = Standby::of(&server).await;
    let address: RedisAddress = server.url().parse().unwrap();
    let link = RedisLink::open_confirmed(address, "test:", 1);
    let answer = link.ask_confirmed("{n}", &add(1)).await.unwrap();
    assert_eq!(answer.number(), Ok(1));
    // The text of a script that is not known goes with a wait of its own.
    server.command("SCRIPT FLUSH").await;
    standby.falls_behind();
    let unconfirmed = LinkError::Unconfirmed {
        confirmed: 0,
        wanted: 1,
    };
    assert_eq!(link.ask_confirmed("{n}", &add(1)).await, Err(unconfirmed));
    assert_eq!(sum(&link).await, 2);
    standby.follows_again(&server);
    eventually("the replica confirms", async || {
        link.ask_confirmed("{n}", &add(1)).await.ok().map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_server_is_reached_over_tls_if_its_certificate_is_trusted() {
    let server = RedisServer::start_with_tls().await;
    let address: RedisAddress = server.tls_url().parse().unwrap();
    let link = RedisLink::open(address.clone().trusting(server.certificate()), "test:");
    assert_eq!(sum(&link).await, 0);
    let stranger = RedisLink::open(address, "test:");
    let refused = stranger.commits().ask(&add(1)).await.unwrap_err();
    assert!(refused.to_string().contains("certificate"), "{refused}");
    assert_eq!(sum(&link).await, 0);
}

#[tokio::test]
async fn a_sentinel_tells_where_the_primary_is() {
    let server = RedisServer::start().await;
    let sentinel = server.start_sentinel().await;
    let open = |master: &str| {
        let silent = format!("127.0.0.1:{}", e2e::free_port());
        let url = format!(
            "redis+sentinel://{silent},127.0.0.1:{}/{master}",
            sentinel.port()
        );
        RedisLink::open(url.parse().unwrap(), "test:")
    };
    assert_eq!(sum(&open("main")).await, 0);
    let unknown = open("other").commits().ask(&add(1)).await.unwrap_err();
    assert!(
        unknown.to_string().contains("no master of the name other"),
        "{unknown}"
    );
}
