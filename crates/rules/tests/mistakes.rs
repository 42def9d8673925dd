//! Mistakes in rules and what is said about them: the place, the reason and the guess.

use evergreen_rules::{Known, Rule};

/// The words underlined, the message and the guess.
fn complaint(source: &str) -> (String, String, Option<String>) {
    let problem = Rule::compile(source, &Known::standard()).expect_err(source);
    (source[problem.at.clone()].to_owned(), problem.message, problem.suggestion)
}

#[test]
fn a_mistake_is_underlined_explained_and_corrected() {
    let cases = [
        (
            "company.numberofemployes > 5",
            "company.numberofemployes",
            "`company` has no field `numberofemployes`",
            Some("company.numberofemployees"),
        ),
        (
            "company.employees > 5",
            "company.employees",
            "`company` has no field `employees`",
            Some("company.numberofemployees"),
        ),
        (
            "contact.numberofemployees > 5",
            "contact.numberofemployees",
            "`contact` has no field `numberofemployees`",
            Some("company.numberofemployees"),
        ),
        (
            "true && numberofemployees > 5",
            "numberofemployees",
            "there is no `numberofemployees`",
            Some("company.numberofemployees"),
        ),
        (
            "compny.country == \"US\"",
            "compny.country",
            "there is no object `compny`; rules know `company`, `contact`, `record`, `verification`",
            Some("company.country"),
        ),
        ("has(contact.emial)", "contact.emial", "`contact` has no field `emial`", Some("contact.email")),
        ("contact.jobtitle.startWith(\"VP\")", "startWith", "there is no function `startWith`", Some("startsWith")),
        (
            "company.numberofemployees > \"50\"",
            "\"50\"",
            "`company.numberofemployees` is a number and `\"50\"` is a text: they cannot be compared",
            Some("50"),
        ),
        (
            "contact.hs_email_optout == \"true\"",
            "\"true\"",
            "`contact.hs_email_optout` is true or false and `\"true\"` is a text: they cannot be compared",
            Some("true"),
        ),
        ("company.country == 1", "1", "`company.country` is a text and `1` is a number: they cannot be compared", None),
        (
            "company.country in [\"US\", 5]",
            "5",
            "`company.country` is a text and `5` is a number: they cannot be compared",
            None,
        ),
        (
            "\"sales\" in contact.jobtitle",
            "\"sales\" in contact.jobtitle",
            "`in` needs a list in square brackets behind it",
            Some("contact.jobtitle.contains(\"sales\")"),
        ),
        ("company.country", "company.country", "a rule must be true or false, but `company.country` is a text", None),
        (
            "company.country && true",
            "company.country",
            "`&&` must be true or false, but `company.country` is a text",
            None,
        ),
        ("contact.listed_at > \"soon\"", "\"soon\"", "`\"soon\"` is not a date such as \"2026-01-31\"", None),
        ("contact.jobtitle.matches(\"(a\")", "\"(a\"", "this is not a regular expression: unclosed group", None),
        ("company.country == null", "null", "nothing is compared with null; ask `has(company.country)` instead", None),
        ("company", "company", "`company` is not a value; name one of its fields, such as `company.address`", None),
        ("company.country.name == \"x\"", "company.country.name", "fields have no parts; write `object.field`", None),
        (
            "startsWith(company.name)",
            "startsWith(company.name",
            "`startsWith` takes a text and one more text here, not 1",
            None,
        ),
        ("\"é\" + company.nme == \"x\"", "company.nme", "`company` has no field `nme`", Some("company.name")),
    ];
    for (source, at, message, suggestion) in cases {
        assert_eq!(complaint(source), (at.to_owned(), message.to_owned(), suggestion.map(str::to_owned)), "{source}");
    }
}

#[test]
fn text_that_is_no_rule_is_refused_with_a_place() {
    for source in
        ["", "   ", "company.country ==", "(true", "true &&& false", "a b", "\"open", "if x then y", "has(5)", "$", "ü"]
    {
        let problem = Rule::compile(source, &Known::standard()).expect_err(source);
        assert!(!problem.message.is_empty() && !problem.message.contains('\n'), "{source}: {problem}");
        assert!(source.get(problem.at.clone()).is_some(), "{source}: {:?}", problem.at);
    }
    let problem = Rule::compile("true &&\n  (company.country ==)", &Known::standard()).unwrap_err();
    assert_eq!(problem.at.start, 29, "{problem}");
}

#[test]
fn deep_and_long_rules_are_refused_instead_of_overflowing() {
    let chains = [
        "(".repeat(5_000),
        "1+".repeat(9_000) + "1 > 0",
        "x".repeat(30_000),
        "true ? ".repeat(2_000),
        "[".repeat(9_000),
    ];
    for source in chains {
        assert!(Rule::compile(&source, &Known::standard()).is_err());
    }
    for source in
        ["!".repeat(19_000) + "true", "-".repeat(9_000) + "1 > 0", "a.".repeat(9_000) + "b", "!(".repeat(9_000)]
    {
        // Whatever they are, they end in an answer and not in a crash.
        let _ = Rule::compile(&source, &Known::standard());
    }
    let long =
        format!("company.country in [{}]", (0..2_000).map(|n| format!("\"c{n}\"")).collect::<Vec<_>>().join(","));
    assert!(Rule::compile(&long, &Known::standard()).is_ok());
    let chain = vec!["has(company.country)"; 500].join(" && ");
    assert!(Rule::compile(&chain, &Known::standard()).is_ok());
}
