//! When a page was published and changed, by what it says.

use serde_json::Value;

use super::super::text::folded;

/// Characters of a time.
const MAX_TIME: usize = 64;
/// Members of a list in JSON-LD that are looked at.
const MAX_MEMBERS: usize = 100;

/// The names of `<meta>` that tell a time, those that are believed first before the others.
const PUBLISHED: [&str; 10] = [
    "article:published_time",
    "datePublished",
    "og:published_time",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "date",
];
const MODIFIED: [&str; 6] = [
    "article:modified_time",
    "dateModified",
    "og:updated_time",
    "og:modified_time",
    "dcterms.modified",
    "last-modified",
];

/// The times so far, as they are written.
#[derive(Default)]
pub(super) struct Times {
    published: Stated,
    modified: Stated,
}

/// A time, with the rank of the name that told it; the lowest counts.
type Stated = Option<(usize, String)>;

impl Times {
    /// Takes in a `<meta>`.
    pub(super) fn meta(&mut self, name: &str, content: &str) {
        take(&mut self.published, &PUBLISHED, name, content);
        take(&mut self.modified, &MODIFIED, name, content);
    }

    /// Publication and last change; what no `<meta>` tells may be told by the page's JSON-LD.
    pub(super) fn finish(self, json_ld: &[String]) -> (Option<String>, Option<String>) {
        let published = self.published.map(|(_rank, time)| time);
        let modified = self.modified.map(|(_rank, time)| time);
        (
            published.or_else(|| told_in(json_ld, "datePublished")),
            modified.or_else(|| told_in(json_ld, "dateModified")),
        )
    }
}

fn take(known: &mut Stated, names: &[&str], name: &str, content: &str) {
    let rank = names
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name));
    if let Some(rank) = rank
        && known.as_ref().is_none_or(|(best, _)| rank < *best)
    {
        let time = folded(content, MAX_TIME);
        if !time.is_empty() {
            *known = Some((rank, time));
        }
    }
}

/// A property of one of the things that the scripts describe; not of what belongs to these, such as comments.
fn told_in(json_ld: &[String], property: &str) -> Option<String> {
    let mut scripts = json_ld.iter().filter(|script| script.contains(property));
    scripts.find_map(|script| {
        let value: Value = serde_json::from_str(script).ok()?;
        of_thing(&value, property).or_else(|| {
            let members = value.as_array().or_else(|| value.get("@graph")?.as_array());
            let mut members = members?.iter().take(MAX_MEMBERS);
            members.find_map(|member| of_thing(member, property))
        })
    })
}

fn of_thing(value: &Value, property: &str) -> Option<String> {
    let time = folded(value.get(property)?.as_str()?, MAX_TIME);
    (!time.is_empty()).then_some(time)
}
