use std::time::Duration;

use proptest::prelude::*;
use shared::event::NoticeCode;

use super::*;

#[tokio::test(start_paused = true)]
async fn each_page_is_fetched_once() {
    let site = Site::default()
        .page(HOME, &["/x", "/y#part", "/x", "https://b.example/"])
        .page("https://a.example/x", &["/", "/y", "/gone"])
        .page("https://a.example/y", &["/x?utm_source=z"]);
    let recorder = complete(&site, json!({})).await;
    let finals: Vec<_> = recorder.finals().into_iter().collect();
    assert_eq!(
        finals,
        [
            (HOME, "200"),
            ("https://a.example/gone", "status"),
            ("https://a.example/x", "200"),
            ("https://a.example/y", "200"),
        ]
    );
    assert_eq!(site.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_exact_and_what_failed_does_not_count() {
    let links: Vec<String> = (0..40).map(|n| format!("/p{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let mut site = Site::default().page(HOME, &links);
    for n in 0..40 {
        let url = format!("https://a.example/p{n}");
        let script = match n % 4 {
            0 => Script::status(404),
            1 => Script::redirect("/p2"),
            _ => Script::linking(&[]).after(Duration::from_millis(n)),
        };
        site = site.scripted(&url, [script]);
    }
    let (recorder, crawled) = crawled(
        &site,
        json!({"limit": 10, "maxConcurrencyPerHost": 16, "retries": 0}),
    )
    .await;
    assert_eq!(crawled.ended, Ok(Ending::LimitReached));
    assert_eq!(crawled.counts.fetched, 10);
    assert_eq!(crawled.counts.finished(), crawled.counts.discovered);
    assert!(
        recorder
            .finals()
            .values()
            .any(|outcome| *outcome == "limit")
    );
}

#[tokio::test(start_paused = true)]
async fn no_page_is_asked_for_beyond_the_limit_however_many_are_in_flight() {
    let links: Vec<String> = (0..40).map(|n| format!("/p{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let site = (0..40).fold(Site::default().page(HOME, &links), |site, n| {
        let slow = Script::linking(&[]).after(Duration::from_millis(n));
        site.scripted(&format!("https://a.example/p{n}"), [slow])
    });
    let more = json!({"limit": 10, "maxConcurrencyPerHost": 16});
    let (_, crawled) = crawled(&site, more).await;
    assert_eq!((crawled.counts.fetched, site.asked().len()), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_site_as_large_as_the_limit_is_complete() {
    let site = Site::default()
        .page(HOME, &["/x"])
        .page("https://a.example/x", &["/"]);
    let recorder = complete(&site, json!({"limit": 2})).await;
    assert_eq!(recorder.counts().fetched, 2);
}

#[tokio::test(start_paused = true)]
async fn a_limit_with_very_many_left_ends_in_steps_of_bounded_size() {
    let links: Vec<String> = (0..1800).map(|n| format!("/p{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let site = Site::default().page(HOME, &links);
    let (recorder, crawled) = crawled(&site, json!({"limit": 1})).await;
    assert_eq!(crawled.counts.skipped, 1800);
    assert!(recorder.steps.iter().all(|step| step.events.len() <= 500));
}

#[tokio::test(start_paused = true)]
async fn pages_beyond_the_depth_are_skipped_unless_a_shorter_way_is_found() {
    let slow = Script::linking(&["/near"]).after(Duration::from_millis(900));
    let site = Site::default()
        .page(HOME, &["/1", "/slow"])
        .page("https://a.example/1", &["/2"])
        .page("https://a.example/2", &["/near", "/3"])
        .scripted("https://a.example/slow", [slow])
        .page("https://a.example/near", &[]);
    let recorder = complete(&site, json!({"maxDiscoveryDepth": 2})).await;
    assert_eq!(recorder.outcome("https://a.example/2"), "200");
    assert_eq!(recorder.outcome("https://a.example/3"), "depth");
    assert_eq!(recorder.outcome("https://a.example/near"), "200");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_html_is_counted_and_not_read() {
    let text = Script::status(200)
        .with("content-type", "text/plain; charset=utf-8")
        .saying("<a href=\"/x\">");
    let site = Site::default().scripted(HOME, [text]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.fetched(HOME).bytes, 13);
    assert_eq!(recorder.finals().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn plain_text_gives_its_text_and_no_links() {
    let text = Script::status(200)
        .with("content-type", "text/plain; charset=utf-8")
        .saying("<a href=\"/x\">");
    let site = Site::default().scripted(HOME, [text]);
    let recorder = complete(&site, json!({"formats": ["text", "markdown", "links"]})).await;
    let formats = recorder.fetched(HOME).formats;
    assert_eq!(formats.text.as_deref(), Some("<a href=\"/x\">"));
    assert_eq!(formats.markdown, formats.text, "it is its own Markdown");
    assert_eq!(formats.outlinks, Some(Vec::new()));
    assert_eq!(recorder.finals().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_pages_that_are_larger_than_the_memory_for_pages_are_all_read() {
    let links: Vec<String> = (0..20).map(|n| format!("/{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let text = "word ".repeat(100);
    let mut site = Site::default().page(HOME, &links);
    for link in &links {
        // In pieces, so that each page holds some when it has to wait for more.
        let pages = Script::html(&text).in_pieces_of(PAGE_MEMORY / 4);
        site = site.scripted(&format!("https://a.example{link}"), [pages]);
    }
    for formats in ["text", "html"] {
        let recorder = complete(&site, json!({"formats": [formats]})).await;
        assert_eq!(recorder.counts().fetched, 21, "{formats}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stranger_writes_into_headers_is_bounded() {
    let long = "x".repeat(300_000);
    let answer = Script::linking(&["/x"]).with(
        "link",
        &format!("<https://c.example/{long}>; rel=\"canonical\""),
    );
    let wordy = Script::status(200)
        .with("content-type", &format!("text/html; x={long}"))
        .saying("<a href=/y>y</a>");
    let site = Site::default()
        .scripted(HOME, [answer])
        .scripted("https://a.example/x", [wordy])
        .page("https://a.example/y", &[]);
    let recorder = complete(&site, json!({"formats": ["metadata"]})).await;
    for event in recorder.events() {
        assert!(serde_json::to_vec(event).unwrap().len() < 4096);
    }
    assert_eq!(
        recorder.outcome("https://a.example/y"),
        "200",
        "the type is known all the same"
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_that_panics_fails_alone() {
    let site = Site::default()
        .page(HOME, &["/poison", "/x"])
        .scripted("https://a.example/poison", [Script::Panic])
        .page("https://a.example/x", &[]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/poison"), "protocol");
    assert_eq!(recorder.outcome("https://a.example/x"), "200");
}

#[tokio::test(start_paused = true)]
async fn too_many_links_of_one_page_are_cut_and_told_of() {
    let links: Vec<String> = (0..10_010).map(|n| format!("/p{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let site = Site::default().page(HOME, &links);
    let (recorder, crawled) = crawled(&site, json!({"limit": 1})).await;
    assert_eq!(crawled.counts.discovered, 10_001);
    assert_eq!(recorder.notices(), [NoticeCode::LinksCut]);
}

#[tokio::test(start_paused = true)]
async fn traps_and_endless_urls_are_skipped() {
    let long = format!("/{}", "x".repeat(3000));
    let site = Site::default().page(HOME, &["/a/b/a/b/a/b/", &long, &long]);
    let recorder = complete(&site, json!({})).await;
    assert_eq!(recorder.outcome("https://a.example/a/b/a/b/a/b/"), "trap");
    assert!(
        recorder
            .finals()
            .values()
            .any(|outcome| *outcome == "tooLarge")
    );
    assert_eq!(recorder.finals().len(), 3);
    assert_eq!(recorder.notices(), [NoticeCode::TrapSuspected]);
}

#[tokio::test(start_paused = true)]
async fn an_excluded_start_page_is_skipped_and_an_unincluded_one_is_not() {
    let more = json!({"urls": [HOME, "https://a.example/no"], "includePaths": ["^/docs"], "excludePaths": ["^/no"]});
    let site = Site::default()
        .page(HOME, &["/docs/x", "/blog"])
        .page("https://a.example/docs/x", &[]);
    let recorder = complete(&site, more).await;
    let finals: Vec<_> = recorder.finals().into_iter().collect();
    assert_eq!(
        finals,
        [
            (HOME, "200"),
            ("https://a.example/docs/x", "200"),
            ("https://a.example/no", "scope")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_duration_ends_the_crawl_and_what_is_in_flight() {
    let site = Site::default()
        .page(HOME, &["/never", "/x"])
        .scripted("https://a.example/never", [Script::Never])
        .page("https://a.example/x", &[]);
    let began = tokio::time::Instant::now();
    let (recorder, crawled) = crawled(&site, json!({"maxDurationSeconds": 5})).await;
    assert_eq!(crawled.ended, Ok(Ending::DurationReached));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert_eq!(recorder.outcome("https://a.example/never"), "duration");
    assert_eq!(recorder.outcome("https://a.example/x"), "200");
    assert_eq!(site.aborted_and_running(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_crawl_whose_sitemap_does_not_come_in_time_is_not_complete() {
    let site = Site::default()
        .page(HOME, &[])
        .scripted("https://a.example/sitemap.xml", [Script::Never]);
    let wanted = json!({"maxDurationSeconds": 5, "sitemap": "include"});
    let (_recorder, crawled) = crawled(&site, wanted).await;
    assert_eq!(crawled.ended, Ok(Ending::DurationReached));
}

#[tokio::test(start_paused = true)]
async fn a_stop_aborts_what_is_in_flight_at_once() {
    let site = Site::default()
        .page(HOME, &["/n1", "/n2"])
        .scripted("https://a.example/n1", [Script::Never])
        .scripted("https://a.example/n2", [Script::Never]);
    let mut recorder = Recorder::default();
    let stop = CancellationToken::new();
    let job = job(request(&json!({})), Checkpoint::fresh(7, STARTED));
    let stopping = async {
        let later = tokio::time::Instant::now() + Duration::from_secs(1);
        tokio::time::sleep_until(later).await;
        stop.cancel();
        tokio::time::Instant::now()
    };
    let crawling = async {
        let crawled = crawl(job, Arc::new(site.clone()), &mut recorder, stop.clone()).await;
        (crawled, tokio::time::Instant::now())
    };
    let (stopped, (crawled, ended)) = tokio::join!(stopping, crawling);
    assert_eq!(ended, stopped);
    assert_eq!(crawled.ended, Err(Interrupt::Stopped));
    assert_eq!((crawled.counts.queued, crawled.counts.in_flight), (2, 0));
    assert_eq!(site.aborted_and_running(), (2, 0));
    assert_eq!(recorder.steps.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_run_on_several_threads_are_counted_right() {
    let links: Vec<String> = (0..400).map(|n| format!("/p{n}")).collect();
    let mut site = Site::default().page(HOME, &["/p0"]);
    for n in 0..400 {
        let near: Vec<&str> = (1..9)
            .map(|hop| links[(n * hop + 1) % 400].as_str())
            .collect();
        site = site.page(&format!("https://a.example/p{n}"), &near);
    }
    let recorder = complete(
        &site,
        json!({"maxConcurrencyPerHost": 16, "maxDiscoveryDepth": 1000}),
    )
    .await;
    assert_eq!(recorder.counts().fetched, site.asked().len() as u64);
}

#[test]
fn every_page_of_any_site_is_fetched_once() {
    let graph = prop::collection::vec(prop::collection::vec(0_usize..14, 0..6), 1..14);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    };
    proptest!(ProptestConfig::with_cases(60), |(graph in graph, per_host in 1_u32..8, limit in 1_u64..20)| {
        let site = any_site(&graph);
        let more = json!({"maxConcurrencyPerHost": per_host, "limit": limit, "retries": 1});
        let (recorder, crawled) = runtime().block_on(crawled(&site, more));
        let counts = crawled.counts;
        prop_assert_eq!(counts.discovered, counts.finished());
        prop_assert_eq!(counts.discovered, recorder.finals().len() as u64);
        prop_assert!(counts.fetched <= limit);
        prop_assert!(site.most_in_flight().0 <= per_host);
    });
}

/// A site whose pages are slow, broken, gone or redirect, by their number.
pub(crate) fn any_site(graph: &[Vec<usize>]) -> Site {
    let path = |n: usize| match n {
        0 => "/".to_owned(),
        n => format!("/p{n}"),
    };
    let mut site = Site::default();
    for (n, links) in graph.iter().enumerate() {
        let links: Vec<String> = links.iter().map(|&n| path(n)).collect();
        let texts: Vec<&str> = links.iter().map(String::as_str).collect();
        let good = Script::linking(&texts);
        let scripts = match n % 7 {
            2 => vec![good.after(Duration::from_millis(300))],
            3 => vec![Script::status(503), good],
            4 => vec![Script::redirect(&path(n + 1))],
            5 => vec![Script::Panic],
            _ => vec![good],
        };
        site = site.scripted(&format!("https://a.example{}", path(n)), scripts);
    }
    site
}
