//! A tree as HTML (HTML, section "serialising HTML fragments").

use html_escape::{encode_double_quoted_attribute_to_string, encode_text_to_string};

use super::dom::{NodeId, Tree};

/// Elements that have no content and no end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements whose text is written as it is.
const RAW: [&str; 7] = [
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
    "script",
    "style",
    "xmp",
];

/// Decides which elements and attributes of a tree are written, and in which form.
pub(super) trait Writing {
    /// Decides how much of an element is written.
    fn element(&self, tree: &Tree, id: NodeId) -> Part;

    /// The value of an attribute as it is to be written; nothing if it is left out.
    fn attribute<'a>(&self, name: &str, value: &'a str) -> Option<std::borrow::Cow<'a, str>>;
}

/// The parts of an element that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// Its children alone, without its tags.
    Content,
    /// Nothing.
    None,
}

/// Everything, as it is.
pub(super) struct AsItIs;

impl Writing for AsItIs {
    fn element(&self, _tree: &Tree, _id: NodeId) -> Part {
        Part::Whole
    }

    fn attribute<'a>(&self, _name: &str, value: &'a str) -> Option<std::borrow::Cow<'a, str>> {
        Some(value.into())
    }
}

/// The content of `root` as HTML. Nothing in it recurses: a tree may be deep.
pub(super) fn html(tree: &Tree, root: NodeId, writing: &impl Writing) -> String {
    let mut html = String::new();
    // Nodes that are to be written, and elements that are to be closed, the next one last.
    let mut todo: Vec<Todo> = Vec::new();
    push_children(tree, root, &mut todo);
    while let Some(next) = todo.pop() {
        match next {
            Todo::Close(id) => close(&mut html, tree, id),
            Todo::Node(id) => {
                if let Some(text) = tree.text(id) {
                    write_text(&mut html, tree, id, text);
                    continue;
                }
                let Some(name) = tree.element_name(id) else {
                    continue;
                };
                let part = writing.element(tree, id);
                if part == Part::None {
                    continue;
                }
                if part == Part::Whole {
                    open(&mut html, tree, id, name, writing);
                    if VOID.contains(&name) {
                        continue;
                    }
                    todo.push(Todo::Close(id));
                }
                push_children(tree, id, &mut todo);
            }
        }
    }
    html
}

enum Todo {
    Node(NodeId),
    Close(NodeId),
}

fn push_children(tree: &Tree, id: NodeId, todo: &mut Vec<Todo>) {
    let first = todo.len();
    todo.extend(tree.children(id).map(Todo::Node));
    todo[first..].reverse();
}

fn open(html: &mut String, tree: &Tree, id: NodeId, name: &str, writing: &impl Writing) {
    html.push('<');
    html.push_str(name);
    for (attribute, value) in tree.attributes(id) {
        if let Some(value) = writing.attribute(attribute, value) {
            html.push(' ');
            html.push_str(attribute);
            html.push_str("=\"");
            encode_double_quoted_attribute_to_string(&value, html);
            html.push('"');
        }
    }
    html.push('>');
    // A parser drops the first line end of these.
    if matches!(name, "pre" | "listing" | "textarea") && begins_with_line_end(tree, id) {
        html.push('\n');
    }
}

fn begins_with_line_end(tree: &Tree, id: NodeId) -> bool {
    let first = tree.children(id).next().and_then(|first| tree.text(first));
    first.is_some_and(|text| text.starts_with('\n'))
}

fn close(html: &mut String, tree: &Tree, id: NodeId) {
    html.push_str("</");
    html.push_str(tree.element_name(id).unwrap_or_default());
    html.push('>');
}

fn write_text(html: &mut String, tree: &Tree, id: NodeId, text: &str) {
    let parent = tree.parent(id).and_then(|parent| tree.element_name(parent));
    if parent.is_some_and(|parent| RAW.contains(&parent)) {
        html.push_str(text);
    } else {
        encode_text_to_string(text, html);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::dom;
    use super::*;

    fn rewritten(page: &str) -> String {
        let tree = dom::parse(page).unwrap();
        html(&tree, tree.root(), &AsItIs)
    }

    #[rstest]
    fn the_first_line_end_of_preformatted_text_is_written_twice(
        #[values("pre", "listing", "textarea")] name: &str,
    ) {
        let page =
            |text: &str| format!("<html><head></head><body><{name}>{text}</{name}></body></html>");
        assert_eq!(rewritten(&page("\n\nx")), page("\n\nx"));
        assert_eq!(rewritten(&page("x")), page("x"));
    }

    #[rstest]
    fn text_that_is_no_mark_up_is_written_as_it_is(
        #[values("iframe", "noembed", "noframes", "script", "style", "xmp")] name: &str,
    ) {
        let page =
            format!("<html><head></head><body><i></i><{name}>a &amp; <b></{name}></body></html>");
        assert_eq!(rewritten(&page), page);
    }

    #[rstest]
    #[case::text("<p>\n1 &amp;lt; 2</p>")]
    #[case::attributes("<p title=\"&quot;a&quot; &amp;amp; b\">x</p>")]
    #[case::void_elements("<p>a<br>b<img src=\"c\"><input>d</p>")]
    #[case::drawings("<svg><path d=\"M0\"></path></svg>")]
    fn elements_are_written_as_a_parser_reads_them(#[case] body: &str) {
        let written = rewritten(body);
        assert_eq!(rewritten(&written), written);
        assert!(
            written.contains(&format!("<body>{body}</body>")),
            "{written}"
        );
    }
}
