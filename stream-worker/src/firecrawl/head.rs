//! Metadata of a page under Firecrawl's names.
//!
//! Its clients' types have one text for nearly every name: of a property that a page repeats they get the first value.

use serde_json::{Map, Value};

use super::logged_page::LoggedMetadata;

/// The only property whose values are a list.
const LIST: &str = "locale:alternate";

/// The fields of a document's metadata; the title stands beside them.
pub(super) fn head(said: &LoggedMetadata) -> Map<String, Value> {
    let mut head = Map::new();
    let keywords = (!said.keywords.is_empty()).then(|| said.keywords.join(", "));
    for (name, value) in [
        ("description", &said.description),
        ("language", &said.language),
        ("keywords", &keywords),
        ("robots", &said.robots),
        ("favicon", &said.favicon),
        ("publishedTime", &said.published_time),
        ("modifiedTime", &said.modified_time),
        ("canonical", &said.canonical),
        ("charset", &said.charset),
    ] {
        if let Some(value) = value {
            head.insert(name.to_owned(), value.as_str().into());
        }
    }
    for (property, values) in &said.open_graph {
        let values = values.all();
        let value = match values.first() {
            Some(_) if property == LIST => values.into(),
            Some(first) => first.as_str().into(),
            None => continue,
        };
        head.entry(name_of(property)).or_insert(value);
    }
    head
}

/// `title` is `ogTitle`, `site_name` `ogSiteName`, and `article:tag` `articleTag`.
fn name_of(property: &str) -> String {
    let is_article = property.starts_with("article:");
    let mut name = if is_article { "" } else { "og" }.to_owned();
    for word in property.split([':', '_']).filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if name.is_empty() => name.push(first),
            Some(first) => name.extend(first.to_uppercase()),
            None => {}
        }
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::event::OpenGraphValue;

    use super::*;

    #[test]
    fn names_are_those_of_the_clients_types() {
        let property = |name: &str, values: &[&str]| {
            let mut values = values.iter().map(|value| (*value).to_owned());
            let mut value = OpenGraphValue::One(values.next().unwrap());
            values.for_each(|more| value.add(more));
            (name.to_owned(), value)
        };
        let said = LoggedMetadata {
            keywords: vec!["a".to_owned(), "b".to_owned()],
            published_time: Some("2026".to_owned()),
            open_graph: [
                property("title", &["OG"]),
                property("image", &["/1.png", "/2.png"]),
                property("site_name", &["Site"]),
                property("locale:alternate", &["de_AT"]),
                property("article:tag", &["x", "y"]),
                property("article:published_time", &["2026"]),
            ]
            .into(),
            ..LoggedMetadata::default()
        };
        let expected = json!({
            "keywords": "a, b",
            "publishedTime": "2026",
            "ogTitle": "OG",
            "ogImage": "/1.png",
            "ogSiteName": "Site",
            "ogLocaleAlternate": ["de_AT"],
            "articleTag": "x",
            "articlePublishedTime": "2026",
        });
        assert_eq!(Value::Object(head(&said)), expected);
    }
}
