//! Where the programs under test are.

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
pub(crate) fn tool(name: &str) -> PathBuf {
    let tool = workspace().join(".cache/tools/bin").join(name);
    assert!(
        tool.is_file(),
        "{} is missing; tests/run installs it",
        tool.display()
    );
    tool
}

/// The packages from npm, where tests/run has put them.
pub(crate) fn node_modules() -> PathBuf {
    let modules = workspace().join(".cache/clients/node_modules");
    assert!(
        modules.is_dir(),
        "{} is missing; tests/run installs it",
        modules.display()
    );
    modules
}

/// The development servers from npm, where tests/run has put them.
pub(crate) fn dev_servers() -> PathBuf {
    let modules = workspace().join(".cache/dev_servers/node_modules");
    assert!(
        modules.is_dir(),
        "{} is missing; tests/run installs it",
        modules.display()
    );
    modules
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
