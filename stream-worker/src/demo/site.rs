//! The pages of the site, by their paths.

use std::net::SocketAddr;

use super::page::DemoPage;
use super::{almanac, layout, oddities, signposts};

/// The page at `path`, on a site that is reached as `host`.
pub(super) fn page(host: SocketAddr, path: &str, query: &str) -> DemoPage {
    find(host, path, query).unwrap_or_else(|| {
        let content = "<p>There is nothing here. Try the <a href=\"/\">start page</a>.</p>";
        DemoPage::html(layout::page("Not found", content)).status(404)
    })
}

fn find(host: SocketAddr, path: &str, query: &str) -> Option<DemoPage> {
    match path {
        "/" => Some(almanac::home()),
        "/about" => Some(signposts::about()),
        "/robots.txt" => Some(signposts::robots(host)),
        "/sitemap.xml" => Some(signposts::sitemap(host)),
        "/chapters/" => Some(DemoPage::redirect(301, "/")),
        "/private/notes" => Some(signposts::private()),
        _ => {
            let below = |directory: &str| path.strip_prefix(directory);
            if let Some(rest) = below("/chapters/") {
                return almanac::chapter(rest);
            }
            if let Some(rest) = below("/oddities/") {
                return oddities::oddity(rest, query);
            }
            below("/orphans/").and_then(signposts::orphan)
        }
    }
}
