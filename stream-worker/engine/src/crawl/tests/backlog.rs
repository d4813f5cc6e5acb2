//! A URL that waits in the store only has its turn as if it had waited in memory.

use super::*;

/// Crawls a site of 121 pages, each of which leads to three others, and answers the order in which they were asked for.
async fn order(window: usize) -> Vec<String> {
    let path = |page: usize| format!("{HOME}{page}");
    let mut site = Site::default().page(HOME, &["/1", "/2", "/3"]);
    for page in 1..=120 {
        let links: Vec<String> = (3 * page + 1..=3 * page + 3)
            .filter(|link| *link <= 120)
            .map(|link| format!("/{link}"))
            .collect();
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        site = site.page(&path(page), &links);
    }
    let more = json!({"maxConcurrency": 1, "maxConcurrencyPerHost": 1});
    let mut job = job(request(&more), Checkpoint::fresh(7, STARTED));
    job.window = window;
    let mut recorder = Recorder::default();
    let fetcher = Arc::new(site.clone());
    let crawled = crawl(job, fetcher, &mut recorder, CancellationToken::new()).await;
    assert_eq!(
        (crawled.ended, crawled.counts.fetched),
        (Ok(Ending::Complete), 121)
    );
    site.asked()
}

#[tokio::test(start_paused = true)]
async fn the_order_is_breadth_first_however_little_memory_holds() {
    let all_in_memory = order(1_000).await;
    for window in [1, 2, 7, 40] {
        assert_eq!(
            order(window).await,
            all_in_memory,
            "with {window} in memory"
        );
    }
}
