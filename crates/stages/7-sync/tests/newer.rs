//! The rule `newer`: over a person only where our evidence is newer by enough days, and with a person's word where it is asked for.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{PortalRecord, Protection, Record};
use evergreen_sync::settings::{Newer, PropertyRule};
use evergreen_sync::{Draft, Planner, Settings, recheck};
use world::{by_person, change, jane, kept_code, now, plan, planner, shown, step};

fn newer(days: u32, hold: bool) -> Planner {
    let mut settings = Settings::default();
    let rule = settings.contact.properties.get_mut("jobtitle").unwrap();
    *rule = PropertyRule { protect: Protection::Newer, newer: Newer { days, hold }, ..rule.clone() };
    planner(&settings)
}

/// Our evidence is of 12 Nov 2026.
fn cto_typed(when: &str) -> (Record, PortalRecord) {
    let mut portal = shown();
    by_person(&mut portal, "jobtitle", "CTO", when);
    (jane(&[("jobtitle", "VP Engineering")]), portal)
}

fn title(planner: &Planner, record: &Record, portal: &PortalRecord) -> Draft {
    plan(planner, record, Some(portal))
}

#[test]
fn newer_evidence_waits_for_a_person_and_goes_to_the_backup_meanwhile() {
    let (record, portal) = cto_typed("2026-06-01T00:00:00Z");
    let draft = title(&newer(90, true), &record, &portal);
    assert!(change(&draft, "jobtitle").is_none());
    assert_eq!(kept_code(&draft, "jobtitle"), Some("needs-approval"));
    assert_eq!(change(&draft, "jobtitle_evergreen").unwrap().after, "VP Engineering");
    let pending = &draft.pending[0];
    assert_eq!((pending.property.as_str(), pending.offered.as_str()), ("jobtitle", "VP Engineering"));
    assert_eq!(
        pending.why,
        "typed by a person 177 days ago; our evidence is newer, a person decides on the review board; ours is from hunter, 12 Nov 2026"
    );
}

#[test]
fn what_a_person_agreed_to_is_written_and_nothing_else() {
    let (mut record, portal) = cto_typed("2026-06-01T00:00:00Z");
    record.approved.insert("jobtitle".to_owned(), "VP  Engineering".to_owned());
    let draft = title(&newer(90, true), &record, &portal);
    let write = change(&draft, "jobtitle").unwrap();
    assert_eq!(write.before.as_deref(), Some("CTO"));
    assert_eq!(write.reason, "rule newer, approved, was typed by a person 177 days ago; hunter, 12 Nov 2026");
    assert!(draft.pending.is_empty());
    record.approved.insert("jobtitle".to_owned(), "Founder".to_owned());
    assert_eq!(kept_code(&title(&newer(90, true), &record, &portal), "jobtitle"), Some("needs-approval"));
}

#[test]
fn without_hold_newer_evidence_is_written_at_once() {
    let (record, portal) = cto_typed("2026-06-01T00:00:00Z");
    let draft = title(&newer(90, false), &record, &portal);
    assert_eq!(
        change(&draft, "jobtitle").unwrap().reason,
        "rule newer, was typed by a person 177 days ago; hunter, 12 Nov 2026"
    );
}

#[test]
fn evidence_that_is_not_newer_by_enough_days_leaves_the_person_alone_even_after_approval() {
    let (mut record, portal) = cto_typed("2026-10-01T00:00:00Z");
    record.approved.insert("jobtitle".to_owned(), "VP Engineering".to_owned());
    let draft = title(&newer(90, true), &record, &portal);
    let kept = draft.kept.iter().find(|kept| kept.property == "jobtitle").unwrap();
    assert_eq!(kept.code, "protected");
    assert_eq!(kept.why, "typed by a person 55 days ago, and our evidence of 12 Nov 2026 is not newer by 90 days");
    assert!(change(&title(&newer(30, true), &record, &portal), "jobtitle").is_some());
    // With no days at all the evidence must still be newer.
    let (record, portal) = cto_typed("2026-11-12T00:00:00Z");
    assert_eq!(kept_code(&title(&newer(0, false), &record, &portal), "jobtitle"), Some("protected"));
}

#[test]
fn a_field_a_person_cleared_stays_empty_and_a_value_of_unknown_age_stays() {
    let (record, mut portal) = cto_typed("2026-05-01T00:00:00Z");
    by_person(&mut portal, "jobtitle", "", "2026-06-01T00:00:00Z");
    assert_eq!(kept_code(&title(&newer(90, false), &record, &portal), "jobtitle"), Some("cleared-by-person"));
    let (record, mut portal) = cto_typed("2026-05-01T00:00:00Z");
    portal.history.clear();
    assert_eq!(kept_code(&title(&newer(90, false), &record, &portal), "jobtitle"), Some("protected"));
}

#[test]
fn a_person_who_typed_the_same_again_after_the_plan_is_kept() {
    let planner = newer(90, false);
    let (record, mut portal) = cto_typed("2026-06-01T00:00:00Z");
    let step = step(&title(&planner, &record, &portal), &record);
    let untouched = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert_eq!(untouched.write["jobtitle"], "VP Engineering");
    by_person(&mut portal, "jobtitle", "Boss", "2026-11-25T09:10:00Z");
    by_person(&mut portal, "jobtitle", "CTO", "2026-11-25T09:11:00Z");
    let checked = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert!(!checked.write.contains_key("jobtitle"));
    assert_eq!(checked.stale[0], ("jobtitle".to_owned(), "typed by a person on 25 Nov 2026 09:11 UTC".to_owned()));
}
