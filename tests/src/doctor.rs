//! `crawlcast doctor`, as a script runs it.

use serde_json::Value;

use crate::Shell;

/// Exit status and report of one run of the doctor.
#[derive(Debug)]
pub struct Diagnosis {
    /// Its exit status.
    pub code: Option<i32>,
    /// Its report.
    pub report: Value,
}

impl Diagnosis {
    /// Has `url` examined, with these arguments beside it.
    ///
    /// # Panics
    /// If the doctor prints no report.
    pub async fn of(url: &str, arguments: &[&str]) -> Self {
        let arguments = [&["doctor", url, "--json"], arguments].concat();
        let ended = Shell::default().run(&arguments).await;
        let report = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| {
            panic!("{error} in `{}`; it said: {}", ended.stdout, ended.stderr)
        });
        Self {
            code: ended.code,
            report,
        }
    }

    /// The checks that found something, each as `id` or `id kind`.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let checks = self.checks().filter(|check| check["verdict"] == "broken");
        checks
            .map(|check| match check["kind"].as_str() {
                None => text(&check["id"]),
                Some(kind) => format!("{} {kind}", text(&check["id"])),
            })
            .collect()
    }

    /// The products that were recognised.
    #[must_use]
    pub fn via(&self) -> Vec<String> {
        let via = self.report["via"].as_array();
        via.into_iter().flatten().map(text).collect()
    }

    /// The lines that mend what a check has found.
    #[must_use]
    pub fn cures(&self, id: &str) -> Vec<String> {
        let cures = self.check(id)["cures"].as_array();
        cures
            .into_iter()
            .flatten()
            .map(|cure| text(&cure["setting"]))
            .collect()
    }

    /// One check.
    ///
    /// # Panics
    /// If it is not in the report.
    #[must_use]
    pub fn check(&self, id: &str) -> &Value {
        self.checks()
            .find(|check| check["id"] == id)
            .unwrap_or_else(|| panic!("{id} is in {:#}", self.report))
    }

    /// All checks.
    pub fn checks(&self) -> impl Iterator<Item = &Value> {
        self.report["checks"].as_array().into_iter().flatten()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
