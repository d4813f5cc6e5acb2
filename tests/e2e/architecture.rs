//! The shape of the code: who may import whom, how long a file may be, which numbers must agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use e2e::rust_source::{FileGraph, files, read, used_paths, without_tests};
use e2e::workspace;
use shared::numbers;

const MOST_LINES: usize = 400;

/// Crates whose README has a table of who may import whom.
const CRATES: [&str; 3] = [
    "stream-worker",
    "stream-worker/engine",
    "stream-worker/store",
];

/// Folders with source of the product.
const SOURCES: [&str; 5] = [
    "shared/src",
    "lambda-submit/src",
    "stream-worker/src",
    "stream-worker/engine/src",
    "stream-worker/store/src",
];

/// The parts that each part of a crate may import, as the crate's README says.
struct Table(BTreeMap<String, BTreeSet<String>>);

impl Table {
    /// Reads the rows whose first cell names folders and whose third names what they import, both in backticks.
    fn read(of: &str) -> Self {
        let readme = read(&workspace().join(of).join("README.md"));
        let rows = readme.lines().filter(|line| line.starts_with("| `"));
        let mut table = BTreeMap::new();
        let rows = rows.map(|row| row.split('|').collect::<Vec<_>>());
        for cells in rows.filter(|cells| cells.len() == 5) {
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
            table.len() >= 3,
            "the README of {of} has the table of parts: {table:?}"
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
    let mut wrong = Vec::new();
    for of in CRATES {
        let (root, table) = (workspace().join(of).join("src"), Table::read(of));
        for file in files(&root, &["rs"]) {
            let part = part_of(&root, &file);
            for import in imports(of, &without_tests(&file)) {
                if !table.allows(&part, &import) {
                    wrong.push(format!("{} imports {import}", file.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not in the table of the crate's README.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_folder_is_in_the_table() {
    for of in CRATES {
        let (root, table) = (workspace().join(of).join("src"), Table::read(of));
        let parts: BTreeSet<String> = files(&root, &["rs"])
            .iter()
            .map(|file| part_of(&root, file))
            .filter(|part| !matches!(part.as_str(), "lib" | "runtime_clock" | "time_under_test"))
            .collect();
        let listed: BTreeSet<String> = table.0.into_keys().collect();
        assert_eq!(parts, listed, "in {of}");
    }
}

#[test]
fn the_engine_and_the_store_do_not_know_each_other() {
    for (of, strangers) in [
        (
            "engine",
            ["store", "stream-worker", "rusqlite", "aws-sdk-sqs"],
        ),
        ("store", ["engine", "stream-worker", "reqwest", "html5ever"]),
    ] {
        let manifest = read(
            &workspace()
                .join("stream-worker")
                .join(of)
                .join("Cargo.toml"),
        );
        for name in strangers {
            let depends = manifest.lines().any(|line| line.starts_with(name));
            assert!(!depends, "{of} depends on {name}");
        }
    }
}

#[test]
fn no_two_files_import_each_other() {
    for folder in SOURCES {
        let circles = FileGraph::read(&workspace().join(folder)).circles();
        assert!(circles.is_empty(), "in {folder}: {circles:?}");
    }
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
    for folder in ["shared", "lambda-submit", "stream-worker", "tests"] {
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
    for folder in SOURCES.into_iter().chain(["tests/src", "tests/e2e"]) {
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
fn the_proxies_configurations_agree_with_the_numbers() {
    let (read, idle) = (numbers::PROXY_READ_TIMEOUT, numbers::PROXY_IDLE_TIMEOUT);
    for (file, setting, number) in [
        ("nginx/crawlcast.conf", "proxy_read_timeout ", read),
        ("proxies/haproxy.cfg", "timeout client ", read),
        ("proxies/haproxy.cfg", "timeout server ", read),
        (
            "proxies/haproxy.cfg",
            "timeout http-request ",
            numbers::HEAD_TIMEOUT,
        ),
        ("proxies/Caddyfile", "read_timeout ", read),
        ("proxies/Caddyfile", "keepalive ", idle),
        ("proxies/apache.conf", " timeout=", read),
        ("proxies/apache.conf", " ttl=", idle),
        ("proxies/varnish.vcl", ".between_bytes_timeout = ", read),
        ("proxies/lighttpd.conf", "\"read-timeout\" => ", read),
    ] {
        let seconds = numbers_after(file, setting);
        assert_eq!(seconds, [number.as_secs()], "{setting} in infra/{file}");
    }
    let body = numbers_after("nginx/crawlcast.conf", "client_max_body_size ");
    assert_eq!(body, [numbers::MAX_BODY_BYTES as u64 / 1024]);
}

/// The number after each `setting` outside of comments in a file of `infra/`.
fn numbers_after(file: &str, setting: &str) -> Vec<u64> {
    let conf = read(&workspace().join("infra").join(file));
    let lines = conf.lines().map(str::trim);
    let values = lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(setting));
    let number = |(_, value): (&str, &str)| {
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        digits
            .parse()
            .unwrap_or_else(|_| panic!("{setting}{value} is a number"))
    };
    values.map(number).collect()
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

/// The parts that a file imports: of its own crate, and of the crates that are nested in it.
fn imports(of: &str, code: &str) -> BTreeSet<String> {
    let roots: &[&str] = match of {
        "stream-worker" => &["crate", "engine", "store"],
        _ => &["crate"],
    };
    let paths = used_paths(code);
    let used = paths.iter().filter_map(|path| {
        let (root, rest) = path.split_once("::")?;
        roots.contains(&root).then(|| head(rest))
    });
    // Paths that are spelled out where they are used.
    let spelled = code.split("crate::").skip(1).map(head);
    let mut found: BTreeSet<String> = used.chain(spelled).collect();
    found.remove("");
    found
}

fn head(path: &str) -> String {
    path.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}
