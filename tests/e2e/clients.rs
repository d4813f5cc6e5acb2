//! Public SSE libraries, each with its defaults: over faults they see every event once, and none takes a fault for the end.

use e2e::{Browser, Job, Page, Program, Relay, Site, Worker, eventually, heavy};
use serde_json::json;

/// What follows a stream, one program for each library.
const PROGRAMS: [&str; 5] = [
    "clients/fetch_event_source.mjs",
    "clients/eventsource.mjs",
    "clients/sseclient_py.py",
    "clients/httpx_events.py",
    "clients/requests_lines.py",
];
const PAGES: usize = 31;
/// The page that keeps a job from ending while faults happen.
const HELD: &str = "/page/9";

/// One client with a way to the worker of its own.
struct Client {
    name: &'static str,
    relay: Relay,
    kind: Kind,
}

enum Kind {
    Program(Program),
    Tab { browser: Browser, _page: Site },
}

impl Client {
    async fn program(name: &'static str, relay: Relay, job: &Job) -> Self {
        let url = format!("{}{}", relay.base(), job.events_path());
        let kind = Kind::Program(Program::start(name, &[&url]).await);
        Self { name, relay, kind }
    }

    /// Chromium's own EventSource, in a page of another origin.
    async fn tab(relay: Relay, job: &Job) -> Self {
        let url = format!("{}{}", relay.base(), job.events_path());
        let page = Site::of(|_| Page::html(include_str!("../clients/event_source.html"))).await;
        let browser = Browser::start().await;
        browser.open(&format!("{}#{url}", page.url("/"))).await;
        let kind = Kind::Tab {
            browser,
            _page: page,
        };
        Self {
            name: "Chromium",
            relay,
            kind,
        }
    }

    /// Waits until so many lines begin so; answers all lines.
    async fn says(&self, start: &str, times: usize) -> Vec<String> {
        let what = format!("{}: {times} × `{start}`", self.name);
        let enough = |lines: &[String]| {
            let said = lines.iter().filter(|line| line.starts_with(start));
            said.count() >= times
        };
        match &self.kind {
            Kind::Program(program) => program.until(&what, enough).await,
            Kind::Tab { browser, .. } => {
                eventually(&what, || async {
                    let text = browser.text("#seen").await;
                    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                    enough(&lines).then_some(lines)
                })
                .await
            }
        }
    }

    /// Waits until the client takes the job for ended; answers all its lines.
    async fn end(self) -> Vec<String> {
        if let Kind::Program(program) = self.kind {
            let (status, lines) = program.end().await;
            assert!(status.success(), "{status}: {lines:#?}");
            return lines;
        }
        self.says("ended", 1).await
    }
}

/// A job that goes on until its held page is opened, and every client on its stream.
async fn followed(worker: &Worker, site: &Site) -> (Job, Vec<Client>) {
    let crawl = json!({ "url": site.url("/"), "onDisconnect": "continue" });
    let job = worker.api().submit(crawl).await;
    let mut clients = Vec::new();
    for path in PROGRAMS {
        clients.push(Client::program(path, Relay::to(worker.port()).await, &job).await);
    }
    clients.push(Client::tab(Relay::to(worker.port()).await, &job).await);
    (job, clients)
}

/// Holds what each client has seen against the log.
async fn check(job: &Job, clients: Vec<Client>) {
    let log = job.watch().until_over().await;
    let _ = log.check_ended("done");
    let logged: Vec<String> = log
        .events()
        .map(|event| format!("event {} {}", event.name, event.id.as_deref().unwrap()))
        .collect();
    for client in clients {
        let name = client.name;
        let lines = client.end().await;
        let asides = ["event hello", "event bye", "broken", "ended"];
        let seen: Vec<&String> = lines
            .iter()
            .filter(|line| !asides.iter().any(|aside| line.starts_with(aside)))
            .collect();
        assert_eq!(
            seen,
            logged.iter().collect::<Vec<_>>(),
            "{name}: {lines:#?}"
        );
        let ends: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at] == "ended")
            .collect();
        assert_eq!(
            ends,
            [lines.len() - 1],
            "{name} takes a fault for the end: {lines:#?}"
        );
        let broken = lines.iter().any(|line| line.starts_with("broken"));
        assert!(broken, "{name} has met the fault: {lines:#?}");
    }
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_frame_is_nobodys_end() {
    let _alone = heavy().await;
    let (worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    let (job, clients) = followed(&worker, &site).await;
    // In the data, in the ID, and in a URL.
    let places = ["event:progress\ndata:{", "\nid:1-1", "/page/30\""];
    for client in &clients {
        places
            .iter()
            .for_each(|place| client.relay.cut_after(place));
    }
    for client in &clients {
        client.relay.has_cut(places.len()).await;
    }
    hold.open();
    check(&job, clients).await;
}

#[tokio::test]
async fn a_killed_worker_is_nobodys_end() {
    let _alone = heavy().await;
    let (mut worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    let (job, clients) = followed(&worker, &site).await;
    for client in &clients {
        client.says("event progress", 3).await;
    }
    worker.kill().await;
    worker.restart().await;
    hold.open();
    check(&job, clients).await;
}

#[tokio::test]
async fn a_goodbye_is_nobodys_end() {
    let _alone = heavy().await;
    let (mut worker, site) = (Worker::start().await, Site::tree(PAGES).await);
    let hold = site.hold(HELD);
    let (job, clients) = followed(&worker, &site).await;
    for client in &clients {
        client.says("event progress", 3).await;
    }
    worker.terminate();
    for client in &clients {
        client.says("event bye", 1).await;
    }
    assert_eq!(worker.exit().await.code(), Some(0));
    worker.restart().await;
    hold.open();
    check(&job, clients).await;
}
