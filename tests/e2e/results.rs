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
