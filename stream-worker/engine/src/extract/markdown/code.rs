//! Code: the exact text of a `<pre>`, its language, and how both are written.

use super::super::dom::{NodeId, Tree};
use super::super::elements::{is_block, is_unseen};

/// Classes of line numbers and the like beside code: Pygments, Rouge, Chroma, highlight.js, Prism, SyntaxHighlighter.
const NUMBERS: [&str; 18] = [
    "blob-num",
    "code-line-number",
    "gutter",
    "hljs-ln-n",
    "hljs-ln-numbers",
    "line-number",
    "line-numbers",
    "line-numbers-rows",
    "linenodiv",
    "lineno",
    "linenos",
    "linenumber",
    "linenumbers",
    "lnlinks",
    "lnt",
    "ln",
    "react-syntax-highlighter-line-number",
    "rouge-gutter",
];
/// Names for code in no language.
const NO_LANGUAGE: [&str; 10] = [
    "default",
    "none",
    "nohighlight",
    "no-highlight",
    "plain",
    "plaintext",
    "text",
    "txt",
    "auto",
    "source",
];

/// The text of preformatted content as a browser shows it, without line numbers and buttons.
pub(super) fn text(tree: &Tree, pre: NodeId) -> String {
    let mut code = String::new();
    let mut skipped = None;
    let mut below_block: Option<NodeId> = None;
    for id in tree.subtree(pre) {
        if skipped.is_some_and(|top| is_within(tree, id, top)) {
            continue;
        }
        // A line of its own ends where the next thing begins.
        if below_block.is_some_and(|block| !is_within(tree, id, block)) {
            below_block = None;
            end_line(&mut code);
        }
        let name = tree.name(id);
        if id != pre && (is_unseen(tree, id) || name == "button" || is_line_number(tree, id)) {
            skipped = Some(id);
        } else if name == "br" {
            code.push('\n');
        } else if id != pre && is_block(name) && !matches!(name, "td" | "th") {
            end_line(&mut code);
            below_block = Some(id);
        } else if let Some(text) = tree.text(id) {
            code.push_str(text);
        }
    }
    let end = code.strip_suffix('\n').map_or(code.len(), str::len);
    code.truncate(end);
    code.replace("\r\n", "\n")
}

fn end_line(code: &mut String) {
    if !code.is_empty() && !code.ends_with('\n') {
        code.push('\n');
    }
}

fn is_within(tree: &Tree, id: NodeId, top: NodeId) -> bool {
    std::iter::successors(Some(id), |id| tree.parent(*id)).any(|above| above == top)
}

/// True if an element is code without a `<pre>`: SyntaxHighlighter replaces it by a table.
pub(super) fn is_highlighted(tree: &Tree, id: NodeId) -> bool {
    tree.name(id) == "div" && tree.has_class(id, &["syntaxhighlighter"])
}

/// True if this element numbers lines.
pub(super) fn is_line_number(tree: &Tree, id: NodeId) -> bool {
    tree.has_class(id, &NUMBERS) && !matches!(tree.name(id), "pre" | "code" | "table" | "")
}

/// True if the text is nothing but line numbers, one after another.
pub(super) fn is_numbering(text: &str) -> bool {
    let mut last: Option<u32> = None;
    for word in text.split_ascii_whitespace() {
        let Ok(number) = word.parse() else {
            return false;
        };
        if last.is_some_and(|last| last.checked_add(1) != Some(number)) {
            return false;
        }
        last = Some(number);
    }
    last.is_some()
}

/// The language that a `<pre>`, its code or what is around it names.
pub(super) fn language(tree: &Tree, pre: NodeId) -> Option<String> {
    let code = tree.children(pre).find(|id| tree.name(*id) == "code");
    let own = [Some(pre), code].into_iter().flatten();
    // A table of line numbers stands between the code and what wraps both.
    let around = std::iter::successors(tree.parent(pre), |id| tree.parent(*id)).take(7);
    let mut around = around.take_while(|id| {
        matches!(
            tree.name(*id),
            "div" | "figure" | "td" | "tr" | "tbody" | "table"
        )
    });
    own.into_iter()
        .find_map(|id| named(tree, id, &OWN_PREFIXES).or_else(|| bare(tree, id)))
        .or_else(|| around.find_map(|id| named(tree, id, &OWN_PREFIXES[..4])))
        .or_else(|| {
            tree.attribute(pre, "lang")
                .filter(|lang| lang.len() > 3)
                .and_then(valid)
        })
}

/// Prefixes of a language in a class. Around code the first ones only: there `lang-en` names the language of its prose.
const OWN_PREFIXES: [&str; 7] = [
    "language-",
    "highlight-source-",
    "highlight-text-",
    "highlight-",
    "lang-",
    "brush:",
    "src-",
];

/// The language in an attribute or a class that says that it is one.
fn named(tree: &Tree, id: NodeId, prefixes: &[&str]) -> Option<String> {
    let attributes = [
        "data-lang",
        "data-language",
        "data-code-lang",
        "data-code-language",
    ];
    let attribute = attributes.iter().find_map(|name| tree.attribute(id, name));
    if let Some(language) = attribute.and_then(valid) {
        return Some(language);
    }
    let classes: Vec<&str> = tree.classes(id).collect();
    classes.iter().enumerate().find_map(|(place, class)| {
        let rest = prefixes
            .iter()
            .find_map(|prefix| class.strip_prefix(prefix))?;
        let rest = rest.trim_end_matches(';');
        let next = classes
            .get(place + 1)
            .map(|class| class.trim_end_matches(';'));
        if rest.is_empty() { next } else { Some(rest) }.and_then(valid)
    })
}

/// The word beside a class that highlighters put on their code.
fn bare(tree: &Tree, id: NodeId) -> Option<String> {
    let marks = [
        "syntaxhighlighter",
        "hljs",
        "sourceCode",
        "prettyprint",
        "src",
        "highlight",
        "shiki",
    ];
    let classes: Vec<&str> = tree.classes(id).collect();
    let is_marked = classes.iter().any(|class| marks.contains(class));
    let others = [
        "numberSource",
        "linenums",
        "numberLines",
        "code",
        "highlight-dark",
        "copyable",
    ];
    let mut words = classes.into_iter().filter(|class| {
        !marks.contains(class) && !others.contains(class) && !class.contains(['-', '_', ':'])
    });
    if is_marked {
        words.next().and_then(valid)
    } else {
        None
    }
}

fn valid(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase().replace(' ', "-");
    let is_word = !name.is_empty()
        && name.len() <= 32
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+#._-".contains(&byte));
    (is_word && !NO_LANGUAGE.contains(&name.as_str())).then_some(name)
}

/// A fenced block. Its fence is longer than any run of backticks within.
pub(super) fn fenced(code: &str, language: Option<&str>) -> String {
    let fence = "`".repeat((longest_run(code) + 1).max(3));
    let language = language.unwrap_or_default();
    format!("{fence}{language}\n{code}\n{fence}")
}

/// A code span.
pub(super) fn span(code: &str) -> String {
    let ticks = "`".repeat(longest_run(code) + 1);
    let is_padded = code.starts_with('`')
        || code.ends_with('`')
        || (code.starts_with(' ') && code.ends_with(' ') && !code.trim().is_empty());
    let pad = if is_padded { " " } else { "" };
    format!("{ticks}{pad}{code}{pad}{ticks}")
}

fn longest_run(code: &str) -> usize {
    code.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}
