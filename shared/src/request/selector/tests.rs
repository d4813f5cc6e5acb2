use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn conditions(text: &str) -> Vec<Condition> {
    let selector = CssSelector::parse(text).unwrap();
    assert_eq!(selector.alternatives().len(), 1);
    let Complex(compounds) = &selector.alternatives()[0];
    assert_eq!(compounds.len(), 1);
    compounds[0].1.0.clone()
}

#[test]
fn a_compound_selector_is_its_conditions() {
    let attribute = |operator, wanted: &str, ignores_case| Condition::Attribute {
        name: "data-x".to_owned(),
        value: Some(AttributeValue {
            operator,
            wanted: wanted.to_owned(),
            ignores_case,
        }),
    };
    assert_eq!(
        conditions("DIV#a.b-c.d_e[hidden]"),
        [
            Condition::Type("div".to_owned()),
            Condition::Id("a".to_owned()),
            Condition::Class("b-c".to_owned()),
            Condition::Class("d_e".to_owned()),
            Condition::Attribute {
                name: "hidden".to_owned(),
                value: None
            },
        ]
    );
    assert_eq!(
        conditions("[data-x^='a ]b']"),
        [attribute(Operator::Begins, "a ]b", false)]
    );
    assert_eq!(
        conditions("[ DATA-X *= abc i ]"),
        [attribute(Operator::Contains, "abc", true)]
    );
    assert_eq!(
        conditions(".md\\:flex.\\31 st"),
        [
            Condition::Class("md:flex".to_owned()),
            Condition::Class("1st".to_owned())
        ]
    );
    assert_eq!(conditions("*"), []);
    let small = |name: &str| Compound(vec![Condition::Type(name.to_owned())]);
    assert_eq!(
        conditions(":not( a , b )"),
        [Condition::Not(vec![small("a"), small("b")])]
    );
}

#[test]
fn combinators_stand_between_compounds() {
    let selector = CssSelector::parse("a b>c + d ~ e, f").unwrap();
    let combinators: Vec<Vec<Combinator>> = selector
        .alternatives()
        .iter()
        .map(|Complex(compounds)| compounds.iter().map(|(how, _)| *how).collect())
        .collect();
    assert_eq!(
        combinators,
        [
            vec![
                Combinator::Descendant,
                Combinator::Descendant,
                Combinator::Child,
                Combinator::Next,
                Combinator::Later
            ],
            vec![Combinator::Descendant]
        ]
    );
    assert_eq!(selector.as_str(), "a b>c + d ~ e, f");
}

#[rstest]
#[case("", "it ends where an element is expected")]
#[case("a,", "it ends where an element is expected")]
#[case("> a", "'>' is no element")]
#[case("a >", "it ends where an element is expected")]
#[case("a..b", "'.' stands where a name is expected")]
#[case("a[href", "a [ is not closed")]
#[case("a[href=\"x]", "a \" is not closed")]
#[case("a[href!=x]", "an attribute is compared with")]
#[case("a:hover", ":hover is not known here")]
#[case("a:not(b c)", "only one element may stand")]
#[case("a:not(b:is(c))", ":is cannot stand within parentheses")]
#[case("a::before", "':' stands where a name is expected")]
#[case("a)", "')' has no meaning there")]
#[case("a{}", "'{' has no meaning there")]
#[case("a a a a a a a a a a a a a a a a a", "it has more than 16 parts")]
fn what_is_wrong_with_a_selector_is_said(#[case] text: &str, #[case] said: &str) {
    let fault = CssSelector::parse(text).unwrap_err();
    assert!(fault.contains(said), "{fault}");
}

#[rstest]
#[case(Operator::Equals, "a b", "a b", true)]
#[case(Operator::HasWord, "a bc", "b", false)]
#[case(Operator::HasWord, "a b c", "b", true)]
#[case(Operator::HasLanguage, "de-AT", "de", true)]
#[case(Operator::HasLanguage, "den", "de", false)]
#[case(Operator::Begins, "abc", "ab", true)]
#[case(Operator::Ends, "abc", "bc", true)]
#[case(Operator::Contains, "abc", "b", true)]
#[case(Operator::Contains, "abc", "", false)]
fn values_are_compared_as_css_does(
    #[case] operator: Operator,
    #[case] value: &str,
    #[case] wanted: &str,
    #[case] matches: bool,
) {
    let exact = AttributeValue {
        operator,
        wanted: wanted.to_owned(),
        ignores_case: false,
    };
    assert_eq!(exact.matches(value), matches);
    let loose = AttributeValue {
        wanted: wanted.to_uppercase(),
        ignores_case: true,
        ..exact
    };
    assert_eq!(loose.matches(value), matches);
}

proptest! {
    #[test]
    fn no_selector_makes_the_reader_panic(text in "[a-c#.:,>+~ ()\\[\\]='\"\\\\0-9é*|^$-]{0,40}") {
        if let Ok(selector) = CssSelector::parse(&text) {
            prop_assert!(!selector.alternatives().is_empty());
        }
    }
}
