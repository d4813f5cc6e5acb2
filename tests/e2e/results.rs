//! Everything fetched so far, as a download.

use e2e::{Page, Site, Worker};
use serde_json::{Value, json};

#[tokio::test]
async fn ndjson_has_a_line_for_each_page() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let seen = job.watch().until_over().await;

    let answer = job.results("ndjson").await.expect(200);

    assert!(
        answer
            .header("content-type")
            .starts_with("application/x-ndjson")
    );
    assert!(
        answer
            .header("content-disposition")
            .contains(&format!("crawl-{}.ndjson", job.channel))
    );
    let lines: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<Value> = seen.named("progress").map(e2e::SseFrame::json).collect();
    assert_eq!(lines, told);
}

#[tokio::test]
async fn csv_has_a_header_and_a_row_for_each_page_in_order() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let seen = job.watch().until_over().await;

    let answer = job.results("csv").await.expect(200);

    assert!(answer.header("content-type").starts_with("text/csv"));
    let text = answer.text();
    let mut rows = text.split_terminator("\r\n");
    let columns: Vec<&str> = rows.next().unwrap().split(',').collect();
    let url = columns.iter().position(|column| *column == "url").unwrap();
    let urls: Vec<String> = rows
        .map(|row| row.split(',').nth(url).unwrap().replace(&site.url(""), ""))
        .collect();
    assert_eq!(urls, seen.pages());
}

#[tokio::test]
async fn a_running_job_gives_what_it_has() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let hold = site.hold("/page/1");
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "maxConcurrency": 1 }))
        .await;
    job.watch()
        .until("the first page", |seen| seen.has_page("/"))
        .await;

    let answer = job.results("ndjson").await.expect(200);

    assert_eq!(answer.text().lines().count(), 1, "{}", answer.text());
    hold.open();
}

#[tokio::test]
async fn a_page_too_large_for_a_frame_is_whole_in_the_results() {
    let worker = Worker::start().await;
    let body = format!("<title>Large</title><p>{}</p>", "crawl ".repeat(100_000));
    let html = body.clone();
    let site = Site::of(move |path| {
        if path == "/" {
            Page::html(html.clone())
        } else {
            Page::missing()
        }
    })
    .await;
    let job = worker
        .api()
        .submit(json!({ "url": site.url("/"), "formats": ["metadata", "html"] }))
        .await;

    let seen = job.watch().until_over().await;

    let result = &seen.first("progress")["result"];
    assert_eq!(result["truncated"], true);
    let frame = seen.named("progress").next().unwrap();
    assert!(frame.data.len() < shared::numbers::MAX_FRAME_BYTES);
    let line: Value =
        serde_json::from_str(job.results("ndjson").await.expect(200).text().trim_end()).unwrap();
    assert_eq!(
        line["result"]["html"].as_str().map(str::len),
        Some(body.len())
    );
}

#[tokio::test]
async fn an_unknown_format_is_refused_with_the_known_ones() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;

    let problem = job.results("xml").await.problem(400);

    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("ndjson") && detail.contains("csv"),
        "{detail}"
    );
}

#[tokio::test]
async fn csv_begins_with_a_byte_order_mark_if_asked_to() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;

    let marked = job.results("csv&bom=1").await.expect(200);

    assert!(marked.body.starts_with(b"\xef\xbb\xbfat,url,"));
    let plain = job.results("csv").await.expect(200);
    assert!(plain.body.starts_with(b"at,url,"));
    let _ = job.results("ndjson&bom=1").await.problem(400);
}

#[tokio::test]
async fn nothing_with_a_jobs_data_may_be_kept_by_a_cache() {
    let (worker, site) = (Worker::start().await, Site::tree(1).await);
    let api = worker.api();
    let request = json!({ "url": site.url("/") });
    let accepted = api.try_submit(&request).await.expect(202);
    let job = e2e::Job::accepted(api.clone(), &accepted.json());
    let seen = job.watch().until_over().await;
    let last = seen.cursor();
    let status = job.status_url[job.status_url.find("/v1/").unwrap()..].to_owned();
    let ended = format!("{}&lastEventId={last}", job.events_path());
    let answers = [
        accepted,
        api.get(&status).await.expect(200),
        job.results("ndjson").await.expect(200),
        job.results("csv").await.expect(200),
        api.get("/v1/channels/x").await.expect(404),
        api.get(&ended).await.expect(204),
        job.cancel().await.expect(409),
    ];
    for answer in answers {
        assert_eq!(
            answer.header("cache-control"),
            "no-store",
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn separators_of_lines_are_escaped_in_stream_and_download() {
    const TEXT: &str = "one\u{2028}two\u{2029}three\u{85}four";
    let worker = Worker::start().await;
    let site = Site::of(|path| match path {
        "/" => Page::html(format!("<meta charset=utf-8><title>t</title><p>{TEXT}</p>")),
        _ => Page::missing(),
    })
    .await;
    let request =
        json!({ "url": site.url("/"), "formats": ["html"], "metadata": { "label": TEXT } });
    let job = worker.api().submit(request).await;

    let seen = job.watch().until_over().await;

    let download = job.results("ndjson").await.expect(200).text();
    assert_eq!(seen.first("started")["metadata"]["label"], TEXT);
    let html = &seen.first("progress")["result"]["html"];
    assert!(html.as_str().unwrap().contains(TEXT), "{html}");
    let line: Value = serde_json::from_str(download.trim_end()).unwrap();
    assert_eq!(&line["result"]["html"], html);
    for text in seen
        .named("progress")
        .chain(seen.named("started"))
        .map(|frame| &frame.data)
        .chain([&download])
    {
        assert!(!text.contains(['\u{2028}', '\u{2029}', '\u{85}']), "{text}");
    }
}

/// A home page with a page, a broken link and one that robots.txt forbids.
async fn mixed_site() -> Site {
    Site::of(|path| match path {
        "/" => Page::html("<html lang=de><title>Home</title><meta name=description content='A home'><a href=/a>a</a><a href=/broken>b</a><a href=/no>n</a>"),
        "/a" => Page::html("<title>A</title>"),
        "/robots.txt" => Page::of("text/plain", "User-agent: *\nDisallow: /no"),
        _ => Page::missing(),
    })
    .await
}

fn urls(site: &Site, lines: &str) -> Vec<String> {
    let line = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
    let url = |line: Value| line["url"].as_str().unwrap().replace(&site.url(""), "");
    lines.lines().map(line).map(url).collect()
}

#[tokio::test]
async fn results_are_told_apart_by_their_state() {
    let (worker, site) = (Worker::start().await, mixed_site().await);
    let request = json!({ "url": site.url("/"), "sitemap": "skip", "maxConcurrency": 1 });
    let job = worker.api().submit(request).await;
    job.watch().until_over().await;
    let of = async |query: &str| job.results(query).await.expect(200).text();

    assert_eq!(urls(&site, &of("ndjson&state=fetched").await), ["/", "/a"]);
    assert_eq!(urls(&site, &of("ndjson&state=failed").await), ["/broken"]);
    assert_eq!(urls(&site, &of("ndjson&state=skipped").await), ["/no"]);
    assert_eq!(urls(&site, &of("ndjson").await), ["/", "/a", "/broken"]);
    let csv = of("csv&state=skipped").await;
    let row = csv.split_terminator("\r\n").nth(1).unwrap();
    assert!(
        row.contains(",skipped,") && row.ends_with(",robots"),
        "{row}"
    );
    let csv = of("csv&state=fetched").await;
    assert!(csv.contains(",A home,de,\r\n"), "{csv}");

    let detail = job.results("ndjson&state=done").await.problem(400)["detail"].clone();
    assert_eq!(detail, "state must be fetched, failed or skipped");
}

#[tokio::test]
async fn a_program_takes_what_is_new_from_time_to_time() {
    let (worker, site) = (Worker::start().await, Site::tree(7).await);
    let hold = site.hold("/page/1");
    let request = json!({ "url": site.url("/"), "maxConcurrency": 1 });
    let job = worker.api().submit(request).await;
    job.watch()
        .until("the first page", |seen| seen.has_page("/"))
        .await;

    let first = job.results("ndjson").await.expect(200);
    let cursor = first.header("last-event-id");
    hold.open();
    let seen = job.watch().until_over().await;
    let second = job
        .results(&format!("ndjson&after={cursor}"))
        .await
        .expect(200);

    let all = [first.text(), second.text()].concat();
    assert_eq!(urls(&site, &first.text()), ["/"]);
    assert_eq!(urls(&site, &all), seen.pages());
    let last = second.header("last-event-id");
    assert_eq!(last, seen.cursor().to_string());
    let rest = job
        .results(&format!("ndjson&after={last}"))
        .await
        .expect(200);
    assert_eq!(rest.text(), "");

    for (after, said) in [
        ("7", "an event ID is <attempt>-<position>"),
        ("1-9999", "must be the ID of an event of this job"),
        ("9-1", "must be the ID of an event of this job"),
    ] {
        let problem = job
            .results(&format!("ndjson&after={after}"))
            .await
            .problem(400);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
    }
}

#[tokio::test]
async fn a_page_says_of_itself_in_its_result() {
    let worker = Worker::start().await;
    let long = "x".repeat(20_000);
    let body = format!(
        r#"<html lang=en><head><title>T</title><meta name=description content=D><meta property="og:image" content=/1.png>
           <meta property="og:image" content=/2.png><link rel=icon href=/icon.png>
           <script type="application/ld+json">{{"datePublished":"2026-11-01","text":"{long}"}}</script></head>
           <body><h1>One</h1><h2>Two</h2><img src=/p.png><img srcset="/p.png 1x, /q.png 2x"><p class=x>Words</p>"#
    );
    let site = Site::of(move |path| match path {
        "/" => Page::html(body.clone()),
        _ => Page::missing(),
    })
    .await;
    let request = json!({ "url": site.url("/"), "formats": ["metadata", "images", "text", "html", "rawHtml", "cleanHtml"],
        "excludeTags": [".x"], "sitemap": "skip" });
    let job = worker.api().submit(request).await;

    let seen = job.watch().until_over().await;

    let shown = &seen.first("progress")["result"];
    assert_eq!(shown["truncated"], true, "an event stays small");
    assert_eq!(shown["metadata"]["jsonLd"], Value::Null);
    assert_eq!(
        shown["metadata"]["headings"][1],
        json!({ "level": 2, "text": "Two" })
    );
    let line: Value =
        serde_json::from_str(job.results("ndjson").await.expect(200).text().trim_end()).unwrap();
    let result = &line["result"];
    let metadata = &result["metadata"];
    assert_eq!(
        metadata["jsonLd"][0]
            .as_str()
            .map(|text| text.contains(&long)),
        Some(true)
    );
    let told = [
        &result["title"],
        &metadata["title"],
        &metadata["description"],
        &metadata["language"],
        &metadata["publishedTime"],
    ];
    assert_eq!(json!(told), json!(["T", "T", "D", "en", "2026-11-01"]));
    assert_eq!(
        metadata["openGraph"],
        json!({ "image": ["/1.png", "/2.png"] })
    );
    assert_eq!(metadata["favicon"], site.url("/icon.png"));
    assert_eq!(
        result["images"],
        json!([site.url("/p.png"), site.url("/q.png")])
    );
    assert_eq!(result["text"], "One\nTwo");
    let has = |format: &str| result[format].as_str().unwrap().contains("Words");
    assert_eq!(
        ["html", "rawHtml", "cleanHtml"].map(has),
        [false, true, false]
    );
}

#[tokio::test]
async fn the_status_shows_what_robots_files_said() {
    let (worker, site) = (Worker::start().await, mixed_site().await);
    let request = json!({ "url": site.url("/"), "sitemap": "skip" });
    let job = worker.api().submit(request).await;
    let seen = job.watch().until_over().await;

    let robots = &job.status().await["robots"];

    let host = site.url("/").trim_end_matches('/').to_owned();
    assert_eq!(robots[0]["host"], host, "{robots}");
    assert_eq!(robots[0]["state"], "allowed");
    let read_at = robots[0]["readAt"].as_str().unwrap();
    assert!(read_at >= seen.first("started")["at"].as_str().unwrap());
    assert_eq!(robots.as_array().map(Vec::len), Some(1));
}
