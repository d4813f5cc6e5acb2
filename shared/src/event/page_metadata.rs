//! Metadata of a page: the statements in its head, and its headings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Bytes that the lists of one page's metadata have in a frame at most; in the results they are whole.
pub const MAX_LISTED_BYTES: usize = 16 * 1024;

/// Metadata of a page, from its head, its JSON-LD and its headings. Texts have their character references decoded and their
/// white space folded.
///
/// In an event, `openGraph`, `keywords`, `headings` and `jsonLd` have 16 KiB together: entries that do not fit are left out, those
/// of `jsonLd` first, and the page says `truncated`. The results have them all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageMetadata {
    /// The page's title, as beside `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `<meta name=description>`, at most 2048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `<meta name=keywords>`, cut at its commas: at most 50, of at most 100 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// `<html lang>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `rel=canonical`, absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// The character encoding that the page was read with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// `rel=icon`, absolute; absent if the page names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub favicon: Option<String>,
    /// `<meta name=robots>`, as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub robots: Option<String>,
    /// Time of publication as it is written: `article:published_time`, else another `<meta>` for it, else `datePublished` in JSON-LD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_time: Option<String>,
    /// Time of the last change as it is written: `article:modified_time`, else another `<meta>` for it, else `dateModified` in
    /// JSON-LD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_time: Option<String>,
    /// Properties of the Open Graph protocol, by their names without `og:`; those of other vocabularies (`article:tag`, `book:isbn`)
    /// have their whole name. At most 100 values, of at most 1024 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_graph: BTreeMap<String, OpenGraphValue>,
    /// Headings in document order: at most 200, of at most 200 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<Heading>,
    /// The text of each `<script type="application/ld+json">`, as it is written: JSON, if the page is right. At most 20, of 64 KiB
    /// together; one that does not fit is left out whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub json_ld: Vec<String>,
}

/// One value of a property, or all of a property that a page has several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OpenGraphValue {
    /// The only value.
    One(String),
    /// All values in document order, each once.
    Many(Vec<String>),
}

/// A heading of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heading {
    /// 1 to 6, for `<h1>` to `<h6>`.
    pub level: u8,
    /// Its text, without the sign of a link to itself.
    pub text: String,
}

impl OpenGraphValue {
    /// Every value, in document order.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// Adds a value, unless it is there.
    pub fn add(&mut self, value: String) {
        match self {
            Self::One(only) if *only == value => {}
            Self::One(only) => *self = Self::Many(vec![std::mem::take(only), value]),
            Self::Many(values) if values.contains(&value) => {}
            Self::Many(values) => values.push(value),
        }
    }
}

impl PageMetadata {
    /// Bytes of the texts in its lists.
    #[must_use]
    pub fn listed_bytes(&self) -> usize {
        let keywords: usize = self.keywords.iter().map(String::len).sum();
        let headings: usize = self.headings.iter().map(|heading| heading.text.len()).sum();
        let json_ld: usize = self.json_ld.iter().map(String::len).sum();
        let property = |(name, value): (&String, &OpenGraphValue)| {
            name.len() + value.all().iter().map(String::len).sum::<usize>()
        };
        let open_graph: usize = self.open_graph.iter().map(property).sum();
        keywords + headings + json_ld + open_graph
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_property_that_is_repeated_is_a_list() {
        let mut value = OpenGraphValue::One("a".to_owned());
        value.add("a".to_owned());
        assert_eq!(serde_json::to_value(&value).unwrap(), json!("a"));
        value.add("b".to_owned());
        value.add("a".to_owned());
        let written = serde_json::to_value(&value).unwrap();
        assert_eq!(written, json!(["a", "b"]));
        let read: OpenGraphValue = serde_json::from_value(written).unwrap();
        assert_eq!(read, value);
    }

    #[test]
    fn metadata_that_an_earlier_version_stored_is_read() {
        let stored = json!({"description": "d", "language": "de", "charset": "UTF-8"});
        let metadata: PageMetadata = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(metadata.description.as_deref(), Some("d"));
        assert_eq!(serde_json::to_value(&metadata).unwrap(), stored);
    }
}
