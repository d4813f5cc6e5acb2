//! `crawlcast crawl`: from a site to its pages, without a server.

use std::collections::BTreeMap;

use e2e::{Page, Shell, Site, Worker, files_below};
use serde_json::{Value, json};

/// URL and outcome of each page in NDJSON; each must be there once.
fn pages(ndjson: &str) -> BTreeMap<String, Value> {
    let mut pages = BTreeMap::new();
    for line in ndjson.lines() {
        let page: Value = serde_json::from_str(line).unwrap();
        let url = page["url"].as_str().unwrap().to_owned();
        let outcome = json!([
            page["result"]["outcome"],
            page["result"]["status"],
            page["result"]["sha256"]
        ]);
        assert!(pages.insert(url.clone(), outcome).is_none(), "{url} twice");
    }
    pages
}

#[tokio::test]
async fn the_pages_of_the_demo_site_are_those_that_a_worker_finds() {
    let worker = Worker::options().argument("--demo").start().await;
    let (shell, demo) = (Shell::default(), worker.demo().to_owned() + "/");
    let job = worker
        .api()
        .submit(json!({ "url": demo, "maxConcurrency": 1 }))
        .await;
    let seen = job.watch().until_over().await;
    let _ = seen.check_ended("done");
    let theirs = job.results("ndjson").await.expect(200).text();

    let ended = shell
        .run(&[
            "crawl",
            &demo,
            "--max-concurrency",
            "1",
            "-o",
            "pages.ndjson",
            "-o",
            "pages.csv",
        ])
        .await;

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ours = shell.text("pages.ndjson");
    assert_eq!(
        pages(&ours).keys().collect::<Vec<_>>(),
        pages(&theirs).keys().collect::<Vec<_>>()
    );
    assert!(shell.text("pages.csv").starts_with("at,url,outcome,"));
    assert!(ended.stderr.contains(" pages in "), "{}", ended.stderr);
    assert_eq!(ended.stdout, "", "pages go to files");
}

#[tokio::test]
async fn without_an_output_each_page_is_a_line() {
    let (shell, site) = (Shell::default(), Site::tree(7).await);
    let ended = shell.run(&["crawl", &site.url("/")]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout.lines().count(), 7, "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .lines()
            .all(|line| line.starts_with("    200 http://127.0.0.1:"))
    );
    assert!(
        !ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'),
        "a pipe is no terminal"
    );
    assert_eq!(
        files_below(&shell.path("")).len(),
        0,
        "nothing is left behind"
    );
}

#[tokio::test]
async fn a_directory_of_markdown_can_be_read_offline() {
    let shell = Shell::default();
    let site = Site::of(|path| match path {
        "/" => Page::html("<title>\"Home\"</title><main><p><a href=/docs/a.html#x>A</a> <a href=/gone>G</a></p></main>"),
        "/docs/a.html" => Page::html("<title>A</title><main><p><a href=/>home</a> <a href=b%20c>B</a></p></main>"),
        "/docs/b%20c" => Page::html("<title>B</title><main><p>text</p></main>"),
        _ => Page::missing(),
    })
    .await;

    let ended = shell
        .run(&["crawl", &site.url("/"), "--sitemap", "skip", "-o", "pages/"])
        .await;

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let host = site.address().to_string().replace(':', "+");
    let names: Vec<String> = files_below(&shell.path("pages"))
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(
        names,
        ["docs/a.md", "docs/b c.md", "index.md"].map(|name| format!("{host}/{name}"))
    );
    let home = shell.text(&format!("pages/{host}/index.md"));
    assert!(home.starts_with(&format!(
        "---\nurl: \"{}\"\ntitle: \"\\\"Home\\\"\"\nstatus: 200\n---\n",
        site.url("/")
    )));
    assert!(home.contains("[A](docs/a.md#x)"), "{home}");
    assert!(
        home.contains(&format!("[G]({})", site.url("/gone"))),
        "{home}"
    );
    let a = shell.text(&format!("pages/{host}/docs/a.md"));
    assert!(
        a.contains("[home](../index.md)") && a.contains("[B](b%20c.md)"),
        "{a}"
    );
}

#[tokio::test]
async fn a_web_archive_is_one_that_another_program_reads() {
    let shell = Shell::default();
    let site = Site::of(|path| match path {
        "/" => Page::linking("Home", ["/moved", "/b", "/gone"].map(str::to_owned)),
        "/moved" => Page::redirect("/c"),
        "/b" | "/c" => Page::html(format!("<title>{path}</title>")),
        _ => Page::missing(),
    })
    .await;

    let crawl = [
        "crawl",
        &site.url("/"),
        "--sitemap",
        "skip",
        "-o",
        "site.warc.gz",
    ];
    let ended = shell.run(&crawl).await;

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let checked = shell.tool("warcio", &["check", "-v", "site.warc.gz"]).await;
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
            &[
                "index",
                "-f",
                "warc-type,warc-target-uri,http:status",
                "site.warc.gz",
            ],
        )
        .await;
    let records: Vec<Value> = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut answers: Vec<(String, &str)> = records
        .iter()
        .filter(|record| record["warc-type"] == "response")
        .map(|record| {
            let url = record["warc-target-uri"]
                .as_str()
                .unwrap()
                .replace(&site.url(""), "");
            (url, record["http:status"].as_str().unwrap())
        })
        .collect();
    answers.sort();
    let expected = [
        ("/", "200"),
        ("/b", "200"),
        ("/c", "200"),
        ("/gone", "404"),
        ("/moved", "302"),
    ];
    assert_eq!(
        answers,
        expected.map(|(url, status)| (url.to_owned(), status))
    );
}

#[tokio::test]
async fn as_a_link_checker_it_names_what_is_broken_and_who_links_there() {
    let shell = Shell::default();
    let site = Site::of(|path| match path {
        "/" => Page::linking("Home", ["/gone".to_owned()]),
        _ => Page::missing(),
    })
    .await;
    let url = site.url("/");

    let ended = shell.run(&["crawl", &url, "--fail-on", "failed"]).await;

    assert_eq!(ended.code, Some(1));
    let broken = format!("broken (1):\n  {url}gone  404\n    linked from {url}\n");
    assert!(ended.stderr.contains(&broken), "{}", ended.stderr);
    assert_eq!(shell.run(&["crawl", &url, "--quiet"]).await.code, Some(0));
}

#[tokio::test]
async fn in_json_every_line_is_an_object_and_the_last_one_the_summary() {
    let (shell, site) = (Shell::default(), Site::tree(3).await);
    let ended = shell.run(&["crawl", &site.url("/"), "--json"]).await;
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["type"], "started");
    let last = lines.last().unwrap();
    assert_eq!(last["type"], "summary");
    assert_eq!(
        (&last["state"], &last["counts"]["fetched"]),
        (&json!("done"), &json!(3))
    );
}

#[tokio::test]
async fn a_pipe_that_closes_ends_it_quietly() {
    let (shell, site) = (Shell::default(), Site::fan(2_000).await);
    let url = site.url("/");
    let script = format!("\"$CRAWLCAST\" crawl {url} | head -n 1; echo ${{PIPESTATUS[0]}}");
    let ended = shell.bash(&script).await;
    assert!(ended.stdout.ends_with("\n0\n"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_with_its_cure() {
    let (shell, site) = (Shell::default(), Site::tree(3).await);
    let url = site.url("/");
    std::fs::write(shell.path("file"), "").unwrap();
    std::os::unix::fs::symlink("/dev/full", shell.path("full.ndjson")).unwrap();
    let cases: [(&[&str], i32, &str); 9] = [
        (&["crawl"], 2, "<URL>"),
        (&["crawl", "example.com"], 2, "https://example.com/"),
        (
            &["crawl", &url, "--max-concurrency", "0"],
            2,
            "--max-concurrency must be a whole number from 1 to 256",
        ),
        (&["crawl", &url, "--scope", "all"], 2, "host"),
        (
            &["crawl", &url, "-o", "pages.json"],
            2,
            ".ndjson, .csv, .warc.gz",
        ),
        (
            &["crawl", &url, "-o", "-", "--json"],
            2,
            "both write to stdout",
        ),
        (
            &["crawl", &url, "-o", "file/pages.csv"],
            1,
            "could not write file/pages.csv",
        ),
        (
            &["crawl", &url, "-o", "full.ndjson"],
            1,
            "could not write full.ndjson: No space left on device",
        ),
        (
            &["crawl", "http://nowhere.invalid/"],
            1,
            "the host's name has no address",
        ),
    ];
    for (arguments, code, words) in cases {
        let ended = shell.run(arguments).await;
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn only_the_network_that_was_typed_is_opened() {
    let (shell, other) = (Shell::default(), Site::tree(1).await);
    let inner = format!("http://127.0.0.2:{}/", other.address().port());
    let site = Site::of(move |path| match path {
        "/" => Page::linking("Home", [inner.clone()]),
        _ => Page::missing(),
    })
    .await;
    let ended = shell
        .run(&["crawl", &site.url("/"), "--scope", "any", "--json"])
        .await;
    assert!(ended.stdout.contains("blockedAddress"), "{}", ended.stdout);
    assert_eq!(ended.code, Some(0));
}
