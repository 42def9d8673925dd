//! An edit that slips in between our last look and our write is found afterwards and given back; nothing else is.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{Fields, PortalRecord, Protection, Record, Step};
use evergreen_sync::settings::PropertyRule;
use evergreen_sync::{Ours, Overwritten, Planner, Settings, overwritten, remember_restored};
use world::{OUR_APP, by_person, by_us, entry, jane, kept_code, plan, planner, planner_of, set, shown, step};

fn planner_with(protect: Protection) -> Planner {
    let mut settings = Settings::default();
    settings.contact.properties.insert("city".to_owned(), PropertyRule { protect, ..PropertyRule::default() });
    planner(&settings)
}

/// Bonn is ours and Berlin is to be written.
fn before() -> (Record, PortalRecord, Step, Fields) {
    let mut record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "city", "Bonn", "2026-11-01T00:00:00Z");
    let step = step(&plan(&planner_with(Protection::Ours), &record, Some(&portal)), &record);
    (record, portal, step, Fields::from([("city".to_owned(), "Berlin".to_owned())]))
}

/// What happened to the city after our last look, oldest first: who and what.
fn look_back(edits: &[(&str, &str)]) -> Vec<Overwritten> {
    look_back_with(&planner_with(Protection::Ours), edits, true)
}

fn look_back_with(planner: &Planner, edits: &[(&str, &str)], look_kept: bool) -> Vec<Overwritten> {
    let (_, seen, step, wrote) = before();
    let mut after = seen.clone();
    for (second, (who, value)) in edits.iter().enumerate() {
        // Two edits share each second, so that times alone decide nothing.
        let when = format!("2026-11-25T09:10:{:02}Z", second / 2);
        let (kind, id) = match *who {
            "us" => ("INTEGRATION", OUR_APP),
            "app" => ("INTEGRATION", "999"),
            "default" => ("PROPERTY_DEFAULT_VALUE", ""),
            _ => ("CRM_UI", "userId:4400178"),
        };
        set(&mut after, "city", entry(value, &when, kind, id));
    }
    overwritten(planner, &step, &wrote, look_kept.then_some(&seen), &after)
}

#[test]
fn an_edit_that_our_write_covered_is_given_back() {
    let found = look_back(&[("person", "Köln"), ("us", "Berlin")]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].property.as_str(), found[0].restore.as_str()), ("city", "Köln"));
    assert_eq!(found[0].by, "typed by a person on 25 Nov 2026 09:10 UTC");
    assert_eq!(look_back(&[("person", "Köln"), ("person", ""), ("us", "Berlin")])[0].restore, "", "cleared");
    assert_eq!(
        look_back(&[("person", "Köln"), ("person", "Mainz"), ("us", "Berlin")])[0].restore,
        "Mainz",
        "the last one"
    );
    assert_eq!(look_back(&[("app", "Köln"), ("us", "Berlin")])[0].restore, "Köln", "another app counts as a person");
}

#[test]
fn without_a_foreign_edit_in_between_nothing_is_given_back() {
    let nothing: [&[(&str, &str)]; 8] = [
        &[],
        &[("us", "Berlin")],
        &[("us", "Berlin"), ("person", "Köln")],
        &[("person", "Köln"), ("us", "Berlin"), ("person", "Mainz")],
        &[("person", "Berlin")],
        &[("person", "berlin-is-fine"), ("person", "Berlin"), ("us", "Berlin")],
        &[("default", "Köln"), ("us", "Berlin")],
        &[("person", "Köln")],
    ];
    for edits in nothing {
        assert_eq!(look_back(edits), [], "{edits:?}");
    }
}

#[test]
fn entries_of_the_same_instant_are_judged_by_the_value_that_stands() {
    let planner = planner_with(Protection::Ours);
    let (_, seen, step, wrote) = before();
    let mut after = seen.clone();
    let at = "2026-11-25T09:10:00Z";
    set(&mut after, "city", entry("Berlin", at, "INTEGRATION", OUR_APP));
    set(&mut after, "city", entry("Köln", at, "CRM_UI", "userId:4400178"));
    assert_eq!(overwritten(&planner, &step, &wrote, Some(&seen), &after), [], "the person was last");
    after.properties.insert("city".to_owned(), "Berlin".to_owned());
    assert_eq!(overwritten(&planner, &step, &wrote, Some(&seen), &after)[0].restore, "Köln");
}

#[test]
fn after_a_crash_the_plan_tells_what_was_there() {
    let planner = planner_with(Protection::Ours);
    assert_eq!(look_back_with(&planner, &[("person", "Köln"), ("us", "Berlin")], false)[0].restore, "Köln");
    assert_eq!(look_back_with(&planner, &[("us", "Berlin")], false), []);
    assert_eq!(look_back_with(&planner, &[("us", "Berlin"), ("person", "Köln")], false), []);
    // What `newer` was allowed to write over is no accident.
    let (_, mut portal, mut step, wrote) = before();
    step.changes.iter_mut().find(|change| change.property == "city").unwrap().rule = Protection::Newer;
    by_person(&mut portal, "city", "Bonn", "2026-11-02T00:00:00Z");
    set(&mut portal, "city", entry("Berlin", "2026-11-25T09:10:00Z", "INTEGRATION", OUR_APP));
    assert_eq!(overwritten(&planner, &step, &wrote, None, &portal), []);
}

#[test]
fn a_property_that_may_be_written_over_people_is_not_given_back() {
    let (_, seen, mut step, wrote) = before();
    step.changes.iter_mut().find(|change| change.property == "city").unwrap().rule = Protection::Always;
    let mut after = seen.clone();
    by_person(&mut after, "city", "Köln", "2026-11-25T09:10:00Z");
    set(&mut after, "city", entry("Berlin", "2026-11-25T09:10:01Z", "INTEGRATION", OUR_APP));
    assert_eq!(overwritten(&planner_with(Protection::Always), &step, &wrote, Some(&seen), &after), []);
}

#[test]
fn a_value_that_the_portal_spells_otherwise_is_still_ours() {
    let planner = planner(&Settings::default());
    let (record, seen, mut step, _) = before();
    step.changes[0] = evergreen_model::Change {
        property: "phone".to_owned(),
        before: None,
        after: "+14155550100".to_owned(),
        rule: Protection::FillEmpty,
        reason: String::new(),
        evidence: None,
        clear_first: false,
    };
    let wrote = Fields::from([("phone".to_owned(), "+14155550100".to_owned())]);
    let mut after = seen.clone();
    by_person(&mut after, "phone", "+4930123456", "2026-11-25T09:10:00Z");
    set(&mut after, "phone", entry("(415) 555-0100", "2026-11-25T09:10:01Z", "INTEGRATION", OUR_APP));
    assert_eq!(overwritten(&planner, &step, &wrote, Some(&seen), &after)[0].restore, "+4930123456");
    assert!(!record.written.contains_key("phone"));
}

#[test]
fn before_our_id_is_learnt_our_entry_is_known_by_its_value() {
    let planner = planner_of(&Settings::default(), Ours::default());
    assert_eq!(look_back_with(&planner, &[("person", "Köln"), ("us", "Berlin")], true)[0].restore, "Köln");
    assert_eq!(look_back_with(&planner, &[("us", "Berlin")], true), []);
}

#[test]
fn what_was_given_back_is_the_persons_even_when_they_had_cleared_it() {
    let planner = planner_with(Protection::Ours);
    let (mut record, mut portal, _, _) = before();
    by_person(&mut portal, "city", "", "2026-11-25T09:10:00Z");
    by_us(&mut portal, &mut record, "city", "Berlin", "2026-11-25T09:10:01Z");
    set(&mut portal, "city", entry("", "2026-11-25T09:10:02Z", "INTEGRATION", OUR_APP));
    remember_restored(&mut record, "city", "Berlin");
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "city"), Some("undone"));
    record.values.extend(world::values(&[("city", "Hamburg")]));
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "city"), Some("cleared-by-person"));
}
