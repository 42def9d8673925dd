//! Laws of rules, tried on random input: Kleene's logic holds, answers only grow sharper, nothing panics.

use std::collections::BTreeMap;

use evergreen_model::Truth;
use evergreen_model::field::FieldKind;
use evergreen_rules::{Known, Rule};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn known() -> Known {
    Known::nothing().with("f", &NAMES.map(|name| (name, FieldKind::Flag)))
}

fn ask(source: &str, facts: &BTreeMap<&str, bool>) -> Truth {
    let rule = Rule::compile(source, &known()).unwrap_or_else(|problem| panic!("{source}: {problem}"));
    rule.ask(&|_: &str, field: &str| facts.get(field).map(ToString::to_string)).truth
}

/// Any boolean expression over four flags.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(&NAMES[..]).prop_map(|name| format!("f.{name}")),
        Just("true".to_owned()),
        Just("false".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| format!("!({x})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x}) && ({y})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x}) || ({y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("({x}) == ({y})")),
        ]
    })
}

/// Some of the flags, known.
fn facts() -> impl Strategy<Value = BTreeMap<&'static str, bool>> {
    proptest::collection::btree_map(proptest::sample::select(&NAMES[..]), any::<bool>(), 0..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn kleenes_laws_hold(x in expression(), y in expression(), facts in facts()) {
        let ask = |source: String| ask(&source, &facts);
        let (a, b) = (ask(x.clone()), ask(y.clone()));
        let and = match (a, b) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Unknown,
        };
        prop_assert_eq!(ask(format!("({x}) && ({y})")), and);
        prop_assert_eq!(ask(format!("({y}) && ({x})")), and);
        prop_assert_eq!(ask(format!("!(!({x}) || !({y}))")), and, "De Morgan");
        prop_assert_eq!(ask(format!("!(!({x}))")), a);
    }

    #[test]
    fn an_answer_once_given_stays_when_more_becomes_known(x in expression(), facts in facts(), more in facts()) {
        let before = ask(&x, &facts);
        let mut all = more;
        all.extend(facts);
        let after = ask(&x, &all);
        prop_assert!(before == Truth::Unknown || before == after, "{x}: {before:?} became {after:?}");
    }

    #[test]
    fn with_everything_known_nothing_is_unknown(x in expression(), values in proptest::array::uniform4(any::<bool>())) {
        let facts: BTreeMap<&str, bool> = NAMES.into_iter().zip(values).collect();
        prop_assert!(ask(&x, &facts) != Truth::Unknown);
    }

    #[test]
    fn any_text_is_compiled_or_refused_at_a_place_within_it(source in any::<String>()) {
        if let Err(problem) = Rule::compile(&source, &Known::standard()) {
            prop_assert!(source.get(problem.at).is_some());
        }
    }

    #[test]
    fn rule_like_text_is_compiled_or_refused_at_a_place_within_it(
        source in "(company|contact|[a-z]{1,3}|\\.|country|numberofemployees|has|\\(|\\)|\\[|\\]|,|\"|é|&&|\\|\\||!|==|<| in |[0-9]{1,2}|\\+|\\?|:| |\n){0,14}",
        value in any::<String>(),
    ) {
        match Rule::compile(&source, &Known::standard()) {
            Ok(rule) => { let _ = rule.ask(&|_: &str, _: &str| Some(value.clone())); }
            Err(problem) => prop_assert!(source.get(problem.at).is_some()),
        }
    }
}
