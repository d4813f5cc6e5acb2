//! `crawlcast crawl --state`: stopped and killed at random moments, it ends with the same pages, each once.

use std::collections::BTreeSet;
use std::path::Path;

use e2e::{Front, Hold, Shell, Site, Worker, files_below, heavy};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A real site: the documentation that Debian ships with Python.
const PYTHON: &str = "/usr/share/doc/python3-doc/html";

const OUTPUTS: [&str; 8] = [
    "-o",
    "pages.ndjson",
    "-o",
    "pages.csv",
    "-o",
    "pages.warc.gz",
    "-o",
    "pages/",
];

/// URLs of NDJSON's pages; each must be there once.
fn urls(ndjson: &str) -> BTreeSet<String> {
    let mut urls = BTreeSet::new();
    assert!(ndjson.ends_with('\n'), "the last line is whole");
    for line in ndjson.lines() {
        let page: Value = serde_json::from_str(line).unwrap();
        let url = page["url"].as_str().unwrap().to_owned();
        assert!(urls.insert(url.clone()), "{url} twice");
    }
    urls
}

#[tokio::test]
async fn kills_and_interrupts_at_random_moments_change_nothing_about_what_is_written() {
    const KILLS: usize = 10;
    let _alone = heavy().await;
    assert!(
        Path::new(PYTHON).is_dir(),
        "{PYTHON} is missing; tests/run installs it"
    );
    let nginx = Front::files(Path::new(PYTHON)).start().await;
    let (shell, start) = (Shell::default(), format!("{}/index.html", nginx.base()));
    let fields = [
        "--limit",
        "100000",
        "--max-concurrency-per-host",
        "8",
        "--delay-ms",
        "2",
        "--sitemap",
        "skip",
    ];
    let mut crawl = vec!["crawl", start.as_str(), "--state", "state"];
    crawl.extend(fields);
    crawl.extend(OUTPUTS);

    for kill in 0..KILLS {
        let seen = nginx.accesses().len();
        let running = shell.start(&crawl);
        let chance = 1 + usize::from(uuid::Uuid::new_v4().as_bytes()[0] % 40);
        e2e::eventually("more pages are asked for", || async {
            (nginx.accesses().len() >= seen + chance).then_some(())
        })
        .await;
        let signal = if kill % 3 == 2 {
            Signal::INT
        } else {
            Signal::KILL
        };
        running.signal(signal);
        let ended = running.end().await;
        let expected = if signal == Signal::INT {
            Some(130)
        } else {
            None
        };
        assert_eq!(ended.code, expected, "{}", ended.stderr);
    }
    let ended = shell.run(&crawl).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let again = shell.run(&crawl).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);

    let worker = Worker::start().await;
    let wanted =
        json!({ "url": start, "limit": 100_000, "maxConcurrencyPerHost": 8, "sitemap": "skip" });
    let job = worker.api().submit(wanted).await;
    let _ = job
        .watch_with()
        .hurried()
        .open()
        .until_end()
        .await
        .check_ended("done");
    let theirs = urls(&job.results("ndjson").await.expect(200).text());
    let ours = urls(&shell.text("pages.ndjson"));
    assert_eq!(ours, theirs);
    assert!(ours.len() > 400, "only {}", ours.len());
    assert_eq!(shell.text("pages.csv").lines().count(), ours.len() + 1);
    assert_eq!(shell.text("pages.csv").matches("at,url,outcome").count(), 1);
    check_archive(&shell, &ours).await;
    check_links(&shell.path("pages"));
}

/// Another program finds it sound, and each page in it once.
async fn check_archive(shell: &Shell, pages: &BTreeSet<String>) {
    let checked = shell.tool("warcio", &["check", "pages.warc.gz"]).await;
    assert_eq!(
        checked.code,
        Some(0),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    let listed = shell
        .tool(
            "warcio",
            &["index", "-f", "warc-type,warc-target-uri", "pages.warc.gz"],
        )
        .await;
    let records = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let answers: Vec<String> = records
        .filter(|record| record["warc-type"] == "response")
        .map(|record| record["warc-target-uri"].as_str().unwrap().to_owned())
        .collect();
    let once: BTreeSet<String> = answers.iter().cloned().collect();
    assert_eq!(answers.len(), once.len(), "an answer is there twice");
    let missing: Vec<_> = pages.difference(&once).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every link from one file to another leads to one that is there.
fn check_links(root: &Path) {
    let files = files_below(root);
    assert!(files.len() > 400, "only {}", files.len());
    let mut links = 0;
    for file in &files {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        for (_, rest) in text
            .match_indices("](")
            .map(|(at, _)| text[at..].split_at(2))
        {
            let target = rest.split([')', '#']).next().unwrap();
            if !target.ends_with(".md") || target.contains("://") {
                continue;
            }
            links += 1;
            let folder = file.parent().unwrap();
            let path = root.join(folder).join(target.replace("%20", " "));
            assert!(path.is_file(), "{} links to {target}", file.display());
        }
    }
    assert!(links > 1_000, "only {links} links");
}

#[tokio::test]
async fn the_same_command_asks_for_no_page_again() {
    let (shell, site) = (Shell::default(), Site::tree(15).await);
    let mut hold: Hold = site.hold("/page/9");
    let url = site.url("/");
    let crawl = [
        "crawl",
        url.as_str(),
        "--state",
        "state",
        "-o",
        "pages.ndjson",
    ];
    let running = shell.start(&crawl);
    hold.reached().await;
    site.visited(15).await;
    running.signal(Signal::INT);
    let stopped = running.end().await;
    assert_eq!(stopped.code, Some(130));
    assert!(
        stopped.stderr.contains("repeat the command to go on"),
        "{}",
        stopped.stderr
    );

    hold.open();
    let ended = shell.run(&crawl).await;

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(urls(&shell.text("pages.ndjson")).len(), 15);
    let asked = site.visits().len();
    assert!(
        asked <= 17,
        "{asked} requests for 15 pages, of which two were in flight"
    );
}

#[tokio::test]
async fn a_directory_with_another_crawl_is_refused() {
    let (shell, site) = (Shell::default(), Site::tree(1).await);
    let url = site.url("/");
    assert_eq!(
        shell.run(&["crawl", &url, "--state", "state"]).await.code,
        Some(0)
    );

    let other = shell
        .run(&["crawl", &url, "--state", "state", "--limit", "5"])
        .await;

    assert_eq!(other.code, Some(2));
    assert!(
        other.stderr.contains("holds another crawl"),
        "{}",
        other.stderr
    );
}

#[tokio::test]
async fn an_interrupt_without_a_state_keeps_what_was_written() {
    let (shell, site) = (Shell::default(), Site::tree(7).await);
    let mut hold = site.hold("/page/3");
    let running = shell.start(&[
        "crawl",
        &site.url("/"),
        "-o",
        "pages.ndjson",
        "--max-concurrency",
        "1",
    ]);
    hold.reached().await;
    running.signal(Signal::INT);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(!urls(&shell.text("pages.ndjson")).is_empty());
}
