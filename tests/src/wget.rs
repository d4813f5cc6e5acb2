//! Another crawler, for a second opinion on what a site's links lead to.

use std::process::Stdio;

use tokio::process::Command;

use crate::{exe, within};

/// Elements whose URLs wget2 leaves alone: it would fetch the parts of pages, too.
const NO_PAGES: &str = "--ignore-tags=link,script,img,source,embed,object,audio,video,input,form";

/// Has wget2 fetch every page that links lead to from `url`, on its host. What it reached is in the site's own log.
///
/// # Panics
/// If it is not installed, or does not end.
pub async fn wget2(url: &str) {
    let scratch = tempfile::tempdir().expect("a temporary directory can be made");
    let walk = Command::new(exe::program("wget2", "wget2"))
        .args([
            "--quiet",
            "--recursive",
            "--level=inf",
            "--no-robots",
            "--no-config",
        ])
        .args([
            "--max-threads=16",
            "--tries=1",
            "--delete-after",
            NO_PAGES,
            url,
        ])
        .current_dir(scratch.path())
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status();
    // It ends with a failure where a link leads to nothing, as some do.
    let ended = within("wget2 has followed every link", walk).await;
    ended.expect("wget2 can be run");
}
