//! Which value of a field survives, and why.

#![allow(clippy::unwrap_used)] // a broken fixture must fail the test, also in its helpers

use std::collections::BTreeMap;

use evergreen_model::{Entity, Evidence, EvidenceId, RecordId, Source};
use evergreen_resolve::survivorship::{golden, offered};
use evergreen_resolve::{Rule, Settings};
use jiff::Timestamp;
use proptest::prelude::*;

fn said(id: i64, source: Source, day: i64, fields: &[(&str, &str)]) -> Evidence {
    Evidence {
        id: EvidenceId(id),
        record: RecordId(1),
        source,
        run: None,
        at: Timestamp::from_second(day * 86_400).unwrap(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        confidence: 100,
        call: None,
        row: None,
    }
}

fn list(id: i64, name: &str, day: i64, fields: &[(&str, &str)]) -> Evidence {
    said(id, Source::List(name.to_owned()), day, fields)
}

fn provider(id: i64, name: &str, confidence: u8, day: i64, fields: &[(&str, &str)]) -> Evidence {
    Evidence { confidence, ..said(id, Source::Provider(name.to_owned()), day, fields) }
}

fn chosen(evidence: &[Evidence], settings: &Settings, field: &str) -> (String, String) {
    let golden = golden(Entity::Contact, evidence, settings);
    let value = &golden[field];
    (value.value.clone(), value.why.clone())
}

fn with(field: &str, rule: Rule) -> Settings {
    Settings { survivorship: BTreeMap::from([(field.to_owned(), rule)]), ..Settings::default() }
}

#[test]
fn by_default_a_person_beats_the_portal_beats_a_provider_beats_a_table_beats_a_list() {
    let mut evidence = vec![
        list(1, "a.csv", 9, &[("jobtitle", "List")]),
        said(2, Source::Table("own".to_owned()), 8, &[("jobtitle", "Table")]),
        provider(3, "hunter", 95, 7, &[("jobtitle", "Provider")]),
        said(4, Source::Crm, 6, &[("jobtitle", "Portal")]),
        said(5, Source::Person("jo".to_owned()), 5, &[("jobtitle", "Person")]),
    ];
    for winner in ["Person", "Portal", "Provider", "Table", "List"] {
        assert_eq!(chosen(&evidence, &Settings::default(), "jobtitle").0, winner);
        evidence.pop();
    }
}

#[test]
fn an_unsure_provider_loses_to_a_list() {
    let evidence = [provider(1, "hunter", 50, 9, &[("phone", "+1")]), list(2, "a.csv", 1, &[("phone", "+2")])];
    assert_eq!(chosen(&evidence, &Settings::default(), "phone"), ("+2".to_owned(), "most trusted of 2".to_owned()));
}

#[test]
fn a_source_can_be_trusted_by_name() {
    let evidence = [list(1, "badges.csv", 1, &[("city", "Ulm")]), said(2, Source::Crm, 9, &[("city", "Bonn")])];
    let mut settings = Settings::default();
    settings.source_trust.insert("list:badges.csv".to_owned(), 99);
    assert_eq!(chosen(&evidence, &settings, "city").0, "Ulm");
}

#[test]
fn among_lists_the_newest_wins_and_ties_go_to_the_later_evidence() {
    let evidence = [
        list(1, "a.csv", 5, &[("jobtitle", "CEO")]),
        list(2, "b.csv", 7, &[("jobtitle", "CTO")]),
        list(3, "c.csv", 7, &[("jobtitle", "CFO")]),
    ];
    assert_eq!(chosen(&evidence, &Settings::default(), "jobtitle"), ("CFO".to_owned(), "newest of 3".to_owned()));
}

#[test]
fn only_the_newest_word_of_a_source_counts() {
    let evidence = [
        said(1, Source::Crm, 1, &[("jobtitle", "Old title, and long")]),
        said(2, Source::Crm, 2, &[("jobtitle", "New")]),
        list(3, "a.csv", 9, &[("jobtitle", "Listed")]),
    ];
    assert_eq!(chosen(&evidence, &with("jobtitle", Rule::Longest), "jobtitle").0, "Listed");
    assert_eq!(chosen(&evidence, &Settings::default(), "jobtitle").0, "New");
}

#[test]
fn the_portal_keeps_what_it_owns_even_against_a_person() {
    let evidence = [
        said(1, Source::Crm, 1, &[("lifecyclestage", "customer"), ("hs_email_optout", "true")]),
        said(2, Source::Person("jo".to_owned()), 9, &[("lifecyclestage", "lead")]),
    ];
    assert_eq!(
        chosen(&evidence, &Settings::default(), "lifecyclestage"),
        ("customer".to_owned(), "portal wins".to_owned())
    );
    let without = [evidence[1].clone()];
    assert_eq!(chosen(&without, &Settings::default(), "lifecyclestage").0, "lead");
}

#[test]
fn each_rule_chooses_as_it_says() {
    let evidence = [
        said(1, Source::Crm, 3, &[("company", "Acme")]),
        list(2, "a.csv", 9, &[("company", "ACME Corporation")]),
        list(3, "b.csv", 2, &[("company", "Acme Inc")]),
        provider(4, "hunter", 95, 1, &[("company", "Acme, Inc.")]),
        provider(5, "other", 60, 8, &[("company", "Acme Corporation of America")]),
    ];
    for (rule, value, why) in [
        (Rule::PortalWins, "Acme", "portal wins"),
        (Rule::Newest, "ACME Corporation", "newest of 5"),
        (Rule::MostTrusted, "Acme", "most trusted of 5"),
        (Rule::Longest, "Acme Corporation of America", "longest of 5"),
        (Rule::Majority, "Acme, Inc.", "2 of 5 sources agree"),
        (Rule::Verified, "Acme, Inc.", "verified by hunter"),
    ] {
        assert_eq!(
            chosen(&evidence, &with("company", rule), "company"),
            (value.to_owned(), why.to_owned()),
            "{rule:?}"
        );
    }
}

#[test]
fn rules_without_their_source_fall_back_to_trust() {
    let evidence = [list(1, "a.csv", 1, &[("company", "A")]), list(2, "b.csv", 2, &[("company", "B")])];
    for rule in [Rule::PortalWins, Rule::Verified] {
        assert_eq!(chosen(&evidence, &with("company", rule), "company").0, "B");
    }
}

#[test]
fn an_initial_never_beats_a_name_unless_a_person_typed_it() {
    let portal = said(1, Source::Crm, 9, &[("firstname", "J."), ("lastname", "Doe")]);
    let listed = list(2, "a.csv", 1, &[("firstname", "Jane"), ("lastname", "Doe")]);
    assert_eq!(
        chosen(&[portal.clone(), listed.clone()], &Settings::default(), "firstname"),
        ("Jane".to_owned(), "most trusted of 2, initials passed over".to_owned())
    );
    let typed = Evidence { source: Source::Person("jo".to_owned()), ..portal };
    assert_eq!(chosen(&[typed, listed], &Settings::default(), "firstname").0, "J.");
}

#[test]
fn a_place_is_not_mixed_from_two_places() {
    let portal = said(1, Source::Crm, 1, &[("city", "Berlin"), ("country", "Germany")]);
    let listed = list(2, "a.csv", 9, &[("city", "Paris"), ("zip", "75001"), ("country", "France")]);
    let agreeing = list(3, "b.csv", 2, &[("country", "Germany"), ("zip", "10115")]);
    let values = golden(Entity::Contact, &[portal.clone(), listed.clone()], &Settings::default());
    assert_eq!(values.get("zip"), None);
    let values = golden(Entity::Contact, &[portal, listed, agreeing], &Settings::default());
    assert_eq!(values["zip"].value, "10115");
}

#[test]
fn sources_that_agree_say_so_and_the_origin_is_kept() {
    let evidence =
        [said(1, Source::Crm, 1, &[("phone", "+4930901820")]), list(2, "a.csv", 2, &[("phone", "030 901820")])];
    let values = golden(Entity::Contact, &evidence, &Settings::default());
    let phone = &values["phone"];
    assert_eq!(
        (phone.value.as_str(), phone.why.as_str(), phone.evidence),
        ("+4930901820", "2 sources agree", EvidenceId(1))
    );
    assert_eq!(chosen(&evidence[..1], &Settings::default(), "phone").1, "only value");
}

#[test]
fn what_is_offered_leaves_the_portal_out() {
    let evidence = [
        said(1, Source::Crm, 9, &[("jobtitle", "Boss"), ("city", "Ulm")]),
        list(2, "a.csv", 1, &[("jobtitle", "CEO")]),
    ];
    let values = offered(Entity::Contact, &evidence, &Settings::default());
    assert_eq!(values["jobtitle"].value, "CEO");
    assert!(!values.contains_key("city"));
    assert!(golden(Entity::Contact, &[], &Settings::default()).is_empty());
}

fn evidence() -> impl Strategy<Value = Vec<Evidence>> {
    let source = prop::sample::select(vec![
        Source::Crm,
        Source::List("a".to_owned()),
        Source::List("b".to_owned()),
        Source::Provider("p".to_owned()),
        Source::Person("x".to_owned()),
    ]);
    let word = || prop::sample::select(vec!["", "J.", "Jane", "jane", "Berlin", "Paris"]);
    prop::collection::vec((source, 0..3_i64, 40..100_u8, word(), word(), word()), 0..7).prop_map(|pieces| {
        let numbered = pieces.into_iter().enumerate();
        numbered
            .map(|(id, (source, day, confidence, first, city, country))| Evidence {
                confidence,
                ..said(id as i64, source, day, &[("firstname", first), ("city", city), ("country", country)])
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_evidence_makes_no_difference(
        (pieces, shuffled) in evidence().prop_flat_map(|pieces| (Just(pieces.clone()), Just(pieces).prop_shuffle())),
        rule in prop::sample::select(vec![Rule::PortalWins, Rule::Newest, Rule::MostTrusted, Rule::Longest, Rule::Majority, Rule::Verified]),
    ) {
        let settings = with("firstname", rule);
        prop_assert_eq!(golden(Entity::Contact, &pieces, &settings), golden(Entity::Contact, &shuffled, &settings));
    }

    #[test]
    fn every_field_somebody_filled_has_a_value_that_somebody_said(pieces in evidence()) {
        let values = golden(Entity::Contact, &pieces, &Settings::default());
        let said: Vec<&str> = pieces.iter().filter_map(|piece| piece.fields.get("firstname")).map(String::as_str).filter(|value| !value.is_empty()).collect();
        prop_assert_eq!(values.get("firstname").map(|value| said.contains(&value.value.as_str())), (!said.is_empty()).then_some(true));
    }
}
