//! The workspace's own source, read for rules about its shape.
//!
//! Reads `use` lines as text: enough to tell which file imports which, without a compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The text of a file.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Every file under `folder` with one of these extensions, sorted; build output and nested crates are left out.
///
/// # Panics
/// If a folder cannot be read.
#[must_use]
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder lists its entries").path();
        if path.is_dir() {
            found.extend(files(&path, extensions));
        } else if path
            .extension()
            .is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file's code without comments and without its tests, which may look further. Files of tests are empty.
#[must_use]
pub fn without_tests(file: &Path) -> String {
    let is_test = file.components().any(|part| {
        ["tests", "tests.rs", "suite"]
            .iter()
            .any(|name| part.as_os_str() == *name)
    });
    if is_test {
        return String::new();
    }
    let text = read(file);
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_module_of_tests =
            line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.ends_with('{'));
        if is_module_of_tests {
            break;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The paths of every `use` in `code`, braces expanded: `use a::{b, c::d};` is `a::b` and `a::c::d`.
#[must_use]
pub fn used_paths(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for statement in code.split("use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        expand("", statement, &mut paths);
    }
    paths
}

fn expand(prefix: &str, tree: &str, paths: &mut BTreeSet<String>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        None => {
            let name = tree.split(" as ").next().unwrap_or_default().trim();
            let path = format!("{prefix}{name}");
            paths.insert(path.trim_end_matches("::self").to_owned());
        }
        Some((head, rest)) => {
            let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
            for item in items(inside) {
                expand(&format!("{prefix}{head}"), &item, paths);
            }
        }
    }
}

/// The items of a list, split at the commas outside of braces.
fn items(list: &str) -> Vec<String> {
    let (mut depth, mut items) = (0, vec![String::new()]);
    for letter in list.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => items.push(String::new()),
            _ => items.last_mut().expect("there is one").push(letter),
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// One crate's files and the imports between them. Front pages (`mod.rs`, `lib.rs`) are no nodes: a name that one of them
/// re-exports leads to the file that defines it.
pub struct FileGraph {
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl FileGraph {
    /// Reads the crate whose source is in `root`.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let sources: BTreeMap<String, String> = files(root, &["rs"])
            .iter()
            .map(|file| (module_of(root, file), without_tests(file)))
            .collect();
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (module, code) in &sources {
            let is_front_page = sources.keys().any(|other| is_inside(other, module));
            if is_front_page {
                continue;
            }
            let targets = used_paths(code)
                .iter()
                .filter_map(|path| resolve(module, path, &sources))
                .filter(|target| target != module)
                .collect();
            arrows.insert(module.clone(), targets);
        }
        Self { arrows }
    }

    /// Files that import each other, directly or by way of others: each circle once, as a list of modules.
    #[must_use]
    pub fn circles(&self) -> Vec<Vec<String>> {
        let reach: BTreeMap<&String, BTreeSet<String>> = self
            .arrows
            .keys()
            .map(|module| (module, self.reachable(module)))
            .collect();
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (module, reached) in &reach {
            if reached.contains(*module) {
                let mut circle: Vec<String> = reached
                    .iter()
                    .filter(|other| reach.get(other).is_some_and(|back| back.contains(*module)))
                    .cloned()
                    .collect();
                circle.sort();
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reachable(&self, from: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.arrows.get(from).into_iter().flatten().collect();
        while let Some(module) = open.pop() {
            if reached.insert(module.clone()) {
                open.extend(self.arrows.get(module).into_iter().flatten());
            }
        }
        reached
    }
}

/// `a::b` for `a/b.rs` and for `a/b/mod.rs`; empty for the crate's root.
fn module_of(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).expect("the file is in the crate");
    let names: Vec<String> = inside
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|name| !matches!(name.as_str(), "mod" | "lib" | "main"))
        .collect();
    names.join("::")
}

fn is_inside(module: &str, front: &str) -> bool {
    front.is_empty() && !module.is_empty()
        || module
            .strip_prefix(front)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// The file that `path`, used in `module`, leads to; nothing if that is no file of this crate, or only a front page.
fn resolve(module: &str, path: &str, sources: &BTreeMap<String, String>) -> Option<String> {
    let absolute = absolute(module, path)?;
    let names: Vec<&str> = absolute
        .split("::")
        .filter(|name| !name.is_empty())
        .collect();
    let mut found = String::new();
    for name in names {
        let inner = join(&found, name);
        if sources.contains_key(&inner) {
            found = inner;
            continue;
        }
        let is_front_page = sources.keys().any(|other| is_inside(other, &found));
        if !is_front_page {
            break;
        }
        // A name that the front page re-exports.
        let target = used_paths(sources.get(&found)?)
            .into_iter()
            .find(|path| path.rsplit("::").next() == Some(name))?;
        return resolve(&join(&found, "front"), &format!("super::{target}"), sources);
    }
    let is_front_page = sources.keys().any(|other| is_inside(other, &found));
    (!is_front_page).then_some(found)
}

fn absolute(module: &str, path: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let mut base = module;
    let mut rest = path;
    while let Some(path) = rest.strip_prefix("super::") {
        base = base.rsplit_once("::").map_or("", |(parent, _)| parent);
        rest = path;
    }
    (rest != path).then(|| join(base, rest))
}

fn join(base: &str, name: &str) -> String {
    if base.is_empty() {
        name.to_owned()
    } else {
        format!("{base}::{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_expanded() {
        let code = "use a::{b, c::{self, d as e}};\nuse f;";
        let paths: Vec<String> = used_paths(code).into_iter().collect();
        assert_eq!(paths, ["a::b", "a::c", "a::c::d", "f"]);
    }

    #[test]
    fn a_circle_is_seen_through_a_front_page() {
        let crate_root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = crate_root.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("lib.rs", "mod room;\n");
        write("room/mod.rs", "mod a;\nmod b;\npub use a::A;\n");
        write("room/a.rs", "use super::b::B;\npub struct A;\n");
        write("room/b.rs", "use crate::room::A;\npub struct B;\n");
        write("alone.rs", "use crate::room::A;\n");
        let circles = FileGraph::read(crate_root.path()).circles();
        assert_eq!(circles, [["room::a", "room::b"]]);
    }
}
