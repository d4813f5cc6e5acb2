use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;

use url::Url;

use super::page::DemoPage;
use super::{almanac, oddities, signposts, site};

fn host() -> SocketAddr {
    ([127, 0, 0, 1], 8000).into()
}

fn get(url: &Url) -> DemoPage {
    site::page(host(), url.path(), url.query().unwrap_or_default())
}

/// The links of a page, as a plain reader finds them.
fn links(url: &Url, page: &DemoPage) -> Vec<Url> {
    let html = String::from_utf8_lossy(&page.body).replace("&amp;", "&");
    let base = html
        .split("<base href=\"")
        .nth(1)
        .and_then(|rest| url.join(rest.split('"').next()?).ok());
    let base = base.as_ref().unwrap_or(url);
    let mut links: Vec<Url> = html
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| base.join(rest.split('"').next()?).ok())
        .collect();
    links.extend(
        page.headers
            .iter()
            .filter(|(name, _)| *name == "location")
            .filter_map(|(_, to)| url.join(to).ok()),
    );
    links.retain(|link| link.host_str() == Some("127.0.0.1"));
    for link in &mut links {
        link.set_fragment(None);
    }
    links
}

/// True if a page is one of endlessly many.
fn is_endless(url: &Url) -> bool {
    [
        "/oddities/maze/",
        "/oddities/calendar/",
        "/oddities/session",
    ]
    .iter()
    .any(|path| url.path().starts_with(path))
}

#[test]
fn some_two_hundred_pages_hang_together_and_only_what_is_meant_to_is_missing() {
    let start: Url = format!("http://{}/", host()).parse().unwrap();
    let (mut known, mut waiting) = (BTreeSet::from([start.clone()]), VecDeque::from([start]));
    let (mut missing, mut found) = (Vec::new(), 0);
    while let Some(url) = waiting.pop_front() {
        let page = get(&url);
        match page.status {
            404 => missing.push(url.path().to_owned()),
            200 => found += 1,
            _ => {}
        }
        for link in links(&url, &page) {
            if !is_endless(&link) && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    assert_eq!(missing, ["/oddities/missing"]);
    assert!((190..=220).contains(&found), "{found} pages");
}

#[test]
fn every_oddity_answers_as_its_shelf_says() {
    let cabinet: Url = format!("http://{}/oddities/", host()).parse().unwrap();
    for (path, what) in oddities::SHELF {
        let page = get(&cabinet.join(path).unwrap());
        let said = what
            .rsplit_once('(')
            .and_then(|(_, status)| status.trim_end_matches(')').parse::<u16>().ok());
        if let Some(status) = said {
            assert_eq!(page.status, status, "{path} {what}");
        }
    }
}

#[test]
fn what_is_endless_leads_on() {
    for path in ["maze/deeper", "calendar/2026/12", "session?sid=1"] {
        let url: Url = format!("http://{}/oddities/{path}", host())
            .parse()
            .unwrap();
        let on = links(&url, &get(&url))
            .into_iter()
            .find(is_endless)
            .unwrap();
        assert_ne!(on, url);
        assert_eq!(get(&on).status, 200);
    }
}

#[test]
fn the_signposts_name_the_site_itself() {
    let robots = String::from_utf8(signposts::robots(host()).body.to_vec()).unwrap();
    assert!(
        robots.contains("Disallow: /private/")
            && robots.contains("Sitemap: http://127.0.0.1:8000/sitemap.xml")
    );
    let sitemap = String::from_utf8(signposts::sitemap(host()).body.to_vec()).unwrap();
    assert_eq!(
        sitemap.matches("<loc>").count(),
        almanac::CHAPTERS.len() + signposts::ORPHANS
    );
}
