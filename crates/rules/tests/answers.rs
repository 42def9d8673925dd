//! Rules and what they say, as a table: one line per case with its expected answer.

use evergreen_model::Truth;
use evergreen_rules::{Known, Rule};

/// A contact at a company whose headcount nobody knows and whose revenue somebody mistyped.
fn fact(object: &str, field: &str) -> Option<String> {
    let value = match (object, field) {
        ("contact", "email") => "Jane.Doe@Acme.com",
        ("contact", "jobtitle") => "VP Sales",
        ("contact", "phone") => "+1 (202) 555-0143",
        ("contact", "hs_linkedin_url") => "https://www.LinkedIn.com/in/jane-doe/",
        ("contact", "hs_email_optout") => "false",
        ("contact", "listed_at") => "2026-03-01",
        ("contact", "city") => "  ",
        ("company", "name") => "Acme",
        ("company", "domain") => "acme.com",
        ("company", "country") => "US",
        ("company", "annualrevenue") => "about 5 million",
        ("company", "founded_year") => "2011",
        ("verification", "score") => "85",
        _ => return None,
    };
    Some(value.to_owned())
}

#[track_caller]
fn says(expected: Truth, rules: &[&str]) {
    for source in rules {
        let rule = Rule::compile(source, &Known::standard()).unwrap_or_else(|problem| panic!("{source}: {problem}"));
        let answer = rule.ask(&fact);
        assert_eq!(answer.truth, expected, "{source}");
        assert_eq!(answer.missing.is_empty(), expected != Truth::Unknown, "{source}: {:?}", answer.missing);
    }
}

#[test]
fn these_rules_say_yes() {
    says(
        Truth::Yes,
        &[
            r#"company.country == "US""#,
            r#"company.country in ["US", "CA"]"#,
            r#"!(company.country in ["DE"])"#,
            r#"contact.email == "jane.doe@ACME.com""#,
            r#"contact.email in ["X@y.com", "JANE.DOE@acme.com"]"#,
            r#"contact.email.endsWith("@ACME.com")"#,
            r#"contact.email.matches("^jane\\.doe@ACME")"#,
            r#"contact.phone == "+12025550143""#,
            r#"contact.hs_linkedin_url == "linkedin.com/in/jane-doe""#,
            r#"contact.hs_linkedin_url.contains("linkedin.com/in/")"#,
            r#"contact.jobtitle.startsWith("VP")"#,
            r#"lower(contact.jobtitle).contains("sales")"#,
            r#"contact.jobtitle.lower() == "vp sales""#,
            r#"contact.jobtitle.matches("(?i)^(vp|head) ")"#,
            r#"["vp", "chief"].exists(word, lower(contact.jobtitle).contains(word))"#,
            r#"["V", "S"].all(word, contact.jobtitle.contains(word))"#,
            "verification.score >= 80",
            "verification.score + 5 * 2 == 95 && 7 / 2 == 3.5 && -verification.score < 0 && 7 % 4 == 3",
            "number(company.founded_year) > 2010",
            "!contact.hs_email_optout",
            r#"contact.listed_at >= "2026-01-01""#,
            r#"contact.listed_at < timestamp("2026-03-01T00:00:01Z")"#,
            "has(contact.email) && !has(company.numberofemployees) && !has(contact.city)",
            "has(company.annualrevenue)",
            "size(company.name) == 4",
            r#"company.name + "!" == "Acme!""#,
            r#"verification.score > 50 ? company.country == "US" : false"#,
            "company.numberofemployees > 5 || true",
            "true || company.numberofemployees > 5",
            "!(company.numberofemployees > 5 && false)",
            "(company.numberofemployees > 5 ? 1 : 1) == 1",
        ],
    );
}

#[test]
fn these_rules_say_no() {
    says(
        Truth::No,
        &[
            r#"company.country != "US""#,
            r#"company.numberofemployees > 5 && company.country == "DE""#,
            r#"company.country == "DE" && company.numberofemployees > 5"#,
            "has(company.numberofemployees)",
            r#"company.country in []"#,
            "[].exists(x, x)",
            "false",
        ],
    );
}

#[test]
fn these_rules_cannot_say_yet_and_name_what_is_missing() {
    let cases: [(&str, &[&str]); 9] = [
        ("company.numberofemployees > 5", &["company.numberofemployees"]),
        ("!(company.numberofemployees > 5)", &["company.numberofemployees"]),
        (r#"contact.city == "Boston""#, &["contact.city"]),
        (r#"company.numberofemployees > 5 && company.country == "US""#, &["company.numberofemployees"]),
        (r#"(company.numberofemployees > 5 && false) || company.industry == "x""#, &["company.industry"]),
        (
            r#"company.numberofemployees > 5 || company.industry in ["a"]"#,
            &["company.numberofemployees", "company.industry"],
        ),
        ("company.annualrevenue > 5", &[r#"company.annualrevenue ("about 5 million" is not a number)"#]),
        ("number(company.name) > 5", &[r#""Acme" is not a number"#]),
        ("1 / 0 > 5", &["a sum without a result (division by zero)"]),
    ];
    for (source, missing) in cases {
        let answer = Rule::compile(source, &Known::standard()).unwrap().ask(&fact);
        assert_eq!(
            (answer.truth, answer.missing.as_slice()),
            (Truth::Unknown, &missing.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
            "{source}"
        );
    }
}

#[test]
fn a_rule_knows_its_fields_and_its_text() {
    let source = r#"has(contact.email) && company.country == "US" && contact.email != """#;
    let rule = Rule::compile(source, &Known::standard()).unwrap();
    assert_eq!(rule.source(), source);
    assert_eq!(rule.fields(), [("contact".into(), "email".into()), ("company".to_owned(), "country".to_owned())]);
}

#[test]
fn a_vocabulary_can_be_narrowed_and_widened() {
    use evergreen_model::field::FieldKind;
    let known = Known::standard().without("contact").with("record", &[("bounces", FieldKind::Number)]);
    assert!(Rule::compile("has(contact.email)", &known).is_err());
    assert!(Rule::compile("record.bounces > 1", &known).is_ok());
}
