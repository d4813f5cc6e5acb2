//! Documents for crawlers: robots.txt, the sitemap, and pages that only the sitemap knows.

use std::fmt::Write;
use std::net::SocketAddr;

use super::almanac::CHAPTERS;
use super::layout;
use super::page::DemoPage;

/// Pages that no other page links to.
pub(super) const ORPHANS: usize = 5;

pub(super) fn robots(host: SocketAddr) -> DemoPage {
    let rules = format!(
        "User-agent: *\nDisallow: /private/\nAllow: /\n\nSitemap: http://{host}/sitemap.xml\n"
    );
    DemoPage::typed("text/plain; charset=utf-8", rules)
}

pub(super) fn sitemap(host: SocketAddr) -> DemoPage {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">"#,
    );
    let chapters = CHAPTERS
        .iter()
        .map(|(slug, _)| format!("/chapters/{slug}/"));
    for path in chapters.chain((1..=ORPHANS).map(|number| format!("/orphans/{number}"))) {
        let _ = write!(xml, "<url><loc>http://{host}{path}</loc></url>");
    }
    xml.push_str("</urlset>\n");
    DemoPage::typed("application/xml", xml)
}

pub(super) fn orphan(number: &str) -> Option<DemoPage> {
    let number: usize = number
        .parse()
        .ok()
        .filter(|number| (1..=ORPHANS).contains(number))?;
    let content = "<p>No page links here; only the sitemap knows.</p>";
    Some(DemoPage::html(layout::page(
        &format!("Orphan {number}"),
        content,
    )))
}

pub(super) fn about() -> DemoPage {
    let content = "<p>The almanac was made up so that a crawler can be tried without the internet. There are some two hundred pages. \
                   Its <a href=\"/robots.txt\">rules for robots</a> forbid <a href=\"/private/notes\">one directory</a>; its \
                   <a href=\"/sitemap.xml\">sitemap</a> lists pages that nothing links to.</p>";
    DemoPage::html(layout::page("About", content))
}

pub(super) fn private() -> DemoPage {
    DemoPage::html(layout::page(
        "Private notes",
        "<p>A robot that reads this has not read robots.txt.</p>",
    ))
}
