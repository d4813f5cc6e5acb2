//! Pages that are made to take memory or time.

use super::recorder::{Token, tokens};
use crate::extract::scan::*;

/// Reads in pieces of 4 KiB.
fn read(html: &str) -> Vec<Token> {
    tokens(html, &vec![4096; html.len() / 4096])
}

fn has_link(tokens: &[Token]) -> bool {
    let link = Token::Start(A, vec![("href".to_owned(), "/next".to_owned())]);
    tokens.contains(&link)
}

#[test]
fn a_page_goes_on_behind_a_tag_of_any_length() {
    let long = "x".repeat(10 << 20);
    for tag in [
        format!("<p title='{long}'>"),
        format!("<p {long}>"),
        format!("<{long}>"),
        format!("<p a={long}>"),
        format!("<!--{long}-->"),
        format!("<!{long}>"),
        format!("<title>{long}</title>"),
        format!("</p {long}>"),
    ] {
        assert!(has_link(&read(&(tag + "<a href=/next>"))));
    }
}

#[test]
fn a_tag_that_is_too_long_has_its_first_attributes() {
    let long = "x".repeat(10 << 20);
    let found = read(&format!("<a href=/next title='{long}' rel=no>"));
    let [Token::Start(A, attributes)] = found.as_slice() else {
        panic!("one link was written");
    };
    assert_eq!(attributes[0].1, "/next");
    assert!(attributes[1].1.len() <= 4 << 20);
    assert_eq!(attributes.len(), 2);
}

#[test]
fn elements_may_be_as_deep_as_they_like() {
    for name in ["div", "svg", "math", "g", "template", "foreignObject"] {
        let depth = 100_000;
        let open = format!("<svg><{name}>").repeat(depth);
        let close = format!("</{name}></path>").repeat(depth);
        assert!(has_link(&read(&format!("{open}{close}<p><a href=/next>"))));
    }
}
