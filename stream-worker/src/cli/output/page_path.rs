//! The file of a page: its URL's host and path, as a path that every file system takes.

use percent_encoding::percent_decode_str;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of one name at most; file systems take 255, and a draft's and a suffix's must fit too.
const MOST_BYTES: usize = 200;

/// Endings that say no more of a page than that it is one.
const PAGE_ENDINGS: [&str; 3] = [".html", ".htm", ".xhtml"];

/// `host/path.md` of a URL, with `/` between names, or nothing for a URL without a host. Two URLs may have one path: `a` and
/// `a.html`, or names that had to be changed.
pub(super) fn page_path(url: &Url) -> Option<String> {
    let mut names = vec![host_name(url)?];
    let segments: Vec<&str> = url.path_segments()?.collect();
    let (last, folders) = segments.split_last()?;
    for folder in folders {
        let mut name = file_name(folder);
        // Else the file of a page would stand in its way.
        if name.to_ascii_lowercase().ends_with(".md") {
            name.push('_');
        }
        names.push(name);
    }
    names.push(page_name(last, url.query()));
    Some(names.join("/"))
}

/// The same path with a suffix that is the URL's own, for when another page has the path.
pub(super) fn other_path(path: &str, url: &Url) -> String {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    format!("{stem}~{:016x}.md", xxh3_64(url.as_str().as_bytes()))
}

fn host_name(url: &Url) -> Option<String> {
    let host = file_name(url.host_str()?);
    Some(match url.port() {
        Some(port) => format!("{host}+{port}"),
        None => host,
    })
}

fn page_name(segment: &str, query: Option<&str>) -> String {
    let plain = match segment {
        "" => "index",
        name => PAGE_ENDINGS
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|stem| !stem.is_empty())
            .unwrap_or(name),
    };
    let name = match query {
        Some(query) if !query.is_empty() => file_name(&format!("{plain}@{query}")),
        Some(_) | None => file_name(plain),
    };
    format!("{name}.md")
}

/// One name: decoded, without what a file system forbids or a shell trips over, and not too long.
fn file_name(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    let decoded = decoded.unwrap_or(segment.into());
    let allowed = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        control if control.is_control() => '_',
        other => other,
    };
    let name: String = decoded.chars().map(allowed).collect();
    // Neither `..` nor a hidden file, nor a name that ends with what Windows drops.
    let name = match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => name,
    };
    let name = name.trim_end_matches([' ', '.']);
    let name = if name.is_empty() { "_" } else { name };
    if name.len() <= MOST_BYTES {
        return name.to_owned();
    }
    let mut end = MOST_BYTES - 17;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}~{:016x}", &name[..end], xxh3_64(segment.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://a.example/", "a.example/index.md")]
    #[case("https://a.example", "a.example/index.md")]
    #[case("https://a.example/docs/", "a.example/docs/index.md")]
    #[case("https://a.example/docs/intro.html", "a.example/docs/intro.md")]
    #[case("https://a.example/docs/intro", "a.example/docs/intro.md")]
    #[case("http://a.example:8080/a?b=c&d", "a.example+8080/a@b=c&d.md")]
    #[case("https://a.example/%C3%BCber", "a.example/über.md")]
    #[case("https://a.example/a%2Fb%00", "a.example/a_b_.md")]
    #[case("https://a.example/%2e%2e%2fetc", "a.example/_._etc.md")]
    #[case("https://a.example/.git/config", "a.example/_git/config.md")]
    #[case("https://a.example/x.md/y", "a.example/x.md_/y.md")]
    #[case("https://a.example//", "a.example/_/index.md")]
    #[case("http://[2001:db8::1]/", "[2001_db8__1]/index.md")]
    fn a_path_mirrors_the_url(#[case] url: &str, #[case] path: &str) {
        assert_eq!(page_path(&url.parse().unwrap()).unwrap(), path);
    }

    proptest! {
        #[test]
        fn no_url_leads_out_of_the_directory(path in "\\PC{0,300}") {
            if let Ok(url) = Url::parse(&format!("https://a.example/{path}")) {
                let path = page_path(&url).unwrap();
                for name in path.split('/') {
                    prop_assert!(!name.is_empty() && name != "." && name != "..", "{}", path);
                    prop_assert!(name.len() <= 255, "{}", name.len());
                    prop_assert!(!name.contains(['\\', '\0']), "{}", name);
                }
            }
        }
    }
}
