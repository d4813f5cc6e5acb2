//! A worker that is killed and started again behind the nginx that the project ships a configuration for: whoever watches goes
//! on by itself, without a gap.

use e2e::{Browser, End, Front, Hold, Job, Nginx, Page, Program, Site, Worker, eventually, heavy};
use serde_json::json;

/// A job that its held page keeps from ending, on a worker behind nginx.
struct Running {
    worker: Worker,
    nginx: Nginx,
    _site: Site,
    hold: Option<Hold>,
    job: Job,
}

impl Running {
    async fn behind(front: impl FnOnce(u16) -> Front) -> Self {
        let worker = Worker::start().await;
        let nginx = front(worker.port()).start().await;
        let site = Site::tree(31).await;
        let hold = site.hold("/page/9");
        let crawl = json!({ "url": site.url("/"), "onDisconnect": "continue" });
        let job = nginx.api().submit(crawl).await;
        Self {
            worker,
            nginx,
            _site: site,
            hold: Some(hold),
            job,
        }
    }

    fn url(&self) -> String {
        self.nginx.api().url(&self.job.events_path())
    }

    /// Starts the worker again, and lets the job end.
    async fn restart(&mut self) {
        self.worker.restart().await;
        drop(self.hold.take());
    }

    /// The log, as lines of a client's program.
    async fn log(&self) -> Vec<String> {
        let log = self.job.watch().until_over().await;
        let line =
            |name: &str, id: &Option<String>| format!("event {name} {}", id.as_ref().unwrap());
        log.events()
            .map(|event| line(&event.name, &event.id))
            .collect()
    }
}

/// The lines that tell of events of the log.
fn logged(lines: Vec<String>) -> Vec<String> {
    let asides = ["event hello", "event bye", "broken", "ended"];
    let is_aside = |line: &String| asides.iter().any(|aside| line.starts_with(aside));
    lines.into_iter().filter(|line| !is_aside(line)).collect()
}

#[tokio::test]
async fn an_event_source_is_told_to_come_back_and_goes_on_where_it_was() {
    let mut running = Running::behind(Front::ours).await;
    let mut tab = running.job.watch_with().hurried().open();
    tab.until_events(5).await;

    running.worker.kill().await;
    let away = tab
        .until("an answer while the worker is away", |seen| {
            seen.links.len() > 1 && seen.has("bye")
        })
        .await;
    running.restart().await;

    assert_eq!(away.links[1].status, 200);
    assert_eq!(
        away.cursor(),
        away.events().last().unwrap().id.clone().unwrap()
    );
    let _ = tab.until_over().await.check_ended("done");
}

/// The control run: what an EventSource makes of a 502.
#[tokio::test]
async fn without_its_page_for_errors_nginx_ends_an_event_source_for_good() {
    let mut running = Running::behind(|worker| Front::ours(worker).without("error_page")).await;
    let mut tab = running.job.watch_with().hurried().open();
    tab.until_events(5).await;

    running.worker.kill().await;

    assert_eq!(tab.until_end().await.end, Some(End::Refused(502)));
}

#[tokio::test]
async fn chromium_goes_on_by_itself_from_a_page_of_another_origin() {
    let _alone = heavy().await;
    let mut running = Running::behind(Front::ours).await;
    let page = Site::of(|_| Page::html(include_str!("../clients/event_source.html"))).await;
    let browser = Browser::start().await;
    browser
        .open(&format!("{}#{}", page.url("/"), running.url()))
        .await;
    let lines = async |line: &str| {
        eventually(&format!("the page says `{line}`"), || async {
            let seen = browser.text("#seen").await;
            let lines: Vec<String> = seen.lines().map(str::to_owned).collect();
            lines
                .iter()
                .any(|said| said.starts_with(line))
                .then_some(lines)
        })
        .await
    };
    lines("event progress").await;

    running.worker.kill().await;
    lines("event bye").await;
    running.restart().await;

    assert_eq!(logged(lines("ended").await), running.log().await);
    browser.close().await;
}

#[tokio::test]
async fn a_library_that_takes_clean_ends_for_the_jobs_end_is_refused_meanwhile_and_comes_back() {
    let mut running = Running::behind(Front::ours).await;
    let client = Program::start("clients/fetch_event_source.mjs", &[&running.url()]).await;
    let says = |start: &'static str| {
        move |lines: &[String]| lines.iter().any(|line| line.starts_with(start))
    };
    client.until("a page", says("event progress")).await;

    running.worker.kill().await;
    client
        .until("the refusal", says("broken Expected content-type"))
        .await;
    running.restart().await;

    let (status, lines) = client.end().await;
    assert!(status.success());
    assert!(!lines.iter().any(|line| line.starts_with("event bye")));
    assert_eq!(logged(lines), running.log().await);
}
