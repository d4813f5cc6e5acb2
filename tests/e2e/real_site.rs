//! Real sites: documentations from Debian, served by a real nginx on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use e2e::{AccessLine, Api, End, Front, Job, LocalStack, Nginx, Seen, Worker, heavy, wget2};
use rstest::rstest;
use serde_json::json;

/// A site: its directory, its start page, how many requests all of it takes at least, and titles of pages that are not in
/// UTF-8 or not in English.
struct Documentation {
    root: &'static str,
    start: &'static str,
    size: usize,
    titles: &'static [(&'static str, &'static str)],
}

const PYTHON: Documentation = Documentation {
    root: "/usr/share/doc/python3-doc/html",
    start: "/index.html",
    size: 400,
    titles: &[],
};
const POSTGRESQL: Documentation = Documentation {
    root: "/usr/share/doc/postgresql-doc-15/html",
    start: "/index.html",
    size: 1_100,
    titles: &[],
};
/// Has pages in EUC-KR, ISO-8859-1 and UTF-8, links that lead to nothing, and the same pages under many URLs.
const APACHE: Documentation = Documentation {
    root: "/usr/share/doc/apache2-doc/manual",
    start: "/en/index.html",
    size: 2_500,
    titles: &[
        (
            "/ko/howto/ssi.html",
            "아파치 투토리얼: Server Side Includes 소개 - Apache HTTP Server Version 2.4",
        ),
        (
            "/es/filter.html",
            "Filtros - Servidor HTTP Apache Versión 2.4",
        ),
    ],
};

#[rstest]
#[case::python(PYTHON)]
#[case::postgresql(POSTGRESQL)]
#[case::apache(APACHE)]
#[tokio::test]
async fn what_is_fetched_is_what_another_crawler_reaches(#[case] site: Documentation) {
    let _alone = heavy().await;
    let worker = Worker::start().await;
    let nginx = site.serve().await;
    let seen = site.crawl(&nginx, &worker.api(), &worker.api()).await;
    site.check(&nginx, &seen, Asked::Once).await;
}

#[tokio::test]
async fn the_split_sees_the_same_pages() {
    let _alone = heavy().await;
    let stack = LocalStack::start().await;
    let nginx = PYTHON.serve().await;
    let seen = PYTHON.crawl(&nginx, stack.submit(), stack.watch()).await;
    PYTHON.check(&nginx, &seen, Asked::Once).await;
    assert!(stack.interrupt().await.success());
}

#[tokio::test]
async fn kills_at_random_moments_change_nothing_about_what_is_fetched() {
    const KILLS: usize = 8;
    let _alone = heavy().await;
    let mut worker = Worker::start().await;
    let nginx = POSTGRESQL.serve().await;
    // Slow enough to be killed so often before it is over.
    let mut wanted = POSTGRESQL.request(&nginx);
    wanted["delayMs"] = json!(2);
    let job = worker.api().submit(wanted).await;
    let mut watcher = job.watch_with().hurried().open();
    for _ in 0..KILLS {
        let chance = usize::from(uuid::Uuid::new_v4().as_bytes()[0] % 50);
        let events = watcher.seen().events().count();
        watcher.until_events(events + 2 + chance).await;
        worker.kill().await;
        worker.restart().await;
    }
    let seen = watcher.until_end().await;
    assert!(seen.named("resumed").count() >= 1);
    POSTGRESQL
        .check(&nginx, &seen, Asked::OnceAndWhenKilled(KILLS))
        .await;
}

/// Bound on the requests for one page.
#[derive(Clone, Copy)]
enum Asked {
    Once,
    /// Again after each kill, if it was in flight then.
    OnceAndWhenKilled(usize),
}

/// Requests in flight at most.
const IN_FLIGHT: usize = 16;

impl Documentation {
    async fn serve(&self) -> Nginx {
        assert!(
            Path::new(self.root).join(&self.start[1..]).is_file(),
            "{} is missing; tests/run installs it",
            self.root
        );
        Front::files(Path::new(self.root)).start().await
    }

    /// All of it, under the rules that wget2 knows.
    fn request(&self, nginx: &Nginx) -> serde_json::Value {
        json!({
            "url": format!("{}{}", nginx.base(), self.start), "limit": 100_000, "maxDiscoveryDepth": 1000,
            "maxConcurrency": IN_FLIGHT, "maxConcurrencyPerHost": IN_FLIGHT, "sitemap": "skip",
            "respectNofollow": false, "respectMetaRobots": false,
        })
    }

    /// Crawls it: submitted one way, watched another.
    async fn crawl(&self, nginx: &Nginx, submit: &Api, watch: &Api) -> Seen {
        let wanted = self.request(nginx);
        let accepted = submit.try_submit(&wanted).await.expect(202).json();
        let job = Job::accepted(watch.clone(), &accepted);
        job.watch_with().hurried().open().until_end().await
    }

    /// Every page that links lead to was told of once, and asked for as often as it may be.
    async fn check(&self, nginx: &Nginx, seen: &Seen, asked: Asked) {
        let done = seen.check_ended("done");
        let end = (&done["reason"], seen.end);
        assert_eq!(end, (&json!("complete"), Some(End::NoContent)));
        let ours = Accesses::of(&nginx.accesses());
        let other = self.serve().await;
        wget2(&format!("{}{}", other.base(), self.start)).await;
        let theirs = Accesses::of(&other.accesses());
        let missed: Vec<_> = theirs.pages.difference(&ours.pages).take(20).collect();
        let extra: Vec<_> = ours.pages.difference(&theirs.pages).take(20).collect();
        assert!(
            missed.is_empty(),
            "wget2 reached {missed:?}, and we did not"
        );
        assert!(extra.is_empty(), "we fetched {extra:?}, and wget2 did not");
        assert!(
            theirs.pages.len() > self.size,
            "wget2 saw only {}",
            theirs.pages.len()
        );
        let most = match asked {
            Asked::Once => 0,
            Asked::OnceAndWhenKilled(kills) => kills * IN_FLIGHT,
        };
        assert!(ours.repeated <= most, "{} requests too many", ours.repeated);
        self.check_titles(seen);
    }

    fn check_titles(&self, seen: &Seen) {
        let mut titles = BTreeMap::new();
        for frame in seen.named("progress") {
            let event = frame.json();
            let title = event["result"]["title"].as_str().unwrap_or_default();
            let url = event["url"].as_str().expect("a page has a URL");
            assert!(!title.contains('\u{fffd}'), "{url} is called {title}");
            titles.insert(url.to_owned(), title.to_owned());
        }
        for (path, expected) in self.titles {
            let found = titles.iter().find(|(url, _)| url.ends_with(path));
            let found = found.map(|(_, title)| title.as_str());
            assert_eq!(found, Some(*expected), "the title of {path}");
        }
    }
}

/// nginx's own record.
struct Accesses {
    /// Paths that were asked for, and the statuses of the answers.
    pages: BTreeSet<(String, u16)>,
    /// Requests for what had been asked for before.
    repeated: usize,
}

impl Accesses {
    fn of(lines: &[AccessLine]) -> Self {
        // nginx says 499 of a request whose crawler was killed.
        let is_page = |line: &&AccessLine| line.path != "/robots.txt" && line.status != 499;
        let pages: Vec<_> = lines
            .iter()
            .filter(is_page)
            .map(|line| (line.path.clone(), line.status))
            .collect();
        let requests = pages.len();
        let pages: BTreeSet<_> = pages.into_iter().collect();
        Self {
            repeated: requests - pages.len(),
            pages,
        }
    }
}
