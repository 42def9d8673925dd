//! Lifecycle stages of contacts and companies: forward by criteria, back only where the settings say so and by way of an empty stage.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{EmailVerdict, Entity, Gate, PortalRecord, Record};
use evergreen_sync::settings::StageRule;
use evergreen_sync::{Settings, explain, recheck};
use world::{acme, by_person, by_us, change, entry, jane, kept_code, now, plan, planner, set, shown, step};

fn stage(to: &str, when: &str) -> StageRule {
    StageRule { to: to.to_owned(), when: when.into() }
}

fn at_stage(record: &mut Record, value: &str) -> PortalRecord {
    let mut portal = PortalRecord { entity: record.entity, ..shown() };
    by_us(&mut portal, record, "lifecyclestage", value, "2026-11-01T00:00:00Z");
    portal
}

#[test]
fn companies_move_by_their_own_criteria() {
    let mut settings = Settings::default();
    settings.lifecycle.company.forward = vec![stage("MQL", "company.numberofemployees >= 50")];
    let planner = planner(&settings);
    let mut company = acme(&[("numberofemployees", "80")]);
    assert_eq!(change(&plan(&planner, &company, None), "lifecyclestage").unwrap().after, "marketingqualifiedlead");
    let portal = at_stage(&mut company, "lead");
    assert_eq!(
        change(&plan(&planner, &company, Some(&portal)), "lifecyclestage").unwrap().before.as_deref(),
        Some("lead")
    );
    let small = acme(&[("numberofemployees", "8")]);
    assert!(change(&plan(&planner, &small, None), "lifecyclestage").is_none());
    assert!(
        change(&plan(&planner, &jane(&[]), None), "lifecyclestage").is_none(),
        "contacts have criteria of their own"
    );
}

#[test]
fn a_move_back_is_emptied_first_and_the_plan_says_so() {
    let mut settings = Settings::default();
    settings.lifecycle.backward = vec![stage("lead", "contact.jobtitle == \"Student\"")];
    let planner = planner(&settings);
    let mut record = jane(&[("jobtitle", "Student")]);
    let portal = at_stage(&mut record, "marketingqualifiedlead");
    let draft = plan(&planner, &record, Some(&portal));
    let back = change(&draft, "lifecyclestage").unwrap();
    assert_eq!((back.after.as_str(), back.clear_first), ("lead", true));
    let text = explain(None, &[step(&draft, &record)]);
    assert!(text.contains("lifecyclestage: \"marketingqualifiedlead\" → empty → \"lead\""), "{text}");
}

#[test]
fn a_move_back_that_forward_would_undo_is_not_made() {
    let mut settings = Settings::default();
    settings.lifecycle.forward = vec![stage("MQL", "verification.score >= 50")];
    settings.lifecycle.backward = vec![stage("lead", "verification.score >= 50")];
    let planner = planner(&settings);
    let mut record = jane(&[]);
    let portal = at_stage(&mut record, "marketingqualifiedlead");
    assert!(change(&plan(&planner, &record, Some(&portal)), "lifecyclestage").is_none());
}

#[test]
fn a_stage_a_person_set_is_not_moved_back() {
    let mut settings = Settings::default();
    settings.lifecycle.backward = vec![stage("lead", "verification.score >= 50")];
    let record = jane(&[]);
    let mut portal = shown();
    by_person(&mut portal, "lifecyclestage", "customer", "2026-11-02T00:00:00Z");
    assert_eq!(kept_code(&plan(&planner(&settings), &record, Some(&portal)), "lifecyclestage"), Some("protected"));
}

#[test]
fn an_invalid_address_recycles_also_from_a_further_stage() {
    let mut settings = Settings::default();
    settings.lifecycle.recycle = Some("lead".to_owned());
    let planner = planner(&settings);
    let mut record = jane(&[]);
    let verdicts = record.verdicts.as_mut().unwrap();
    (verdicts.email, verdicts.gate) = (EmailVerdict::Invalid, Gate::Reject { retry_at: now() });
    let portal = at_stage(&mut record, "customer");
    let draft = plan(&planner, &record, Some(&portal));
    assert!(change(&draft, "lifecyclestage").unwrap().clear_first);
    assert!(change(&plan(&planner, &record, None), "lifecyclestage").is_none());
}

#[test]
fn a_crash_between_emptying_and_setting_goes_on_with_setting() {
    let mut settings = Settings::default();
    settings.lifecycle.backward = vec![stage("lead", "verification.score >= 50")];
    let planner = planner(&settings);
    let mut record = jane(&[]);
    let mut portal = at_stage(&mut record, "customer");
    let step = step(&plan(&planner, &record, Some(&portal)), &record);
    let first = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert_eq!(
        (first.clear.as_slice(), first.write["lifecyclestage"].as_str()),
        (&["lifecyclestage".to_owned()][..], "lead")
    );
    set(&mut portal, "lifecyclestage", entry("", "2026-11-25T09:10:00Z", "INTEGRATION", world::OUR_APP));
    let second = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert!(second.clear.is_empty() && second.stale.is_empty());
    assert_eq!(second.write["lifecyclestage"], "lead");
    // Emptied by a person instead: theirs.
    let mut portal = at_stage(&mut record, "customer");
    by_person(&mut portal, "lifecyclestage", "", "2026-11-25T09:10:00Z");
    assert_eq!(recheck(&planner, &step, Some(&portal), &record.written, now()).stale.len(), 1);
}

#[test]
fn stages_that_a_portal_does_not_have_are_reported_for_companies_too() {
    let mut settings = Settings::default();
    settings.lifecycle.company.backward = vec![stage("Compost", "company.name == \"\"")];
    let findings = planner(&settings).findings();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].what.contains(Entity::Company.object()), "{}", findings[0].what);
}
