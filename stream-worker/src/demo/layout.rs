//! The layout of all pages.

const STYLE: &str = "body{font:17px/1.6 Georgia,serif;max-width:38em;margin:0 auto;padding:2em 1em;color:#23313c;background:#fbfaf6}\
nav{font-size:.9em;border-bottom:1px solid #d8d2c2;padding-bottom:.6em}footer{margin-top:3em;font-size:.85em;color:#6d675a}\
a{color:#0b5c7a}h1{line-height:1.2}";

/// A whole page. `content` is HTML.
pub(super) fn page(title: &str, content: &str) -> String {
    with_head(title, "", content)
}

/// As [`page`], with more in its head.
pub(super) fn with_head(title: &str, head: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head>{head}<meta charset=\"utf-8\"><title>{title} – The Tidewater Almanac</title>\
         <meta name=\"description\" content=\"{title}, from an almanac of weather and tides that was made up for trying out crawlers.\">\
         <style>{STYLE}</style></head><body>\
         <nav><a href=\"/\">Almanac</a> · <a href=\"/about\">About</a> · <a href=\"/oddities/\">Cabinet of oddities</a></nav>\
         <h1>{title}</h1>{content}\
         <footer>A demo site. <a href=\"/\">Start</a> · <a href=\"/about#top\">About</a></footer></body></html>\n"
    )
}
