//! Crawls one site with spider, 16 requests at once, and counts the pages that a subscriber hears of.

use spider::website::Website;
use tokio::sync::broadcast::error::RecvError;

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("a URL to crawl");
    let mut website = Website::new(&url);
    website
        .with_respect_robots_txt(false)
        .with_concurrency_limit(Some(16))
        .with_depth(0);
    // Large enough to lose none.
    let mut pages = website.subscribe(32 * 1024);
    let counting = tokio::spawn(async move {
        let (mut heard, mut lost) = (0_u64, 0);
        loop {
            match pages.recv().await {
                Ok(_page) => heard += 1,
                Err(RecvError::Lagged(missed)) => lost += missed,
                Err(RecvError::Closed) => return (heard, lost),
            }
        }
    });
    website.crawl().await;
    website.unsubscribe();
    drop(website);
    let (heard, lost) = counting.await.expect("counting does not panic");
    println!("{heard} pages, {lost} lost");
}
