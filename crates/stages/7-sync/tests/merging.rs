//! Duplicates inside the portal: which record stays by which rule, and what becomes of every field.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::PortalRecord;
use evergreen_sync::settings::PrimaryRule;
use evergreen_sync::{MergeDraft, Settings, propose_merge};
use world::{at, planner, shown};

fn record(id: &str, created: &str, values: &[(&str, &str)]) -> PortalRecord {
    let mut record = PortalRecord { id: id.to_owned(), created_at: at(created), ..shown() };
    record.properties.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    record
}

fn propose(rule: PrimaryRule, left: &PortalRecord, right: &PortalRecord) -> MergeDraft {
    let mut settings = Settings::default();
    settings.merge.primary = rule;
    let planner = planner(&settings);
    let draft = propose_merge(&planner, left, right);
    assert_eq!(draft, propose_merge(&planner, right, left), "the order does not matter");
    draft
}

#[test]
fn the_rule_chooses_the_record_that_stays() {
    let old = record("9", "2025-01-01T00:00:00Z", &[("email", "j@acme.com"), ("lifecyclestage", "lead")]);
    let customer = record("11", "2026-01-01T00:00:00Z", &[("email", "jane@acme.com"), ("lifecyclestage", "customer")]);
    let mut active = old.clone();
    active.properties.insert("notes_last_contacted".to_owned(), "2026-10-01T00:00:00Z".to_owned());
    let mut full = old.clone();
    full.properties.insert("city".to_owned(), "Berlin".to_owned());
    let table = [
        (PrimaryRule::CustomerFirst, &old, "11", "it stands further in the lifecycle"),
        (PrimaryRule::Oldest, &old, "9", "it was created first"),
        (PrimaryRule::Newest, &old, "11", "it was created last"),
        (PrimaryRule::MostComplete, &full, "9", "it has more values"),
        (PrimaryRule::MostActive, &active, "9", "it was in contact last"),
    ];
    for (rule, other, stays, why) in table {
        let draft = propose(rule, other, &customer);
        assert_eq!((draft.primary.as_str(), draft.why.as_str()), (stays, why), "{rule:?}");
    }
}

#[test]
fn equals_are_told_apart_by_completeness_then_age_then_id() {
    let one = record("9", "2026-01-01T00:00:00Z", &[("city", "Berlin")]);
    let more = record("10", "2026-01-01T00:00:00Z", &[("city", "Berlin"), ("phone", "+4930123456")]);
    assert_eq!(propose(PrimaryRule::CustomerFirst, &one, &more).primary, "10");
    let older = record("10", "2025-01-01T00:00:00Z", &[("city", "Berlin")]);
    assert_eq!(propose(PrimaryRule::CustomerFirst, &one, &older).primary, "10");
    let twin = record("10", "2026-01-01T00:00:00Z", &[("city", "Berlin")]);
    assert_eq!(propose(PrimaryRule::CustomerFirst, &one, &twin).primary, "9");
}

#[test]
fn every_field_in_which_they_differ_is_told() {
    let stays = record(
        "9",
        "2025-01-01T00:00:00Z",
        &[("email", "j@acme.com"), ("city", "Berlin"), ("phone", "+1 415 555 0100"), ("num_notes", "4")],
    );
    let ends = record(
        "10",
        "2026-01-01T00:00:00Z",
        &[("email", "jane@acme.com"), ("jobtitle", "CTO"), ("city", "Bonn"), ("phone", "+14155550100")],
    );
    let draft = propose(PrimaryRule::Oldest, &stays, &ends);
    let told: Vec<_> =
        draft.fields.iter().map(|field| (field.property.as_str(), field.survives.as_deref().unwrap())).collect();
    assert_eq!(told, [("city", "Berlin"), ("email", "j@acme.com"), ("jobtitle", "CTO")]);
    assert_eq!(
        draft.fields[1].why,
        "the record that stays keeps its address; the other one becomes an additional address"
    );
    assert_eq!(draft.fields[2].why, "empty in the record that stays, so the other's value is taken over");
}
