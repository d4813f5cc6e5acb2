//! The page's files.

use xxhash_rust::xxh3::xxh3_64;

/// A file of the page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `ETag`, quotes included. It changes with the content.
    pub etag: String,
    /// The content.
    pub body: &'static [u8],
    /// `Cache-Control`. Names do not change with the content, so a browser asks each time and mostly hears 304.
    pub cache_control: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($path:literal $content_type:ident $file:literal;)+) => {
        /// Every file: its path, its media type, its content.
        const FILES: &[(&str, &str, &[u8])] =
            &[$(($path, $content_type, include_bytes!(concat!("assets/", $file)))),+];
    };
}

files! {
    "/" HTML "index.html";
    "/page/page.css" CSS "page.css";
    "/page/icon.svg" SVG "icon.svg";
    "/page/page.js" JAVASCRIPT "page.js";
    "/page/doctor.js" JAVASCRIPT "doctor.js";
    "/page/form.js" JAVASCRIPT "form.js";
    "/page/session.js" JAVASCRIPT "session.js";
    "/page/stream.js" JAVASCRIPT "stream.js";
    "/page/job.js" JAVASCRIPT "job.js";
    "/page/timeline.js" JAVASCRIPT "timeline.js";
    "/page/panel.js" JAVASCRIPT "panel.js";
    "/page/words.js" JAVASCRIPT "words.js";
}

/// The file at `path`, a request's path without its query: `/`, or one under `/page/`.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let (_, content_type, body) = FILES.iter().find(|(known, ..)| *known == path)?;
    Some(Asset {
        content_type,
        etag: format!("\"{:016x}\"", xxh3_64(body)),
        body,
        cache_control: "no-cache",
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;

    fn text(path: &str) -> &'static str {
        std::str::from_utf8(asset(path).unwrap().body).unwrap()
    }

    fn found(pattern: &str, text: &str) -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        pattern
            .captures_iter(text)
            .map(|found| found[1].to_owned())
            .collect()
    }

    #[test]
    fn the_index_asks_only_for_files_that_are_here() {
        let asked = found(r#"(?:src|href)="(page/[^"]+)""#, text("/"));
        assert!(asked.len() > 5);
        for path in asked {
            assert!(asset(&format!("/{path}")).is_some(), "{path}");
        }
    }

    #[test]
    fn every_module_imports_only_files_that_are_here_and_the_index_preloads_each() {
        let scripts = FILES.iter().filter(|(_, kind, _)| *kind == JAVASCRIPT);
        for (path, ..) in scripts {
            for import in found(r#"from "\./([^"]+)""#, text(path)) {
                assert!(
                    asset(&format!("/page/{import}")).is_some(),
                    "{path}: {import}"
                );
            }
            let file = path.trim_start_matches('/');
            assert!(text("/").contains(&format!("\"{file}\"")), "{file}");
        }
    }

    #[test]
    fn nothing_in_the_page_needs_a_weaker_policy() {
        let inline =
            Regex::new(r"<style|<script(?: [^>]*)?>[^<]|\sstyle=|\son[a-z]+=|javascript:").unwrap();
        assert!(!inline.is_match(text("/")));
        let markup =
            Regex::new(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(").unwrap();
        for (path, ..) in FILES {
            assert!(!markup.is_match(text(path)), "{path}");
        }
    }

    #[test]
    fn every_element_that_a_script_looks_for_by_name_exists() {
        let index = text("/");
        for path in [
            "/page/page.js",
            "/page/panel.js",
            "/page/form.js",
            "/page/doctor.js",
        ] {
            let names = found(r##"(?:byId\("|"#)([a-z-]+)"##, text(path));
            assert!(!names.is_empty(), "{path}");
            for name in names {
                assert!(
                    index.contains(&format!("id=\"{name}\"")),
                    "{path}: #{name} is not in the page"
                );
            }
        }
    }

    #[test]
    fn an_unknown_path_has_no_file() {
        for path in ["", "/page", "/page/", "/page/../mod.rs", "/index.html"] {
            assert_eq!(asset(path), None, "{path}");
        }
    }

    #[test]
    fn different_contents_have_different_tags() {
        let tags: BTreeSet<_> = FILES
            .iter()
            .map(|(path, ..)| asset(path).unwrap().etag)
            .collect();
        assert_eq!(tags.len(), FILES.len());
    }
}
