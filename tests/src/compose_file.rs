//! The compose file for many workers, as Docker would read it.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::process::Command;

use crate::exe;

const FILE: &str = "infra/many-workers/compose.yaml";

/// The services of the compose file, by name.
pub struct ComposeFile(BTreeMap<String, Service>);

/// A service: what it runs, and with which settings.
#[derive(Debug, Clone)]
pub struct Service(Value);

impl ComposeFile {
    /// Reads the file with Python's YAML, which resolves its anchors.
    ///
    /// # Panics
    /// If it is no YAML or has no services.
    pub async fn read() -> Self {
        let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        let read = Command::new(exe::tools())
            .args(["-c", script])
            .arg(exe::workspace().join(FILE))
            .output();
        let read = read.await.expect("python can be run");
        assert!(
            read.status.success(),
            "{}",
            String::from_utf8_lossy(&read.stderr)
        );
        let mut file: Value = serde_json::from_slice(&read.stdout).expect("JSON was printed");
        let services: BTreeMap<String, Value> =
            serde_json::from_value(file["services"].take()).expect("the file has services");
        let service = |(name, value)| (name, Service(value));
        Self(services.into_iter().map(service).collect())
    }

    /// The service of this name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn service(&self, name: &str) -> &Service {
        let service = self.0.get(name);
        service.unwrap_or_else(|| panic!("{FILE} has no service {name}"))
    }

    /// Services whose names begin with this, in order.
    pub fn services<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Service> {
        let named = self
            .0
            .iter()
            .filter(move |(name, _)| name.starts_with(prefix));
        named.map(|(_, service)| service)
    }
}

impl Service {
    /// Something that is said of it.
    ///
    /// # Panics
    /// If it is not said, or is no text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} of {}", self.0))
    }

    /// A list that is said of it.
    ///
    /// # Panics
    /// If it is no list of texts.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = self.0[name].as_array();
        let list = list.unwrap_or_else(|| panic!("{name} of {}", self.0));
        list.iter().filter_map(Value::as_str).collect()
    }

    /// Arguments `--name value` of its command, without the dashes.
    ///
    /// # Panics
    /// If its command is something else.
    #[must_use]
    pub fn settings(&self) -> Vec<(&str, &str)> {
        let command = self.list("command");
        let pairs = command[1..].chunks(2).map(|pair| {
            let name = pair[0].strip_prefix("--");
            (name.expect("an option has dashes"), pair[1])
        });
        pairs.collect()
    }

    /// Its environment, with `variables` in place of `${NAME…}`, or the default that stands there.
    ///
    /// # Panics
    /// If a variable is needed that is not there.
    #[must_use]
    pub fn environment(&self, variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let environment = self.0["environment"].as_object();
        let environment = environment.expect("it has an environment");
        let each = environment.iter().map(|(name, value)| {
            let value = value.as_str().expect("a setting is text");
            (name.clone(), substitute(value, variables))
        });
        each.collect()
    }
}

/// A value that is one `${NAME}`, `${NAME:-default}` or `${NAME:?message}`, or has none of it.
fn substitute(value: &str, variables: &[(&str, &str)]) -> String {
    let Some(inside) = value
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        return value.to_owned();
    };
    let (name, otherwise) = inside.split_once(':').unwrap_or((inside, "?"));
    match variables.iter().find(|(known, _)| *known == name) {
        Some((_, given)) => (*given).to_owned(),
        None => otherwise
            .strip_prefix('-')
            .unwrap_or_else(|| panic!("{name} must be given"))
            .to_owned(),
    }
}
