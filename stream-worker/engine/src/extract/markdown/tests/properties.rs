//! Markdown against a parser of it, and against the page's own tree.

use proptest::prelude::*;

use super::found::Found;
use super::links::unknown_links;
use super::{markdown, read, whole_markdown};

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Text that looks like structure, as much as a page may hold.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("word"),
        Just(" "),
        Just("*"),
        Just("_"),
        Just("`"),
        Just("#"),
        Just("# "),
        Just("- "),
        Just("1. "),
        Just("|"),
        Just("["),
        Just("]("),
        Just("x)"),
        Just("]: "),
        Just("!"),
        Just("<b>"),
        Just("&amp;"),
        Just("&"),
        Just("\\"),
        Just("~~"),
        Just("~"),
        Just("> "),
        Just("+ "),
        Just("==="),
        Just("---"),
        Just("```"),
        Just("é"),
        Just("\u{a0}"),
        Just("^"),
        Just(":"),
        Just("[x] "),
        Just("$"),
        Just("a_b"),
        Just("2) "),
        Just("("),
        Just(")"),
        Just("."),
    ];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[derive(Debug, Clone)]
struct Cell {
    tag: &'static str,
    columns: usize,
    rows: usize,
    text: String,
}

fn cell() -> impl Strategy<Value = Cell> {
    let tag = prop_oneof![3 => Just("td"), 1 => Just("th")];
    let span = || prop_oneof![5 => Just(1_usize), 1 => 2_usize..4];
    (tag, span(), span(), text()).prop_map(|(tag, columns, rows, text)| Cell {
        tag,
        columns,
        rows,
        text,
    })
}

/// The place where the standard's algorithm puts each cell of a table in one group: its text by row and column.
fn placed(rows: &[Vec<Cell>]) -> Vec<(usize, usize, &str)> {
    let mut taken = std::collections::HashSet::new();
    let mut places = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for cell in row {
            while taken.contains(&(y, x)) {
                x += 1;
            }
            places.push((y, x, cell.text.as_str()));
            for dy in 0..cell.rows {
                for dx in 0..cell.columns {
                    taken.insert((y + dy, x + dx));
                }
            }
            x += cell.columns;
        }
    }
    places
}

fn inline() -> impl Strategy<Value = String> {
    let leaf = text().prop_map(|text| escaped(&text));
    leaf.prop_recursive(3, 12, 4, |inner| {
        let tag = prop_oneof![
            Just("b"),
            Just("i"),
            Just("em"),
            Just("strong"),
            Just("code"),
            Just("span"),
            Just("s"),
            Just("sup")
        ];
        prop_oneof![
            (tag, inner.clone()).prop_map(|(tag, inner)| format!("<{tag}>{inner}</{tag}>")),
            prop::collection::vec(inner, 1..4).prop_map(|parts| parts.concat()),
        ]
    })
}

fn block() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        inline().prop_map(|inner| format!("<p>{inner}</p>")),
        inline().prop_map(|inner| format!("<h2>x{inner}</h2>")),
        inline().prop_map(|inner| format!("<p>l<a href='/l?a=1&b(2)'>x{inner}</a></p>")),
        text().prop_map(|code| format!("<pre class=lang-rust>x\n{}\n  y</pre>", escaped(&code))),
        text().prop_map(|text| format!(
            "<table><tr><th>k<th>v<tr><td>{}<td>z</table>",
            escaped(&text)
        )),
        inline(),
        Just("<hr>".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let tag = prop_oneof![
            Just("div"),
            Just("ul><li"),
            Just("ol><li"),
            Just("ol start=4><li"),
            Just("blockquote"),
            Just("section"),
            Just("dl><dt>t<dd"),
        ];
        (tag, prop::collection::vec(inner, 1..4)).prop_map(|(tag, inner)| {
            let name = tag.split(['>', ' ']).next().unwrap_or_default();
            format!("<{tag}>{}</{name}>", inner.concat())
        })
    })
}

/// A reference as pages write them: relative, absolute, with entities, spaces and other schemes, or none at all.
fn reference() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("/"),
        Just("//o.example"),
        Just("https:"),
        Just("HTTP://u.example"),
        Just("mailto:"),
        Just("javascript:"),
        Just("x@"),
        Just("a"),
        Just("é"),
        Just(".."),
        Just("?q=1"),
        Just("&amp;b=2"),
        Just("&copy=3"),
        Just("#part"),
        Just(" "),
        Just("\n"),
        Just("\\"),
        Just("("),
        Just(")"),
        Just("&lt;"),
        Just("&gt;"),
        Just("%zz"),
        Just("|"),
        Just("*"),
        Just("_"),
        Just("["),
        Just("]"),
        Just(":80"),
        Just("&#x1F600;"),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// An element with a link, well formed or not.
fn linking() -> impl Strategy<Value = String> {
    let shape = prop_oneof![
        Just("<p><a href=\"@\">x</a>"),
        Just("<p><a href='@'>x"),
        Just("<a href=\"@\"><h2>x</h2><p>y</a>"),
        Just("<ul><li><a title='>' href=\"@\">x</a></ul>"),
        Just("<table><tr><th>x<td><a href=\"@\">y|z</a></table>"),
        Just("<h2><a href=\"@\">x</a></h2>"),
        Just("<noscript><p><a href=\"@\">x</a></noscript>"),
        Just("<template><a href=\"@\">x</a></template>"),
        Just("<pre><a href=\"@\">x</a></pre>"),
        Just("<p><a href=\"@\"><img src=/i.png alt=x></a>"),
        Just("<p><a href=\"@\" href=/second>x</a>"),
        Just("<base href=\"@\">"),
    ];
    (shape, reference()).prop_map(|(shape, href)| shape.replace('@', &href))
}

proptest! {
    #[test]
    fn every_link_is_absolute_and_among_the_links_of_its_page(parts in prop::collection::vec(linking(), 1..6)) {
        let page = read(&parts.concat());
        let unknown = unknown_links(&page);
        prop_assert!(unknown.is_empty(), "{unknown:?} in {:?}", page.markdown);
    }

    #[test]
    fn every_word_of_a_table_stands_in_its_column(
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..5), 2..6),
    ) {
        let mut html = String::from("<table>");
        for row in &rows {
            html.push_str("<tr>");
            for Cell { tag, columns, rows, text } in row {
                html.push_str(&format!("<{tag} colspan={columns} rowspan={rows}>{}</{tag}>", escaped(text)));
            }
        }
        html.push_str("</table>");
        let text = markdown(&html);
        let found = Found::of(&text);
        prop_assert_eq!(found.tables.len(), 1, "{}", text);
        let table = &found.tables[0];
        let has_head = rows[0].iter().all(|cell| cell.tag == "th");
        for (y, x, cell) in placed(&rows) {
            let y = if has_head { y } else { y + 1 };
            prop_assert_eq!(words(&table[y][x]), words(cell), "{}", text);
        }
    }

    #[test]
    fn the_text_of_a_pre_stands_line_for_line_in_a_fence(
        lines in prop::collection::vec(prop_oneof![text(), Just(String::new()), Just("    indented".to_owned())], 1..8),
        around in prop_oneof![Just(("", "")), Just(("<ul><li>", "</ul>")), Just(("<blockquote>", "</blockquote>")), Just(("<dl><dt>x<dd>", "</dl>"))],
    ) {
        let code = format!("x\n{}", lines.join("\n"));
        let html = format!("{}<pre><code class=language-c>{}\n</code></pre>{}", around.0, escaped(&code), around.1);
        let found = Found::of(&markdown(&html));
        prop_assert_eq!(found.fences, [("c".to_owned(), format!("{code}\n"))]);
    }

    #[test]
    fn a_paragraph_reads_as_its_text(text in text(), more in text()) {
        let html = format!("<p>{}<br>{}", escaped(&text), escaped(&more));
        let text_of_page = format!("{text}\n{more}");
        let written = markdown(&html);
        let found = Found::of(&written);
        prop_assert_eq!(words(&found.text), words(&text_of_page), "{}", written);
        prop_assert!(found.headings.is_empty() && found.links.is_empty() && found.fences.is_empty(), "{}", written);
    }

    #[test]
    fn marked_text_reads_as_its_text(inner in inline()) {
        let html = format!("<p>{inner}");
        let written = markdown(&html);
        let tree = crate::extract::dom::parse(&html).unwrap();
        let text = tree.text_of(tree.root());
        let found = Found::of(&written);
        prop_assert_eq!(words(&found.text), words(&text), "{}", written);
    }

    #[test]
    fn a_parser_finds_the_structure_of_the_page(blocks in prop::collection::vec(block(), 1..6)) {
        let html = blocks.concat();
        let written = whole_markdown(&html);
        let found = Found::of(&written);
        let tree = crate::extract::dom::parse(&html).unwrap();
        let count = |name: &str| tree.subtree(tree.root()).filter(|id| tree.name(*id) == name).count();
        prop_assert_eq!(found.headings.len(), count("h2"), "{}", written);
        prop_assert_eq!(found.fences.len(), count("pre"), "{}", written);
        prop_assert_eq!(found.tables.len(), count("table"), "{}", written);
        prop_assert_eq!(found.links.len(), count("a"), "{}", written);
        prop_assert!(found.links.iter().all(|(url, _)| url == "https://h.example/l?a=1&b(2)"), "{}", written);
    }

    #[test]
    fn no_page_makes_it_panic(html in "[<>/ a-z\u{1}\"=#*`|]{0,120}") {
        let _content = markdown(&html);
    }
}
