//! CloudFormation templates, as AWS's own rules read them.

use std::process::Command;

use serde_json::Value;

use crate::exe;

/// Prints a template as JSON, its short forms (`!Ref`) written out.
const TO_JSON: &str = "import json, sys; from cfnlint.decode import decode; \
     template, wrong = decode(sys.argv[1]); assert not wrong, wrong; print(json.dumps(template))";

/// A template of `infra/`.
pub struct Template(Value);

impl Template {
    /// Reads `infra/<name>.yaml`.
    ///
    /// # Panics
    /// If it is no template.
    #[must_use]
    pub fn read(name: &str) -> Self {
        let file = exe::workspace().join("infra").join(format!("{name}.yaml"));
        let read = Command::new(exe::tools())
            .args(["-c", TO_JSON])
            .arg(&file)
            .output()
            .expect("Python can be run");
        let wrong = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{}: {wrong}", file.display());
        Self(serde_json::from_slice(&read.stdout).expect("the template is printed as JSON"))
    }

    /// The properties of a resource.
    ///
    /// # Panics
    /// If there is none of this name.
    #[must_use]
    pub fn properties(&self, resource: &str) -> &Value {
        let properties = &self.0["Resources"][resource]["Properties"];
        assert!(properties.is_object(), "there is a resource {resource}");
        properties
    }

    /// The properties of every resource of a type.
    ///
    /// # Panics
    /// If the template has no resources.
    pub fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        let resources = self.0["Resources"]
            .as_object()
            .expect("a template has resources");
        let wanted = resources
            .values()
            .filter(move |resource| resource["Type"] == kind);
        wanted.map(|resource| &resource["Properties"])
    }

    /// Every statement of every policy, wherever it stands.
    #[must_use]
    pub fn statements(&self) -> Vec<&Value> {
        let (mut found, mut ahead) = (Vec::new(), vec![&self.0]);
        while let Some(value) = ahead.pop() {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::Array(statements)) = fields.get("Statement") {
                        found.extend(statements);
                    }
                    ahead.extend(fields.values());
                }
                Value::Array(items) => ahead.extend(items),
                _ => {}
            }
        }
        found
    }
}
