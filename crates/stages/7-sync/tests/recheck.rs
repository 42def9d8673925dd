//! The last look before a write keeps what people did after the plan, and sees what a crash had already done.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::Protection;
use evergreen_sync::settings::PropertyRule;
use evergreen_sync::{Settings, explain, recheck};
use world::{apply, by_person, by_us, jane, now, plan, planner, shown, step};

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings
        .contact
        .properties
        .insert("jobtitle".to_owned(), PropertyRule { protect: Protection::Ours, ..PropertyRule::default() });
    settings
}

#[test]
fn a_human_edit_after_the_plan_is_kept_and_the_rest_goes_on() {
    let planner = planner(&settings());
    let mut record = jane(&[("jobtitle", "VP Engineering"), ("city", "Berlin")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "jobtitle", "CTO", "2026-11-01T09:00:00Z");
    let step = step(&plan(&planner, &record, Some(&portal)), &record);
    by_person(&mut portal, "jobtitle", "Chief Engineer", "2026-11-25T09:10:00Z");
    let checked = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert_eq!(
        checked.stale,
        [("jobtitle".to_owned(), "now \"Chief Engineer\", typed by a person on 25 Nov 2026 09:10 UTC".to_owned())]
    );
    assert_eq!(checked.write["city"], "Berlin");
    assert!(!checked.write.contains_key("jobtitle"));
}

#[test]
fn a_person_who_typed_the_same_text_again_owns_it() {
    let planner = planner(&settings());
    let mut record = jane(&[("jobtitle", "VP Engineering")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "jobtitle", "CTO", "2026-11-01T09:00:00Z");
    let step = step(&plan(&planner, &record, Some(&portal)), &record);
    by_person(&mut portal, "jobtitle", "Boss", "2026-11-25T09:10:00Z");
    by_person(&mut portal, "jobtitle", "CTO", "2026-11-25T09:11:00Z");
    assert_eq!(recheck(&planner, &step, Some(&portal), &record.written, now()).stale.len(), 1);
}

#[test]
fn a_person_who_emptied_a_property_after_the_plan_keeps_it_empty() {
    let planner = planner(&settings());
    let record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    let step = step(&plan(&planner, &record, Some(&portal)), &record);
    by_person(&mut portal, "city", "Bonn", "2026-11-25T09:10:00Z");
    by_person(&mut portal, "city", "", "2026-11-25T09:11:00Z");
    let stale = recheck(&planner, &step, Some(&portal), &record.written, now()).stale;
    assert_eq!(stale, [("city".to_owned(), "emptied by a person on 25 Nov 2026 09:11 UTC".to_owned())]);
}

#[test]
fn what_a_crash_left_written_is_not_written_again() {
    let planner = planner(&settings());
    let record = jane(&[("city", "Berlin")]);
    let draft = plan(&planner, &record, None);
    let step = step(&draft, &record);
    let fresh = recheck(&planner, &step, None, &record.written, now());
    assert_eq!(fresh.write.len(), draft.changes.len());
    // The write arrived, our own store never heard of it.
    let portal = apply(&draft, None, &mut record.clone());
    let again = recheck(&planner, &step, Some(&portal), &record.written, now());
    assert_eq!((again.write.len(), again.stale.len(), again.already.len()), (0, 0, draft.changes.len()));
}

#[test]
fn a_record_deleted_after_the_plan_is_gone() {
    let planner = planner(&settings());
    let mut record = jane(&[("city", "Berlin")]);
    record.portal_id = Some("101".to_owned());
    let step = step(&plan(&planner, &record, Some(&shown())), &record);
    assert!(recheck(&planner, &step, None, &record.written, now()).gone);
    let mut binned = shown();
    binned.archived = true;
    assert!(recheck(&planner, &step, Some(&binned), &record.written, now()).gone);
}

#[test]
fn the_plan_reads_as_text() {
    let planner = planner(&settings());
    let mut record = jane(&[("jobtitle", "VP Engineering"), ("phone", "+14155550100")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "jobtitle", "CTO", "2026-11-01T09:00:00Z");
    by_person(&mut portal, "phone", "+14155550199", "2026-11-22T09:00:00Z");
    for name in evergreen_sync::OWN_PROPERTIES {
        let value = plan(&planner, &record, None)
            .changes
            .iter()
            .find(|change| change.property == *name)
            .map(|change| change.after.clone());
        if let Some(value) = value {
            by_us(&mut portal, &mut record, name, &value, "2026-11-01T09:00:00Z");
        }
    }
    for (name, value) in [("email", "jane@acme.com"), ("firstname", "Jane"), ("lastname", "Doe")] {
        by_person(&mut portal, name, value, "2026-11-01T09:00:00Z");
    }
    insta::assert_snapshot!(explain(None, &[step(&plan(&planner, &record, Some(&portal)), &record)]), @r#"
    ~ contact Jane Doe  jobtitle: "CTO" → "VP Engineering"  (ours; hunter, 12 Nov 2026)
    ~ contact Jane Doe  phone_evergreen: empty → "+14155550100"  (phone is protected; hunter, 12 Nov 2026)
    ! contact Jane Doe  phone kept: typed by a person 3 days ago (rule fill-empty; ours would be "+14155550100")
    "#);
}
