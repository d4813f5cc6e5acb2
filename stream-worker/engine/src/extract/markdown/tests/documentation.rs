//! Real documentation, written and read back: what a parser of Markdown finds is what the page's main content has.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::code;
use super::super::grid::Grid;
use super::found::Found;
use super::links::unknown_links;
use super::read;
use crate::extract::dom::{self, NodeId, Tree};
use crate::extract::elements::is_preformatted;
use crate::extract::main_content::MainContent;
use crate::extract::shape::Shape;

/// Pages of one package that are read at most, spread over all of it.
const PAGES: usize = 60;

fn pages(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .unwrap_or_else(|_| panic!("{} is installed by tests/run", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| ending == "html" || ending == "en")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    let step = found.len().div_ceil(PAGES).max(1);
    found.into_iter().step_by(step).collect()
}

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// The main content of a page, as its tree has it.
struct Content {
    tree: Tree,
    shape: Shape,
    main: MainContent,
}

impl Content {
    fn of(html: &str) -> Self {
        let tree = dom::parse(html).unwrap();
        let shape = Shape::of(&tree);
        let main = MainContent::of(&tree, &shape);
        Self { tree, shape, main }
    }

    fn holds_picture(&self, id: NodeId) -> bool {
        self.tree
            .subtree(id)
            .any(|below| self.tree.name(below) == "img")
    }

    fn is_in_heading(&self, id: NodeId) -> bool {
        let mut above = std::iter::successors(Some(id), |id| self.tree.parent(*id));
        above.any(|id| HEADINGS.contains(&self.tree.name(id)))
    }

    fn is_in_data(&self, id: NodeId) -> bool {
        let mut above = std::iter::successors(Some(id), |id| self.tree.parent(*id));
        above.any(|id| self.tree.name(id) == "table" && self.is_data(id))
    }

    /// True if a table has heads or short cells that are more than lists beside each other; all others only lay out what they
    /// hold.
    fn is_data(&self, table: NodeId) -> bool {
        let grid = Grid::of(&self.tree, table);
        let cells: Vec<NodeId> = grid.cells().collect();
        let has_heads = cells.iter().any(|cell| self.tree.name(*cell) == "th");
        let is_short = |cell: &NodeId| {
            self.shape.text(*cell) <= 1000
                && !self.shape.has_heading(*cell)
                && !self.shape.has_code(*cell)
                && !self.shape.has_table(*cell)
        };
        let is_list = |cell: &NodeId| {
            let mut within = self.tree.subtree(*cell);
            grid.rows.len() == 1 && within.any(|id| matches!(self.tree.name(id), "ul" | "dl"))
        };
        has_heads || (cells.len() > 1 && cells.iter().all(is_short) && !cells.iter().all(is_list))
    }

    /// Elements that hold text and are not within one of `within`.
    fn count(&self, is_wanted: impl Fn(&str) -> bool, within: &[&str]) -> Vec<NodeId> {
        let roots = self.main.roots.iter();
        let all = roots.flat_map(|root| self.tree.subtree(*root));
        all.filter(|id| {
            is_wanted(self.tree.name(*id))
                && !self.main.leaves_out(*id)
                && (self.shape.text(*id) > 0 || self.holds_picture(*id))
                && !std::iter::successors(self.tree.parent(*id), |id| self.tree.parent(*id))
                    .any(|above| within.contains(&self.tree.name(above)))
        })
        .collect()
    }
}

fn check(file: &Path, faults: &mut Vec<String>) {
    let html = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let content = Content::of(&html);
    let page = read(&html);
    let found = Found::of(page.markdown.as_deref().unwrap());
    let mut differ = |what: &str, wanted: usize, found: usize| {
        if wanted != found {
            faults.push(format!("{}: {found} {what}, not {wanted}", file.display()));
        }
    };
    let headings = content.count(|name| HEADINGS.contains(&name), &["summary"]);
    let headings = headings.iter().filter(|id| !content.is_in_data(**id));
    differ("headings", headings.count(), found.headings.len());
    let codes = content.count(is_preformatted, &[]);
    differ("fences", codes.len(), found.fences.len());
    for (pre, (_, fence)) in codes.iter().zip(&found.fences) {
        let text = code::text(&content.tree, *pre);
        differ(
            "lines",
            text.lines().count(),
            fence
                .lines()
                .zip(text.lines())
                .filter(|(own, wanted)| own == wanted)
                .count(),
        );
    }
    let tables = content.count(|name| name == "table", &[]);
    let tables = tables.iter().filter(|id| content.is_data(**id));
    differ("tables", tables.count(), found.tables.len());
    let links = content.count(|name| name == "a", &["pre"]);
    let links = links.iter().filter(|id| {
        let text = content.tree.text_of(**id);
        let leads_here = content
            .tree
            .attribute(**id, "href")
            .is_none_or(|href| href.starts_with('#'));
        let is_permalink =
            ["¶", "#"].contains(&text.trim()) || (leads_here && content.is_in_heading(**id));
        content.tree.attribute(**id, "href").is_some() && !is_permalink
    });
    differ("links", links.count(), found.links.len());
    for link in unknown_links(&page) {
        faults.push(format!(
            "{}: {link:?} is not among its links",
            file.display()
        ));
    }
}

#[rstest::rstest]
#[case::python("/usr/share/doc/python3.11/html")]
#[case::postgresql("/usr/share/doc/postgresql-doc-15/html")]
#[case::apache("/usr/share/doc/apache2-doc/manual")]
fn documentation_reads_back_as_it_was_written(#[case] folder: &str) {
    let mut faults = Vec::new();
    let pages = pages(folder);
    for page in &pages {
        check(page, &mut faults);
    }
    assert!(
        faults.is_empty(),
        "{} faults in {} pages:\n{}",
        faults.len(),
        pages.len(),
        faults.join("\n")
    );
}
