//! The shape of the code: who may import whom, how long a file may be, which numbers must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::workspace;
use shared::numbers;

const MOST_LINES: usize = 400;

/// Who may import whom, as the worker's README says.
struct Table(BTreeMap<String, BTreeSet<String>>);

impl Table {
    /// Reads the rows whose first cell names folders and whose third names what they import, both in backticks.
    fn read() -> Self {
        let readme = read(&workspace().join("stream-worker/README.md"));
        let rows = readme.lines().filter(|line| line.starts_with("| `"));
        let mut table = BTreeMap::new();
        for cells in rows.map(|row| row.split('|').collect::<Vec<_>>()) {
            let mut imports = backticked(cells[3]);
            if cells[3].trim() == "all" {
                imports.insert("*".to_owned());
            }
            table.extend(
                backticked(cells[1])
                    .into_iter()
                    .map(|part| (part, imports.clone())),
            );
        }
        assert!(
            table.len() > 10,
            "the README has the table of parts: {table:?}"
        );
        Self(table)
    }

    fn allows(&self, part: &str, import: &str) -> bool {
        // The list of modules is no part.
        part == "lib"
            || part == import
            || self
                .0
                .get(part)
                .is_some_and(|imports| imports.contains("*") || imports.contains(import))
    }
}

/// The words in backticks.
fn backticked(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_part_imports_only_what_the_design_allows() {
    let (root, table) = (workspace().join("stream-worker/src"), Table::read());
    let mut wrong = Vec::new();
    for file in files(&root, &["rs"]) {
        let part = part_of(&root, &file);
        for import in imports(&without_tests(&file)) {
            if !table.allows(&part, &import) {
                wrong.push(format!(
                    "{} imports {import}",
                    file.strip_prefix(&root).unwrap().display()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not in the table of stream-worker/README.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_folder_is_in_the_table() {
    let (root, table) = (workspace().join("stream-worker/src"), Table::read());
    let parts: BTreeSet<String> = files(&root, &["rs"])
        .iter()
        .map(|file| part_of(&root, file))
        .collect();
    let listed: BTreeSet<String> = table.0.into_keys().chain(["lib".to_owned()]).collect();
    assert_eq!(parts, listed);
}

#[test]
fn the_contract_does_no_input_or_output() {
    let root = workspace().join("shared");
    let forbidden = [
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "std::env",
        "std::process",
        "std::thread",
        "std::io",
        "tokio",
        "SystemTime::now",
        "Instant::now",
    ];
    for file in files(&root.join("src"), &["rs"]) {
        let code = without_tests(&file);
        for word in forbidden {
            assert!(!code.contains(word), "{} uses {word}", file.display());
        }
    }
    let manifest = read(&root.join("Cargo.toml"));
    let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
    for name in [
        "tokio",
        "hyper",
        "reqwest",
        "rusqlite",
        "tracing",
        "stream-worker",
    ] {
        assert!(
            !dependencies.lines().any(|line| line.starts_with(name)),
            "shared depends on {name}"
        );
    }
}

#[test]
fn no_file_is_longer_than_one_can_read_at_a_sitting() {
    let mut long = Vec::new();
    for folder in ["shared", "stream-worker", "tests"] {
        for file in files(&workspace().join(folder), &["rs"]) {
            let lines = read(&file).lines().count();
            if lines > MOST_LINES {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_says_what_it_owns() {
    for folder in ["shared/src", "stream-worker/src", "tests/src", "tests/e2e"] {
        for file in files(&workspace().join(folder), &["rs"]) {
            let first = read(&file).lines().next().unwrap_or_default().to_owned();
            let test = file
                .components()
                .any(|part| part.as_os_str() == "tests.rs" || part.as_os_str() == "tests")
                && folder.ends_with("src");
            assert!(
                test || first.starts_with("//!") || first.starts_with("#![doc"),
                "{} opens without a word",
                file.display()
            );
        }
    }
}

#[test]
fn tests_wait_for_events_and_never_for_time() {
    // Spelled in pieces, so that this file does not find itself.
    let words = [["sle", "ep("].concat(), ["sle", "ep "].concat()];
    let tests = workspace().join("tests");
    let code = [tests.join("src"), tests.join("e2e")]
        .into_iter()
        .flat_map(|folder| files(&folder, &["rs"]));
    let scripts = [tests.join("run"), workspace().join(".ci/run")];
    for file in code.chain(scripts) {
        let text = read(&file);
        assert!(
            words.iter().all(|word| !text.contains(word.as_str())),
            "{} waits for time",
            file.display()
        );
    }
}

#[test]
fn the_proxy_configuration_agrees_with_the_numbers() {
    let conf = read(&workspace().join("infra/nginx/crawlcast.conf"));
    let read_timeouts = directives(&conf, "proxy_read_timeout");
    assert!(
        !read_timeouts.is_empty(),
        "the configuration sets proxy_read_timeout"
    );
    for value in read_timeouts {
        let seconds: u64 = value
            .trim_end_matches('s')
            .parse()
            .unwrap_or_else(|_| panic!("{value} is in seconds"));
        assert_eq!(Duration::from_secs(seconds), numbers::PROXY_READ_TIMEOUT);
    }
    for value in directives(&conf, "client_max_body_size") {
        let kib: usize = value
            .trim_end_matches('k')
            .parse()
            .unwrap_or_else(|_| panic!("{value} is in k"));
        assert_eq!(kib * 1024, numbers::MAX_BODY_BYTES);
    }
}

fn directives<'a>(conf: &'a str, name: &str) -> Vec<&'a str> {
    let lines = conf
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.strip_prefix(name)?.split(';').next().map(str::trim))
        .collect()
}

/// The first folder under `root`, or the file's own name.
fn part_of(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Names that follow `crate::`, also in braces.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(heads(list)),
            None => found.extend([head(rest)]),
        }
    }
    found.remove("");
    found
}

/// The first names of the items of a `{…}` list, whose opening brace has been read.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut item, mut items) = (0, String::new(), Vec::new());
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                item.push(letter);
            }
        }
    }
    items.push(item);
    items.iter().map(|item| head(item.trim())).collect()
}

fn head(path: &str) -> String {
    path.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// A file's code without comments and without its tests, which may look further.
fn without_tests(file: &Path) -> String {
    let is_test = file
        .components()
        .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
    if is_test {
        return String::new();
    }
    let text = read(file);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
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
