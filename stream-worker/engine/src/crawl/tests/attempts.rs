use proptest::prelude::*;
use shared::event::NoticeCode;

use super::flow::any_site;
use super::*;
use crate::crawl::admission::intake::Intake;

fn nofollow_site() -> Site {
    let page =
        "<a href=\"/x\"><a href=\"/no\" rel=\"nofollow\"><a href=\"/late\" rel=\"nofollow\">";
    Site::default()
        .scripted(HOME, [Script::html(page)])
        .page("https://a.example/x", &["/y", "/from"])
        .page("https://a.example/y", &["/late", "/deep"])
        .page("https://a.example/late", &["/to"])
        .scripted("https://a.example/from", [Script::redirect("/to")])
        .page("https://a.example/to", &["/late"])
}

/// Crawls with a sink that closes after `room` steps, again and again, until the crawl ends by itself.
pub(crate) async fn in_attempts(site: &Site, more: &Value, room: usize) -> Recorder {
    ended_in_attempts(site, more, room).await.0
}

/// The same, and the way in which it ended.
async fn ended_in_attempts(site: &Site, more: &Value, room: usize) -> (Recorder, Ending) {
    let mut recorder = Recorder::default();
    for attempt in 0..500 {
        recorder.room = Some(room);
        // Now and then there are no digests, or they end somewhere in the log, or nothing follows them.
        let digested = recorder.steps.len() * (attempt % 4) / 3;
        let checkpoint = recorder.checkpoint(&request(more), digested);
        let job = job(request(more), checkpoint);
        let fetcher = Arc::new(site.clone());
        let crawled = crawl(job, fetcher, &mut recorder, CancellationToken::new()).await;
        assert_eq!(crawled.counts, recorder.counts().at_rest());
        match crawled.ended {
            Err(Interrupt::SinkClosed) => {}
            ended => return (recorder, ended.unwrap()),
        }
    }
    panic!("the crawl never ends");
}

#[tokio::test(start_paused = true)]
async fn a_crawl_cut_after_any_step_goes_on_as_if_nothing_had_happened() {
    let whole = complete(&nofollow_site(), json!({"maxDiscoveryDepth": 2})).await;
    assert_eq!(whole.outcome("https://a.example/no"), "nofollow");
    assert_eq!(whole.outcome("https://a.example/deep"), "depth");
    for room in 1..=whole.steps.len() {
        let recorder = in_attempts(&nofollow_site(), &json!({"maxDiscoveryDepth": 2}), room).await;
        let counts = recorder.counts();
        assert_eq!(counts.discovered, counts.finished());
        assert_eq!(recorder.finals().len(), whole.finals().len());
        for (url, outcome) in whole.finals() {
            assert_eq!(recorder.outcome(url), outcome, "{url} after {room} steps");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_across_attempts() {
    let links: Vec<String> = (0..30).map(|n| format!("/p{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    for room in 1..8 {
        let mut site = Site::default().page(HOME, &links);
        for link in &links {
            site = site.page(&format!("https://a.example{link}"), &[]);
        }
        let (recorder, ending) = ended_in_attempts(&site, &json!({"limit": 12}), room).await;
        assert_eq!(recorder.counts().fetched, 12);
        assert_eq!(recorder.counts().skipped, 19);
        assert_eq!(ending, Ending::LimitReached, "in attempts of {room} steps");
    }
}

#[tokio::test(start_paused = true)]
async fn a_trap_has_one_budget_and_one_notice_in_all_attempts() {
    let page = |n: u32| format!("/p{n}");
    let copy = |n: u32| format!("/x?sid={n}");
    let site = (0..8).fold(Site::default().page(HOME, &["/p0"]), |site, n| {
        let links = [page(n + 1), copy(2 * n), copy(2 * n + 1)];
        let links = links.each_ref().map(String::as_str);
        site.page(&format!("https://a.example{}", page(n)), &links)
    });
    let listed: String = (100..110)
        .map(|n| format!("<url><loc>https://a.example{}</loc></url>", copy(n)))
        .collect();
    let sitemap = Script::status(200).saying(&format!("<urlset>{listed}</urlset>"));
    let site = site.scripted("https://a.example/sitemap.xml", [sitemap]);
    let more = json!({"deduplicateContent": false, "sitemap": "include"});
    let whole = complete(&site, more.clone()).await;
    assert_eq!(whole.notices(), [NoticeCode::TrapSuspected]);
    for room in 1..=whole.steps.len() {
        let recorder = in_attempts(&site, &more, room).await;
        assert_eq!(
            recorder.notices(),
            whole.notices(),
            "in attempts of {room} steps"
        );
        assert_eq!(recorder.finals(), whole.finals());
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_start_page_has_moved_is_known_to_the_next_attempt() {
    let site = || {
        Site::default()
            .scripted(HOME, [Script::redirect("https://www.a.example/")])
            .page("https://www.a.example/", &["/x"])
            .page("https://www.a.example/x", &["/y", "/"])
            .page("https://www.a.example/y", &[])
    };
    let recorder = in_attempts(&site(), &json!({}), 2).await;
    assert_eq!(recorder.outcome("https://www.a.example/y"), "200");
    assert_eq!(recorder.outcome("https://www.a.example/"), "-");
}

#[tokio::test(start_paused = true)]
async fn sitemaps_are_read_also_where_an_earlier_attempt_has_left_nothing_to_fetch() {
    let listed = "<urlset><url><loc>https://a.example/listed</loc></url></urlset>";
    let site = Site::default()
        .page(HOME, &[])
        .page("https://a.example/listed", &[])
        .scripted(
            "https://a.example/sitemap.xml",
            [Script::status(200).saying(listed)],
        );
    for ignore_robots in [false, true] {
        let more = json!({"sitemap": "include", "ignoreRobotsTxt": ignore_robots});
        let recorder = in_attempts(&site, &more, 1).await;
        assert_eq!(recorder.outcome("https://a.example/listed"), "200");
    }
}

/// The links of each page of a small site, by the pages' numbers.
fn graph() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0_usize..14, 0..6), 1..14)
}

/// A runtime whose clock goes on by itself when everything waits.
fn paused_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

#[test]
fn any_site_is_crawled_whole_in_any_number_of_attempts() {
    proptest!(ProptestConfig::with_cases(40), |(graph in graph(), room in 1_usize..6, depth in 0_u32..6)| {
        let runtime = paused_runtime();
        let more = json!({"maxDiscoveryDepth": depth, "retries": 1});
        let recorder = runtime.block_on(in_attempts(&any_site(&graph), &more, room));
        let counts = recorder.counts();
        prop_assert_eq!(counts.discovered, counts.finished());
        prop_assert_eq!(counts.discovered, recorder.finals().len() as u64);
    });
}

/// The known and parked URLs, the targets of start pages and the reason to refuse the rest, for an attempt after these steps.
fn knows(recorder: &Recorder, more: &Value, digested: usize) -> impl PartialEq + std::fmt::Debug {
    let request = request(more);
    let checkpoint = recorder.checkpoint(&request, digested);
    let mut intake = Intake::new(
        &request,
        checkpoint.seen,
        checkpoint.parked,
        checkpoint.traps,
    );
    let rest = recorder
        .pending()
        .filter(|candidate| candidate.ordinal > checkpoint.through);
    rest.for_each(|candidate| intake.restore(candidate));
    (
        intake.known(),
        intake.parked_urls(),
        checkpoint.seed_targets,
        checkpoint.cut_for,
    )
}

#[test]
fn an_attempt_knows_the_same_urls_from_digests_as_from_the_whole_log() {
    proptest!(ProptestConfig::with_cases(60), |(graph in graph(), room in 1_usize..60, depth in 0_u32..6)| {
        let runtime = paused_runtime();
        let more = json!({"maxDiscoveryDepth": depth, "retries": 1});
        let mut recorder = Recorder::default();
        recorder.room = Some(room);
        let job = job(request(&more), Checkpoint::fresh(7, STARTED));
        let site = Arc::new(any_site(&graph));
        runtime.block_on(crawl(job, site, &mut recorder, CancellationToken::new()));
        let from_log = knows(&recorder, &more, 0);
        for digested in 1..=recorder.steps.len() {
            prop_assert_eq!(&knows(&recorder, &more, digested), &from_log);
        }
    });
}

#[tokio::test(start_paused = true)]
async fn beyond_what_may_be_known_urls_are_left_out_and_a_notice_says_so() {
    let site = Site::default().page(HOME, &["/a", "/b", "/c", "/d"]);
    let site = ["a", "b", "c", "d"].iter().fold(site, |site, name| {
        site.page(&format!("{HOME}{name}"), &["/e", "/f"])
    });
    let mut checkpoint = Checkpoint::fresh(7, STARTED);
    checkpoint.seen.most = 3;
    let mut recorder = Recorder::default();
    let job = job(request(&json!({})), checkpoint);
    let crawled = crawl(job, Arc::new(site), &mut recorder, CancellationToken::new()).await;
    assert_eq!(
        (crawled.ended, crawled.counts.discovered),
        (Ok(Ending::Complete), 3)
    );
    let told = recorder.notices_of(NoticeCode::TrapSuspected);
    assert_eq!(told, ["3 URLs are known; further ones are not taken in"]);
}
