use rstest::rstest;
use shared::event::NoticeCode;

use super::*;

const SITEMAP: &str = "https://a.example/sitemap.xml";

fn urlset(urls: &[&str]) -> Script {
    let entries: String = urls
        .iter()
        .map(|url| format!("<url><loc>{url}</loc></url>"))
        .collect();
    Script::status(200).saying(&format!("<urlset>{entries}</urlset>"))
}

fn index(urls: &[&str]) -> Script {
    let entries: String = urls
        .iter()
        .map(|url| format!("<sitemap><loc>{url}</loc></sitemap>"))
        .collect();
    Script::status(200).saying(&format!("<sitemapindex>{entries}</sitemapindex>"))
}

#[tokio::test(start_paused = true)]
async fn pages_of_a_sitemap_are_crawled_as_well_as_links() {
    let site = Site::default()
        .page(HOME, &["/linked"])
        .page("https://a.example/linked", &[])
        .scripted(
            SITEMAP,
            [urlset(&[
                "https://a.example/listed",
                "https://a.example/linked",
                "https://b.example/",
            ])],
        )
        .page("https://a.example/listed", &[]);
    let recorder = complete(&site, json!({"sitemap": "include"})).await;
    let finals: Vec<_> = recorder.finals().into_iter().collect();
    assert_eq!(
        finals,
        [
            (HOME, "200"),
            ("https://a.example/linked", "200"),
            ("https://a.example/listed", "200")
        ]
    );
    assert_eq!(site.asked()[0], HOME, "start pages come first");
}

#[tokio::test(start_paused = true)]
async fn links_are_not_followed_where_only_sitemaps_count() {
    let site = Site::default()
        .page(HOME, &["/linked"])
        .scripted(SITEMAP, [urlset(&["https://a.example/listed"])])
        .page("https://a.example/listed", &["/linked"]);
    let recorder = complete(&site, json!({"sitemap": "only"})).await;
    assert_eq!(recorder.outcome("https://a.example/listed"), "200");
    assert_eq!(recorder.finals().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_names_itself_comes_to_an_end() {
    let site = Site::default()
        .page(HOME, &[])
        .scripted(SITEMAP, [index(&[SITEMAP, "https://a.example/1.xml"])])
        .scripted(
            "https://a.example/1.xml",
            [urlset(&["https://a.example/listed"])],
        )
        .page("https://a.example/listed", &[]);
    let recorder = complete(&site, json!({"sitemap": "include"})).await;
    assert_eq!(recorder.outcome("https://a.example/listed"), "200");
    assert_eq!(site.times_asked(SITEMAP), 1);
}

#[tokio::test(start_paused = true)]
async fn indexes_within_indexes_are_followed_so_far_and_no_further() {
    let mut site = Site::default().page(HOME, &[]);
    for n in 0..6 {
        let url = |n: u32| match n {
            0 => SITEMAP.to_owned(),
            n => format!("https://a.example/{n}.xml"),
        };
        site = site.scripted(&url(n), [index(&[&url(n + 1)])]);
    }
    let recorder = complete(&site, json!({"sitemap": "include"})).await;
    assert_eq!(site.times_asked("https://a.example/3.xml"), 1);
    assert_eq!(site.times_asked("https://a.example/4.xml"), 0);
    assert_eq!(recorder.notices(), [NoticeCode::SitemapBroken]);
}

#[tokio::test(start_paused = true)]
async fn only_a_sitemap_that_was_promised_is_missed() {
    let site = Site::default().page(HOME, &[]);
    let recorder = complete(&site, json!({"sitemap": "include"})).await;
    assert!(recorder.notices().is_empty());
    let robots = Script::status(200).saying("Sitemap: https://a.example/map.xml");
    let site = site.scripted("https://a.example/robots.txt", [robots]);
    let recorder = complete(&site, json!({"sitemap": "include"})).await;
    assert_eq!(recorder.notices(), [NoticeCode::SitemapBroken]);
}

#[tokio::test(start_paused = true)]
async fn a_long_sitemap_makes_several_steps() {
    let urls: Vec<String> = (0..1200)
        .map(|n| format!("https://a.example/{n}"))
        .collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let site = Site::default()
        .page(HOME, &[])
        .scripted(SITEMAP, [urlset(&urls)]);
    let (recorder, crawled) = crawled(
        &site,
        json!({"sitemap": "include", "limit": 1, "maxConcurrencyPerHost": 1}),
    )
    .await;
    assert!(crawled.counts.discovered == 1 || crawled.counts.discovered == 1201);
    assert!(
        recorder
            .steps
            .iter()
            .all(|step| step.discovered.len() <= 500)
    );
}

#[tokio::test(start_paused = true)]
async fn a_sitemap_speaks_for_its_own_host_and_for_those_that_name_it() {
    let other = "https://b.example/listed";
    let listing = || urlset(&["https://a.example/listed", other]);
    let site = Site::default()
        .page(HOME, &[])
        .page("https://a.example/listed", &[])
        .page(other, &[])
        .scripted(SITEMAP, [listing()]);
    let more = json!({"sitemap": "include", "scope": "any"});
    let recorder = complete(&site, more.clone()).await;
    assert_eq!(recorder.outcome(other), "-");
    assert_eq!(recorder.notices(), [NoticeCode::SitemapBroken]);

    let elsewhere = "https://maps.example/a.xml";
    let site = site
        .scripted(
            "https://a.example/robots.txt",
            [Script::status(200).saying(&format!("Sitemap: {elsewhere}"))],
        )
        .scripted(SITEMAP, [Script::status(404)])
        .scripted(elsewhere, [listing()]);
    let recorder = complete(&site, more).await;
    assert_eq!(recorder.outcome("https://a.example/listed"), "200");
    assert_eq!(recorder.outcome(other), "-");
}

#[tokio::test(start_paused = true)]
async fn many_sitemaps_are_read_a_few_at_a_time() {
    let names: Vec<String> = (0..20)
        .map(|n| format!("https://a.example/{n}.xml"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut site = Site::default()
        .page(HOME, &[])
        .scripted(SITEMAP, [index(&names)]);
    for name in &names {
        let slow = urlset(&[]).after(std::time::Duration::from_secs(1));
        site = site.scripted(name, [slow]);
    }
    let more = json!({"sitemap": "include", "maxConcurrencyPerHost": 16});
    complete(&site, more).await;
    assert_eq!(site.most_in_flight(), (2, 2));
    assert!(names.iter().all(|name| site.times_asked(name) == 1));
}

#[rstest]
#[case::a_guess("User-agent: *\nDisallow: /sitemap", 0)]
#[case::an_invitation("User-agent: *\nDisallow: /sitemap\nSitemap: /sitemap.xml", 1)]
#[tokio::test(start_paused = true)]
async fn a_sitemap_that_is_forbidden_is_only_read_if_the_site_names_it(
    #[case] robots: &str,
    #[case] times: usize,
) {
    let site = Site::default()
        .page(HOME, &[])
        .scripted(
            "https://a.example/robots.txt",
            [Script::status(200).saying(robots)],
        )
        .scripted(SITEMAP, [urlset(&[])]);
    complete(&site, json!({"sitemap": "include"})).await;
    assert_eq!(site.times_asked(SITEMAP), times);
}
