//! A page as a Markdown file: front matter that every reader of YAML takes, then the content.

use shared::event::{Fetched, Progress};

/// The file of a page.
pub(super) fn markdown_file(page: &Progress, fetched: &Fetched, markdown: &str) -> String {
    let url = fetched.redirected_to.as_ref().unwrap_or(&page.url);
    let title = fetched.title.as_deref().unwrap_or_default();
    let end = if markdown.ends_with('\n') { "" } else { "\n" };
    format!(
        "---\nurl: {}\ntitle: {}\nstatus: {}\n{}---\n\n{markdown}{end}",
        quoted(url),
        quoted(title),
        fetched.status,
        said(fetched)
    )
}

/// Lines for what the page says of itself, where it does.
fn said(fetched: &Fetched) -> String {
    let Some(metadata) = &fetched.formats.metadata else {
        return String::new();
    };
    let fields = [
        ("description", &metadata.description),
        ("language", &metadata.language),
        ("published", &metadata.published_time),
        ("modified", &metadata.modified_time),
    ];
    let line = |(name, value): (&str, &Option<String>)| {
        let value = value.as_deref()?;
        Some(format!("{name}: {}\n", quoted(value)))
    };
    fields.into_iter().filter_map(line).collect()
}

/// The front matter of a file, its lines of dashes included, and the content.
pub(super) fn split(file: &str) -> Option<(&str, &str)> {
    let rest = file.strip_prefix("---\n")?;
    let end = rest.find("\n---\n")? + "---\n".len() + "\n---\n".len();
    Some(file.split_at(end))
}

/// A text in the double quotes of YAML, which takes what JSON escapes.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text serialises")
}

#[cfg(test)]
mod tests {
    use shared::event::{PageFormats, PageMetadata, PageResult};
    use shared::{Counts, Timestamp};

    use super::*;

    #[test]
    fn a_title_stays_within_its_quotes() {
        let fetched = Fetched {
            status: 200,
            title: Some("a: \"b\"\n---\nc".to_owned()),
            formats: PageFormats {
                metadata: Some(PageMetadata {
                    description: Some("d: e".to_owned()),
                    published_time: Some("2026-11-01".to_owned()),
                    ..PageMetadata::default()
                }),
                ..PageFormats::default()
            },
            ..Fetched::default()
        };
        let page = Progress {
            at: Timestamp::from_millis(0),
            url: "https://a.example/".to_owned(),
            depth: 0,
            referrer: None,
            result: PageResult::Fetched(Box::new(fetched.clone())),
            counts: Counts::default(),
            percent: 0,
        };
        let file = markdown_file(&page, &fetched, "# One");
        let (head, content) = split(&file).unwrap();
        assert_eq!(
            head,
            "---\nurl: \"https://a.example/\"\ntitle: \"a: \\\"b\\\"\\n---\\nc\"\nstatus: 200\ndescription: \"d: e\"\n\
             published: \"2026-11-01\"\n---\n"
        );
        assert_eq!(content, "\n# One\n");
    }
}
