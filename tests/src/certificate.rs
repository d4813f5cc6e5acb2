//! A certificate for servers of this machine.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::{exe, within};

/// Makes `cert.pem`, which is its own authority, and `key.pem` in `dir`, for `localhost` and 127.0.0.1.
pub(crate) async fn make_certificate(dir: &Path) {
    let made = Command::new(exe::program("openssl", "openssl"))
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem".split(' '))
        .current_dir(dir)
        .stdin(Stdio::null())
        .output();
    let output = within("openssl makes a certificate", made)
        .await
        .expect("openssl can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
