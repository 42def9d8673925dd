//! Undo takes back what is still ours, archives only what nobody else touched, and says why not.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{Action, Change, PortalRecord, Protection, Record, RecordId, Step};
use evergreen_sync::{Settings, archive_view, invert, recheck_undo, remember_undo};
use world::{OUR_APP, apply, by_person, by_us, change, entry, jane, kept_code, plan, planner, set, shown, step};

fn undo_of(step: &Step) -> Step {
    let inverse = invert(step);
    Step { action: inverse.action, changes: inverse.changes, kept: inverse.kept, ..step.clone() }
}

/// Writes what the recheck lets through, the way apply does.
fn take_back(undo: &Step, portal: &mut PortalRecord, record: &mut Record, minute: u32) -> usize {
    let checked = recheck_undo(&planner(&Settings::default()), undo, Some(portal));
    for (property, value) in &checked.write {
        let when = format!("2026-11-25T10:{minute:02}:00Z");
        set(portal, property, entry(value, &when, "INTEGRATION", OUR_APP));
        let done = undo.changes.iter().find(|change| change.property == *property).unwrap();
        remember_undo(record, done);
    }
    checked.write.len()
}

/// Jane in the portal, and the step that filled her title and city.
fn filled() -> (Record, PortalRecord, Step) {
    let mut record = jane(&[("jobtitle", "VP Engineering"), ("city", "Berlin")]);
    let mut portal = shown();
    let draft = plan(&planner(&Settings::default()), &record, Some(&portal));
    let step = step(&draft, &record);
    portal = apply(&draft, Some(portal), &mut record);
    (record, portal, step)
}

#[test]
fn a_value_is_taken_back_only_where_the_newest_entry_is_still_ours() {
    let (_, mut portal, step) = filled();
    by_person(&mut portal, "city", "Bonn", "2026-11-25T09:40:00Z");
    let checked = recheck_undo(&planner(&Settings::default()), &undo_of(&step), Some(&portal));
    assert_eq!(checked.write["jobtitle"], "");
    assert!(!checked.write.contains_key("city"));
    assert_eq!(
        checked.stale,
        [("city".to_owned(), "now \"Bonn\", typed by a person on 25 Nov 2026 09:40 UTC".to_owned())]
    );
}

#[test]
fn the_same_text_typed_by_a_person_and_a_value_we_changed_later_stay() {
    let (mut record, mut portal, step) = filled();
    by_person(&mut portal, "city", "Berlin", "2026-11-25T09:40:00Z");
    by_us(&mut portal, &mut record, "jobtitle", "CEO", "2026-11-25T09:41:00Z");
    let checked = recheck_undo(&planner(&Settings::default()), &undo_of(&step), Some(&portal));
    let stale: Vec<_> = checked.stale.iter().map(|(property, why)| (property.as_str(), why.as_str())).collect();
    assert!(stale.contains(&("city", "now \"Berlin\", typed by a person on 25 Nov 2026 09:40 UTC")), "{stale:?}");
    assert!(stale.contains(&("jobtitle", "now \"CEO\", written by Evergreen later")), "{stale:?}");
}

#[test]
fn undo_gives_back_what_was_there_and_undo_of_undo_our_value_again() {
    let (mut record, mut portal, step) = filled();
    let written = portal.properties.clone();
    let undo = undo_of(&step);
    assert_eq!(take_back(&undo, &mut portal, &mut record, 0), step.changes.len());
    assert_eq!(portal.properties, shown().properties);
    assert_eq!(record.undone["city"], "Berlin");
    assert_eq!(take_back(&undo_of(&undo), &mut portal, &mut record, 1), step.changes.len());
    assert_eq!(portal.properties, written);
    assert!(!record.undone.contains_key("city"));
    assert_eq!(record.written["city"], "Berlin");
}

#[test]
fn what_was_taken_back_is_not_offered_again_but_another_value_is() {
    let (mut record, mut portal, step) = filled();
    take_back(&undo_of(&step), &mut portal, &mut record, 0);
    let planner = planner(&Settings::default());
    let draft = plan(&planner, &record, Some(&portal));
    assert_eq!(kept_code(&draft, "city"), Some("undone"));
    assert!(change(&draft, "enrichment_status").is_some(), "what only we keep is never a matter of opinion");
    record.values.extend(world::values(&[("city", "Hamburg")]));
    assert_eq!(change(&plan(&planner, &record, Some(&portal)), "city").unwrap().after, "Hamburg");
}

#[test]
fn a_persons_value_that_undo_gave_back_is_not_ours() {
    let mut settings = Settings::default();
    settings.contact.properties.get_mut("city").unwrap().protect = Protection::Always;
    let mut record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    by_person(&mut portal, "city", "Bonn", "2026-11-01T00:00:00Z");
    let draft = plan(&planner(&settings), &record, Some(&portal));
    let step = step(&draft, &record);
    portal = apply(&draft, Some(portal), &mut record);
    take_back(&undo_of(&step), &mut portal, &mut record, 0);
    assert_eq!(portal.properties["city"], "Bonn");
    settings.contact.properties.get_mut("city").unwrap().protect = Protection::Ours;
    record.values.extend(world::values(&[("city", "Hamburg")]));
    assert_eq!(kept_code(&plan(&planner(&settings), &record, Some(&portal)), "city"), Some("protected"));
}

/// Jane as Evergreen made her, and the step that did.
fn created() -> (PortalRecord, Step) {
    let mut record = jane(&[("city", "Berlin")]);
    let draft = plan(&planner(&Settings::default()), &record, None);
    let step = step(&draft, &record);
    (apply(&draft, None, &mut record), step)
}

#[test]
fn a_record_we_created_is_archived_only_where_nobody_else_touched_it() {
    let planner = planner(&Settings::default());
    let (fresh, step) = created();
    let undo = undo_of(&step);
    assert_eq!(undo.action, Action::Archive);
    let refusal = |portal: &PortalRecord| {
        let checked = recheck_undo(&planner, &undo, Some(portal));
        assert_eq!(checked.archive, checked.stale.is_empty());
        checked.stale.first().map(|(_, why)| why.clone())
    };
    let mut portal = fresh.clone();
    set(&mut portal, "lifecyclestage", entry("lead", "2026-11-25T09:30:01Z", "PROPERTY_DEFAULT_VALUE", ""));
    set(&mut portal, "hs_calculated", entry("1", "2026-11-25T09:30:02Z", "CALCULATED", ""));
    assert_eq!(refusal(&portal), None, "HubSpot itself is nobody");

    let mut portal = fresh.clone();
    by_person(&mut portal, "hs_lead_status", "OPEN", "2026-11-25T09:40:00Z");
    assert_eq!(refusal(&portal).unwrap(), "typed by a person on 25 Nov 2026 09:40 UTC");

    let mut portal = fresh.clone();
    by_person(&mut portal, "city", "Bonn", "2026-11-25T09:40:00Z");
    set(&mut portal, "city", entry("Berlin", "2026-11-25T09:41:00Z", "INTEGRATION", OUR_APP));
    assert!(refusal(&portal).is_some(), "a person was here, even if we wrote last");

    for (property, value) in
        [("num_notes", "2"), ("notes_last_contacted", "2026-11-25T09:40:00Z"), ("num_associated_deals", "1")]
    {
        let mut portal = fresh.clone();
        portal.properties.insert(property.to_owned(), value.to_owned());
        assert!(refusal(&portal).unwrap().contains(property), "{property}");
    }
    let mut portal = fresh.clone();
    portal.properties.insert("num_notes".to_owned(), "0".to_owned());
    assert_eq!(refusal(&portal), None);

    let mut portal = fresh.clone();
    portal.history.remove("city");
    assert_eq!(refusal(&portal).unwrap(), "the portal does not tell who wrote it last");

    assert!(recheck_undo(&planner, &undo, None).gone);
}

#[test]
fn an_archive_is_looked_at_with_every_property_somebody_could_have_touched() {
    let view = archive_view(&planner(&Settings::default()), evergreen_model::Entity::Contact);
    for name in ["hs_lead_status", "jobtitle", "evergreen_id", "lifecyclestage"] {
        assert!(view.iter().any(|seen| seen == name), "{name}");
    }
}

#[test]
fn a_creation_taken_back_is_made_again_by_taking_that_back() {
    let (portal, step) = created();
    let again = undo_of(&undo_of(&step));
    assert_eq!(again.action, Action::Create);
    let checked = recheck_undo(&planner(&Settings::default()), &again, None);
    assert_eq!(checked.write, portal.properties);
}

#[test]
fn a_stage_goes_back_by_way_of_an_empty_one() {
    let (mut record, mut portal, mut step) = filled();
    by_us(&mut portal, &mut record, "lifecyclestage", "customer", "2026-11-25T09:30:00Z");
    step.changes = vec![Change {
        property: "lifecyclestage".to_owned(),
        before: Some("lead".to_owned()),
        after: "customer".to_owned(),
        rule: Protection::Ours,
        reason: String::new(),
        evidence: None,
        clear_first: false,
    }];
    let undo = undo_of(&step);
    assert!(undo.changes[0].clear_first);
    let checked = recheck_undo(&planner(&Settings::default()), &undo, Some(&portal));
    assert_eq!((checked.clear.len(), checked.write["lifecyclestage"].as_str()), (1, "lead"));
    set(&mut portal, "lifecyclestage", entry("", "2026-11-25T10:00:00Z", "INTEGRATION", OUR_APP));
    let after_a_crash = recheck_undo(&planner(&Settings::default()), &undo, Some(&portal));
    assert_eq!((after_a_crash.clear.len(), after_a_crash.write["lifecyclestage"].as_str()), (0, "lead"));
    assert!(!undo_of(&undo).changes[0].clear_first);
}

#[test]
fn links_are_taken_away_again_and_merges_and_mails_stay_with_a_reason() {
    let (_, _, step) = filled();
    let with = |action: Action| invert(&Step { action, changes: Vec::new(), ..step.clone() });
    let company = RecordId(20);
    assert_eq!(with(Action::Associate { company }).action, Action::Unlink { company });
    assert_eq!(with(Action::Unlink { company }).action, Action::Associate { company });
    let merge = with(Action::Merge { other: RecordId(3), other_portal_id: "103".to_owned() });
    assert_eq!((merge.action, merge.reason.unwrap().code.as_str()), (Action::Nothing, "merge-is-final"));
    let enroll = with(Action::Enroll { campaign: "2710262".to_owned() });
    assert_eq!((enroll.action, enroll.reason.unwrap().code.as_str()), (Action::Nothing, "enrolled"));
}

#[test]
fn without_our_source_id_nothing_is_taken_back() {
    let (_, mut portal, step) = filled();
    for entries in portal.history.values_mut() {
        entries[0].source_id = Some("999".to_owned());
    }
    let checked = recheck_undo(&planner(&Settings::default()), &undo_of(&step), Some(&portal));
    assert!(checked.write.is_empty());
    assert_eq!(checked.stale.len(), step.changes.len());
}
