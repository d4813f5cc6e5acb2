//! Settings of the service that the page asks for.

use serde::Serialize;

/// The content of `/page/config.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageConfig {
    /// The demo site's start page, where the worker runs one: the page suggests it.
    pub demo_url: Option<String>,
}

impl PageConfig {
    /// The document: `{"demoUrl": …|null, "version": "…"}`.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Document<'a> {
            #[serde(flatten)]
            config: &'a PageConfig,
            version: &'static str,
        }
        let document = Document {
            config: self,
            version: env!("CARGO_PKG_VERSION"),
        };
        serde_json::to_vec(&document).expect("the document is strings")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_learns_the_demo_and_the_version() {
        let config = PageConfig {
            demo_url: Some("http://127.0.0.1:4000/".into()),
        };
        let document: serde_json::Value = serde_json::from_slice(&config.to_json()).unwrap();
        assert_eq!(document["demoUrl"], "http://127.0.0.1:4000/");
        assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
        let plain = PageConfig::default().to_json();
        assert!(
            String::from_utf8(plain)
                .unwrap()
                .contains("\"demoUrl\":null")
        );
    }
}
