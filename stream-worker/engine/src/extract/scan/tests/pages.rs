//! The pass beside the tree that a browser would have of the same page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rstest::rstest;
use shared::request::Format;

use crate::extract::dom::{self, NodeId, Tree};
use crate::extract::links::Links;
use crate::extract::text::folded;
use crate::extract::{DocumentType, ExtractOptions, Extractor, Formats, MediaType};

const PAGE: &str = "https://a.example/dir/page";

/// The findings in which two readers of a page must agree.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// Without those past the cap.
    links: BTreeSet<String>,
    title: Option<String>,
    description: Option<String>,
    is_noindex: bool,
}

fn by_pass(html: &str, lengths: &[usize]) -> Found {
    let mut extractor = Extractor::new(ExtractOptions {
        url: PAGE.parse().unwrap(),
        media_type: MediaType {
            document: DocumentType::Html,
            encoding: Some(encoding_rs::UTF_8),
        },
        agent: "crawlcast".into(),
        formats: Formats::new(&[Format::Metadata]),
    });
    let mut rest = html.as_bytes();
    for length in lengths {
        let (piece, after) = rest.split_at(*length.min(&rest.len()));
        extractor.feed(piece);
        rest = after;
    }
    extractor.feed(rest);
    let page = extractor.finish();
    Found {
        links: page.links.iter().map(|link| link.url.to_owned()).collect(),
        title: page.title,
        description: page.metadata.description,
        is_noindex: page.robots.noindex,
    }
}

fn by_tree(html: &str) -> Found {
    let tree = &dom::parse(html).unwrap();
    let elements = |name: &'static str| {
        let nodes = tree.subtree(tree.root());
        nodes.filter(move |id| tree_name(tree, *id) == name && is_shown(tree, *id))
    };
    let mut links = Links::new();
    let mut bases = elements("base").filter(|id| tree.name(*id) == "base");
    if let Some(href) = bases.find_map(|id| tree.attribute(id, "href")) {
        links.set_base(href);
    }
    for (name, attribute) in [
        ("a", "href"),
        ("area", "href"),
        ("iframe", "src"),
        ("frame", "src"),
    ] {
        for href in elements(name).filter_map(|id| tree.attribute(id, attribute)) {
            links.add(href, false);
        }
    }
    let references = links.references(&PAGE.parse().unwrap(), encoding_rs::UTF_8);
    let (links, _count) = links.finish(&references);
    let meta = |wanted: &str| {
        let mut all = elements("meta").filter(|id| tree.attribute(*id, "name") == Some(wanted));
        all.find_map(|id| tree.attribute(id, "content"))
    };
    let mut titles = elements("title").filter(|id| tree.name(*id) == "title");
    let title = titles.next().map(|id| folded(&tree.text_of(id), 512));
    Found {
        links: links.iter().map(|link| link.url.to_owned()).collect(),
        title: title.filter(|title| !title.is_empty()),
        description: meta("description").map(str::to_owned),
        is_noindex: meta("robots").is_some_and(|content| content.contains("noindex")),
    }
}

fn tree_name(tree: &Tree, id: NodeId) -> &str {
    tree.element_name(id).unwrap_or_default()
}

fn above(tree: &Tree, id: NodeId) -> impl Iterator<Item = NodeId> {
    std::iter::successors(tree.parent(id), |id| tree.parent(*id))
}

/// False within a template that is no shadow root.
fn is_shown(tree: &Tree, id: NodeId) -> bool {
    !above(tree, id).any(|id| {
        tree_name(tree, id) == "template" && tree.attribute(id, "shadowrootmode").is_none()
    })
}

/// Parts of pages. Those that a tree moves elsewhere or leaves out are no part of this (tables, selections, frames), nor drawings that
/// are not closed: what is open around them decides where they end.
const PARTS: [&str; 60] = [
    "<a href=1>",
    "<a HREF='2&amp;x' rel=nofollow>",
    "<a\nhref = \"3\" href=no>",
    "<a name=no>",
    "</a>",
    "<area href=4>",
    "<iframe src=5><a href=no></iframe>",
    "<iframe src=6>",
    "</iframe>",
    "text &amp; text",
    " ",
    "é",
    "<",
    ">",
    "&",
    "<p>",
    "</p>",
    "<div class='a>b'>",
    "</div>",
    "<b>",
    "</b>",
    "<br/>",
    "<ul><li>",
    "</ul>",
    "<h1>",
    "</h1>",
    "<title>T &eacute; <b>",
    "</title>",
    "<base href=/b/>",
    "<base href='/c/'/>",
    "<base target=x>",
    "<meta name=description content='D &lt;'>",
    "<meta name=robots content=noindex>",
    "<link rel=icon href=no>",
    "<template>",
    "<template shadowrootmode=open>",
    "</template>",
    "<script>if (a<b) '<a href=no>'</script>",
    "<script><!--<script></script><a href=no></script>--></script>",
    "<style><a href=no></style>",
    "<textarea><a href=no>",
    "</textarea>",
    "<!-- <a href=no> -->",
    "<!--><a href=7>-->",
    "<!doctype html>",
    "<?x <a href=8>",
    "</ <a href=no>",
    "<noscript><a href=9></noscript>",
    "<xmp><a href=no></xmp>",
    "<body>",
    "</body>",
    "</html>",
    "<a href='",
    "' title=\">\"",
    "<svg><title>S</title><a href=10><g></a></svg>",
    "<svg><style><a href=11></a></style><![CDATA[<a href=no>]]></svg>",
    "</svg>",
    "<svg><foreignObject><p><![CDATA[<a href=12>]]></p></foreignObject><path/></svg>",
    "<g/>",
    "<math><mi><a href=13></a></mi><![CDATA[<a href=no>]]></math>",
];

fn soup() -> impl Strategy<Value = String> {
    let part = prop::sample::select(PARTS.as_slice());
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_pass_finds_what_a_browser_finds(
        html in soup(),
        lengths in prop::collection::vec(0_usize..20, 0..60),
    ) {
        prop_assert_eq!(by_pass(&html, &lengths), by_tree(&html));
    }
}

/// Pages of one package that are read at most, spread over all of it.
const PAGES: usize = 60;

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|_| panic!("{} is installed by tests/run", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.to_string_lossy().contains(".html") {
            found.push(path);
        }
    }
}

#[rstest]
#[case::python("/usr/share/doc/python3.11/html")]
#[case::postgresql("/usr/share/doc/postgresql-doc-15/html")]
#[case::apache("/usr/share/doc/apache2-doc/manual")]
fn documentation_is_read_as_a_browser_reads_it(#[case] folder: &str) {
    let mut paths = Vec::new();
    pages(Path::new(folder), &mut paths);
    paths.sort();
    let step = paths.len().div_ceil(PAGES).max(1);
    for path in paths.iter().step_by(step) {
        let Ok(html) = fs::read_to_string(path) else {
            // Of another encoding.
            continue;
        };
        let whole = by_pass(&html, &vec![997; html.len() / 997]);
        if whole.links.len() < 9_000 {
            assert_eq!(whole, by_tree(&html), "{}", path.display());
        }
    }
}
