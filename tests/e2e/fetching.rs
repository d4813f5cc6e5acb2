//! Crawls on behalf of a user: who sees their headers and cookies, and that nobody else does.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use e2e::{Api, Cluster, Job, Page, Receiver, Seen, Shell, Site, Told, Visit, Worker, files_below};
use flate2::read::MultiGzDecoder;
use memchr::memmem::find;
use serde_json::{Value, json};

const HEADER: &str = "zebra-header-8b1f0c";
const COOKIE: &str = "walrus-cookie-72d9e4";
const AGENT: &str = "heron-agent-51c6aa";
const SIGNING: &str = "lemur-signing-key-0d44b7";
const HOOK: &str = "ibis-hook-93e2f1";
/// Of the caller's own, echoed on purpose: whoever looks for secrets in a place must find this there.
const LABEL: &str = "plover-label-66a0d3";

/// Every secret of a request.
const SECRETS: [&str; 5] = [HEADER, COOKIE, AGENT, SIGNING, HOOK];

/// A site for members: it opens a session for whoever has the header and the cookie, and shows its pages to that session.
async fn members_only(elsewhere: String) -> Site {
    Site::for_visits(move |visit| {
        let is_member = visit.header("authorization") == format!("Bearer {HEADER}")
            && visit.header("cookie").contains(&format!("sid={COOKIE}"));
        let has_session = visit.header("cookie").contains("session=open");
        match visit.path.as_str() {
            "/robots.txt" => Page::of("text/plain", "User-agent: *\nDisallow: /private\n"),
            "/sitemap.xml" => Page::missing(),
            _ if !is_member => Page::html("who are you?").status(403),
            "/" => Page::linking(
                "Welcome",
                ["/members", "/out", "/private"].map(str::to_owned),
            )
            .header("set-cookie", "session=open; Path=/"),
            "/out" => Page::redirect(&elsewhere),
            _ if has_session => Page::linking("Members", ["/members/list".to_owned()]),
            _ => Page::redirect("/login"),
        }
    })
    .await
}

/// A site that everybody may see.
async fn public() -> Site {
    Site::of(|path| match path {
        "/landed" => Page::linking("Elsewhere", ["/deeper".to_owned()]),
        "/deeper" => Page::linking("Deeper", []),
        _ => Page::missing(),
    })
    .await
}

fn request(site: &Site, receiver: &Receiver) -> Value {
    json!({
        "url": site.url("/"), "scope": "any", "maxConcurrency": 1,
        "headers": {"Authorization": format!("Bearer {HEADER}")}, "cookies": {"sid": COOKIE}, "userAgent": AGENT,
        "metadata": {"label": LABEL},
        "webhook": {"url": receiver.url(), "events": ["started", "progress", "done"], "secret": SIGNING, "headers": {"X-Hook": HOOK}},
    })
}

fn is_over(told: &[Told]) -> bool {
    told.iter()
        .any(|told| told.json().to_string().contains("\"done\""))
}

/// Crawls the members' site to its end, as its only user; and everything that was shown or told meanwhile.
async fn crawl(api: &Api, site: &Site, receiver: &Receiver) -> (Job, Seen, Vec<Told>) {
    let job = api.submit(request(site, receiver)).await;
    let seen = job.watch_with().hurried().open().until_end().await;
    let told = receiver
        .until("the webhook hears of the end", is_over)
        .await;
    (job, seen, told)
}

/// A secret as it may be found: as it is, and within something that was encoded in base64.
fn spellings(secret: &str) -> Vec<String> {
    let mut spellings = vec![secret.to_owned()];
    for engine in [&STANDARD, &URL_SAFE] {
        for before in 0..3 {
            let padded = [&vec![b' '; before], secret.as_bytes()].concat();
            let text = engine.encode(padded);
            // The letters that only the secret decides.
            let whole = text.trim_end_matches('=').len() - 1;
            spellings.push(text[before * 2..whole].to_owned());
        }
    }
    spellings
}

/// Holds that no secret is in `bytes`, the content of `place`.
fn check_hidden(place: &str, bytes: &[u8]) {
    for secret in SECRETS {
        for spelling in spellings(secret) {
            assert!(
                find(bytes, spelling.as_bytes()).is_none(),
                "{secret} is in {place}, as {spelling}"
            );
        }
    }
}

/// The same for every file of a directory; in one of them must be what was not kept secret.
fn check_directory(directory: &Path) {
    let mut is_label_there = false;
    for file in files_below(directory) {
        let bytes = fs::read(directory.join(&file)).unwrap();
        check_hidden(&file.display().to_string(), &bytes);
        is_label_there |= find(&bytes, LABEL.as_bytes()).is_some();
    }
    assert!(is_label_there, "the search finds what is there");
}

async fn check_everything_shown(worker: &Worker, job: &Job, seen: &Seen, told: &[Told]) {
    let started = seen.first("started");
    assert_eq!(started["request"]["headers"], json!(["authorization"]));
    assert_eq!(started["request"]["cookies"], json!(["sid"]));
    assert_eq!(
        (
            &started["request"]["userAgent"],
            &started["request"]["webhook"]["headers"]
        ),
        (&json!(true), &json!(["x-hook"]))
    );
    let streamed: String = seen.frames().map(|frame| frame.data.as_str()).collect();
    check_hidden("the stream", streamed.as_bytes());
    for told in told {
        check_hidden("a post", &told.body);
    }
    check_hidden("the status", job.status().await.to_string().as_bytes());
    for format in ["ndjson", "csv"] {
        check_hidden(
            "the results",
            job.results(format).await.expect(200).text().as_bytes(),
        );
    }
    check_hidden("the log", worker.log().as_bytes());
    check_hidden("the metrics", worker.metrics().await.text().as_bytes());
}

fn visits_of<'a>(visits: &'a [Visit], path: &str) -> Vec<&'a Visit> {
    visits.iter().filter(|visit| visit.path == path).collect()
}

#[tokio::test]
async fn a_site_for_members_is_crawled_and_nobody_else_sees_who_asks() {
    let (public, receiver) = (public().await, Receiver::start().await);
    let site = members_only(public.url("/landed")).await;
    let worker = Worker::options().set("LOG", "debug").start().await;
    let (job, seen, told) = crawl(&worker.api(), &site, &receiver).await;

    let counts = &seen.check_ended("done")["counts"];
    assert_eq!(
        (&counts["fetched"], &counts["failed"]),
        (&json!(5), &json!(0)),
        "{counts}"
    );
    let list = &visits_of(&site.requests(), "/members/list")[0].clone();
    assert_eq!(list.header("cookie"), format!("session=open; sid={COOKIE}"));
    assert_eq!(list.header("user-agent"), AGENT);

    // Robots are asked for by the service itself, and a redirect to another origin takes nothing along but the user agent.
    let robots = site.requests();
    let robots = visits_of(&robots, "/robots.txt");
    assert!(
        robots[0].header("user-agent").starts_with("crawlcast/"),
        "{robots:?}"
    );
    for name in ["authorization", "cookie"] {
        assert_eq!(robots[0].header(name), "");
    }
    let elsewhere = public.requests();
    assert_eq!(
        visits_of(&elsewhere, "/deeper")[0].header("user-agent"),
        AGENT
    );
    for visit in &elsewhere {
        let headers = format!("{:?}", visit.headers);
        assert!(
            !headers.contains(HEADER) && !headers.contains(COOKIE),
            "{headers}"
        );
    }
    for told in &told {
        assert_eq!(told.header("x-hook"), HOOK);
        let others = format!("{:?}", told.headers);
        assert!(
            [HEADER, COOKIE, AGENT]
                .iter()
                .all(|secret| !others.contains(secret)),
            "{others}"
        );
        assert!(told.headers.contains_key("webhook-signature"));
    }

    check_everything_shown(&worker, &job, &seen, &told).await;
    check_directory(worker.data_dir());
}

#[tokio::test]
async fn nothing_of_it_is_in_a_redis_that_keeps_the_job() {
    let (public, receiver) = (public().await, Receiver::start().await);
    let site = members_only(public.url("/landed")).await;
    let cluster = Cluster::of(1).await;
    let (job, seen, told) = crawl(&cluster.api(), &site, &receiver).await;
    assert_eq!(seen.check_ended("done")["counts"]["fetched"], 5);
    check_everything_shown(&cluster.workers[0], &job, &seen, &told).await;
    // Every write of every key, as it came.
    check_directory(cluster.redis.data_dir());
}

#[tokio::test]
async fn whoever_takes_the_job_over_opens_the_seal_again() {
    let (public, receiver) = (public().await, Receiver::start().await);
    let site = members_only(public.url("/landed")).await;
    let mut worker = Worker::start().await;
    let mut hold = site.hold("/members");
    let job = worker.api().submit(request(&site, &receiver)).await;
    hold.reached().await;
    worker.kill().await;
    hold.open();
    worker.restart().await;
    // The session was in memory; the site opens another one for whoever asks with the cookie, or sends them to its login.
    let seen = job.watch_with().hurried().open().until_end().await;
    let _ = seen.check_ended("done");
    let requests = site.requests();
    let again = visits_of(&requests, "/members");
    assert!(again.len() >= 2, "{again:?}");
    for visit in again {
        assert_eq!(visit.header("authorization"), format!("Bearer {HEADER}"));
        assert!(visit.header("cookie").contains(COOKIE), "{visit:?}");
    }
    check_directory(worker.data_dir());
}

#[tokio::test]
async fn a_session_is_one_jobs_and_forgotten_where_cookies_are_not_kept() {
    let site = Site::for_visits(|visit| match visit.path.as_str() {
        "/" => {
            Page::linking("Home", ["/a".to_owned()]).header("set-cookie", "session=open; Path=/")
        }
        _ => Page::linking("A", []),
    })
    .await;
    let worker = Worker::start().await;
    let (kept, forgotten) = ((json!({}), "session=open"), (json!(false), ""));
    for (cookies, expected) in [forgotten, kept.clone(), kept] {
        let crawl = json!({"url": site.url("/"), "sitemap": "skip", "cookies": cookies});
        worker.api().submit(crawl).await.becomes("done").await;
        let requests = site.requests();
        let first = visits_of(&requests, "/").last().unwrap().header("cookie");
        assert_eq!(first, "", "no job begins with another's session");
        assert_eq!(
            visits_of(&requests, "/a").last().unwrap().header("cookie"),
            expected
        );
    }
}

#[tokio::test]
async fn a_header_that_the_crawler_must_set_itself_is_refused_without_its_value() {
    let worker = Worker::start().await;
    let body = json!({"url": "https://example.com/", "headers": {"Host": HEADER}, "cookies": {"a b": COOKIE}});
    let answer = worker.api().try_submit(&body).await.expect(400);
    let problem = answer.json();
    let pointers: Vec<&Value> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["pointer"])
        .collect();
    assert_eq!(pointers, ["/headers/Host", "/cookies/a b"]);
    check_hidden("the answer", problem.to_string().as_bytes());
    check_hidden("the log", worker.log().as_bytes());
}

#[tokio::test]
async fn the_command_line_crawls_for_a_user_and_writes_no_secret() {
    let public = public().await;
    let site = members_only(public.url("/landed")).await;
    let shell = Shell::default().set(
        "CRAWLCAST_HEADERS",
        &format!("Authorization: Bearer {HEADER}"),
    );
    fs::create_dir(shell.path("out")).unwrap();
    fs::write(shell.path("cookies"), format!("sid={COOKIE}\n")).unwrap();
    let url = site.url("/");
    let crawl = [
        "crawl",
        &url,
        "--cookie",
        "@cookies",
        "--scope",
        "any",
        "--max-concurrency",
        "1",
        "--state",
        "out/state",
        "-o",
        "out/a.warc.gz",
        "-o",
        "out/a.ndjson",
        "--metadata",
        &format!("label={LABEL}"),
    ];
    let ended = shell.run(&crawl).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let pages = shell.text("out/a.ndjson");
    assert_eq!(pages.lines().count(), 5, "{pages}");

    let mut records = String::new();
    let file = fs::File::open(shell.path("out/a.warc.gz")).unwrap();
    std::io::Read::read_to_string(&mut MultiGzDecoder::new(file), &mut records).unwrap();
    assert!(
        records.contains("authorization: [redacted]\r\n")
            && records.contains("cookie: [redacted]\r\n"),
        "{records}"
    );
    check_hidden("the archive", records.as_bytes());
    check_hidden(
        "what it said",
        format!("{}{}", ended.stdout, ended.stderr).as_bytes(),
    );
    check_directory(&shell.path("out"));

    // Another session under the same name is the same crawl.
    fs::write(shell.path("cookies"), "sid=renewed\n").unwrap();
    let again = shell.run(&crawl).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
}

#[tokio::test]
async fn submit_passes_what_its_options_say() {
    let (worker, public) = (Worker::start().await, public().await);
    let site = members_only(public.url("/landed")).await;
    let shell = Shell::default().set("CRAWLCAST_SERVER", &worker.base());
    let (header, cookie) = (
        format!("Authorization: Bearer {HEADER}"),
        format!("sid={COOKIE}"),
    );
    let ended = shell
        .run(&[
            "submit",
            &site.url("/"),
            "--header",
            &header,
            "--cookie",
            &cookie,
            "--user-agent",
            AGENT,
            "--headers-for",
            &public.url(""),
            "--scope",
            "any",
            "--watch",
        ])
        .await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let landed = public.requests();
    let landed = visits_of(&landed, "/landed")[0].clone();
    assert_eq!(
        (landed.header("authorization"), landed.header("user-agent")),
        (&*format!("Bearer {HEADER}"), AGENT)
    );
    check_hidden(
        "what it said",
        format!("{}{}", ended.stdout, ended.stderr).as_bytes(),
    );
}
