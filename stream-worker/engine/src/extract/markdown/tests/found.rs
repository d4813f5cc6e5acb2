//! The elements that a parser of Markdown finds.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The elements that a parser of Markdown finds in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Level and text.
    pub(super) headings: Vec<(u8, String)>,
    /// Language and text.
    pub(super) fences: Vec<(String, String)>,
    /// Rows of cells, the head first.
    pub(super) tables: Vec<Vec<Vec<String>>>,
    pub(super) links: Vec<(String, String)>,
    pub(super) text: String,
}

impl Found {
    pub(super) fn of(markdown: &str) -> Self {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut found = Self::default();
        let (mut starts, mut link) = (Vec::new(), None);
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    found.fences.push((language.to_string(), String::new()));
                    starts.push(found.text.len());
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    panic!("indented code in {markdown:?}")
                }
                Event::End(TagEnd::CodeBlock) => {
                    let code = found.text.split_off(starts.pop().unwrap());
                    found.fences.last_mut().unwrap().1 = code;
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    found.headings.push((level as u8, String::new()));
                    starts.push(found.text.len());
                }
                Event::End(TagEnd::Heading(_)) => {
                    let start = starts.pop().unwrap();
                    found.headings.last_mut().unwrap().1 = found.text[start..].to_owned();
                    found.text.push('\n');
                }
                Event::Start(Tag::Table(_)) => found.tables.push(Vec::new()),
                Event::Start(Tag::TableHead | Tag::TableRow) => {
                    found.tables.last_mut().unwrap().push(Vec::new())
                }
                Event::Start(Tag::TableCell) => starts.push(found.text.len()),
                Event::End(TagEnd::TableCell) => {
                    let cell = found.text[starts.pop().unwrap()..].to_owned();
                    found
                        .tables
                        .last_mut()
                        .unwrap()
                        .last_mut()
                        .unwrap()
                        .push(cell);
                    found.text.push('\n');
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    link = Some((dest_url.to_string(), found.text.len()))
                }
                Event::End(TagEnd::Link) => {
                    let (url, start) = link.take().unwrap();
                    found.links.push((url, found.text[start..].to_owned()));
                }
                Event::Text(text) | Event::Code(text) => found.text.push_str(&text),
                Event::SoftBreak | Event::HardBreak => found.text.push('\n'),
                Event::InlineHtml(tag) if &*tag == "<br>" => found.text.push('\n'),
                Event::InlineHtml(tag)
                    if ["<sup>", "</sup>", "<sub>", "</sub>"].contains(&&*tag) => {}
                Event::Html(tag) | Event::InlineHtml(tag) => {
                    panic!("{tag:?} is HTML in {markdown:?}")
                }
                Event::Rule => found.text.push('\n'),
                Event::End(TagEnd::Paragraph | TagEnd::Item) => found.text.push('\n'),
                _ => {}
            }
        }
        found
    }
}
