//! Laws that hold for any history of a record: no human value is written over, and a plan after its apply is empty.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{Action, Entity, HistoryEntry, PortalRecord, Protection, Record};
use evergreen_sync::settings::PropertyRule;
use evergreen_sync::{Meaning, Settings, invert, overwritten, recheck, recheck_undo, remember_undo, same};
use proptest::prelude::*;
use world::{OUR_APP, apply, by_us, entry, jane, now, plan, planner, set, shown, step};

const PROPERTIES: &[&str] = &["jobtitle", "phone", "city", "lifecyclestage", "hs_linkedin_url"];

/// One thing that happened to a property before the plan.
#[derive(Clone, Debug)]
struct Edit {
    property: &'static str,
    value: &'static str,
    writer: Who,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Us,
    Person,
    OtherApp,
    Import,
    Workflow,
    UsUnremembered,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let who = prop_oneof![
        Just(Who::Us),
        Just(Who::Person),
        Just(Who::OtherApp),
        Just(Who::Import),
        Just(Who::Workflow),
        Just(Who::UsUnremembered)
    ];
    let value = prop_oneof![Just(""), Just("lead"), Just("customer"), Just("+14155550100"), Just("+493012345678")];
    let edit = (prop::sample::select(PROPERTIES), value, who).prop_map(|(property, value, writer)| Edit {
        property,
        value,
        writer,
    });
    prop::collection::vec(edit, 0..12)
}

fn rules() -> impl Strategy<Value = Vec<Protection>> {
    let rule = prop_oneof![
        Just(Protection::Never),
        Just(Protection::FillEmpty),
        Just(Protection::Ours),
        Just(Protection::Newer),
        Just(Protection::Always)
    ];
    prop::collection::vec(rule, PROPERTIES.len())
}

fn offered() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let value = prop_oneof![Just("VP Engineering"), Just("+14155550100"), Just("lead")];
    prop::collection::vec((prop::sample::select(&["jobtitle", "phone", "city", "hs_linkedin_url"][..]), value), 0..6)
}

fn settings(rules: &[Protection]) -> Settings {
    let mut settings = Settings::default();
    for (property, protect) in PROPERTIES.iter().zip(rules) {
        if *property == "lifecyclestage" {
            settings.lifecycle.protect = *protect;
            settings.lifecycle.forward = vec![evergreen_sync::settings::StageRule {
                to: "MQL".to_owned(),
                when: "verification.score >= 50".into(),
            }];
        } else {
            let rule = settings.contact.properties.get(*property).cloned().unwrap_or_default();
            settings.contact.properties.insert((*property).to_owned(), PropertyRule { protect: *protect, ..rule });
        }
    }
    settings
}

fn live(edits: &[Edit], record: &mut Record) -> PortalRecord {
    let mut portal = shown();
    for (minute, edit) in edits.iter().enumerate() {
        let when = format!("2026-11-20T09:{minute:02}:00Z");
        let by = |kind: &str, id: &str| -> HistoryEntry { entry(edit.value, &when, kind, id) };
        match edit.writer {
            Who::Us => by_us(&mut portal, record, edit.property, edit.value, &when),
            Who::Person => set(&mut portal, edit.property, by("CRM_UI", "userId:1")),
            Who::OtherApp => set(&mut portal, edit.property, by("INTEGRATION", "999")),
            Who::Import => set(&mut portal, edit.property, by("IMPORT", "5")),
            Who::Workflow => set(&mut portal, edit.property, by("AUTOMATION_PLATFORM", "6")),
            Who::UsUnremembered => set(&mut portal, edit.property, by("INTEGRATION", OUR_APP)),
        }
    }
    portal
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_somebody_else_wrote_is_never_in_the_changes_unless_the_rule_says_always(
        edits in edits(), rules in rules(), known in offered()
    ) {
        let mut record = jane(&known);
        let portal = live(&edits, &mut record);
        let settings = settings(&rules);
        let draft = plan(&planner(&settings), &record, Some(&portal));
        for change in draft.changes.iter().filter(|change| PROPERTIES.contains(&change.property.as_str())) {
            let last = edits.iter().rev().find(|edit| edit.property == change.property);
            let by_another = last.is_some_and(|edit| edit.writer != Who::Us && edit.writer != Who::UsUnremembered);
            // No evidence here is newer by enough days than the edits, so `newer` may not write over anybody either.
            prop_assert!(!by_another || change.rule == Protection::Always, "{change:?} after {last:?}");
            prop_assert!(change.rule != Protection::Never);
        }
    }

    #[test]
    fn a_plan_after_its_apply_is_empty(edits in edits(), rules in rules(), known in offered()) {
        let planner = planner(&settings(&rules));
        let mut record = jane(&known);
        let portal = live(&edits, &mut record);
        let first = plan(&planner, &record, Some(&portal));
        let portal = apply(&first, Some(portal), &mut record);
        let second = plan(&planner, &record, Some(&portal));
        prop_assert_eq!(&second.action, &Action::Nothing);
        prop_assert!(second.changes.is_empty(), "{:?}", second.changes);
    }

    #[test]
    fn a_recheck_of_an_untouched_record_writes_the_whole_step(edits in edits(), rules in rules(), known in offered()) {
        let planner = planner(&settings(&rules));
        let mut record = jane(&known);
        let portal = live(&edits, &mut record);
        let draft = plan(&planner, &record, Some(&portal));
        let checked = recheck(&planner, &step(&draft, &record), Some(&portal), &record.written, now());
        prop_assert!(checked.stale.is_empty() && !checked.gone);
        prop_assert_eq!(checked.write.len() + checked.already.len(), draft.changes.len());
    }

    #[test]
    fn a_recheck_never_writes_more_than_the_plan_nor_over_whoever_came_after_it(
        edits in edits(), later in edits(), rules in rules(), known in offered()
    ) {
        let planner = planner(&settings(&rules));
        let mut record = jane(&known);
        let mut portal = live(&edits, &mut record);
        let step = step(&plan(&planner, &record, Some(&portal)), &record);
        let others: Vec<_> = later.iter().filter(|edit| !matches!(edit.writer, Who::Us | Who::UsUnremembered)).collect();
        for (minute, edit) in others.iter().enumerate() {
            let when = format!("2026-11-25T09:{minute:02}:30Z");
            set(&mut portal, edit.property, entry(edit.value, &when, "CRM_UI", "userId:1"));
        }
        let checked = recheck(&planner, &step, Some(&portal), &record.written, now());
        for (property, value) in &checked.write {
            let change = step.changes.iter().find(|change| change.property == *property);
            prop_assert!(change.is_some_and(|change| change.after == *value), "{property} is not in the plan");
            let touched = others.iter().any(|edit| edit.property == *property);
            prop_assert!(!touched || change.is_some_and(|change| change.rule == Protection::Always), "{property}");
        }
    }

    #[test]
    fn undo_restores_what_was_there_and_undo_of_undo_what_we_wrote(
        edits in edits(), rules in rules(), known in offered()
    ) {
        let planner = planner(&settings(&rules));
        let mut record = jane(&known);
        let before = live(&edits, &mut record);
        let draft = plan(&planner, &record, Some(&before));
        let mut step = step(&draft, &record);
        let mut portal = apply(&draft, Some(before.clone()), &mut record);
        let written = portal.properties.clone();
        for (round, expected) in [&before.properties, &written].into_iter().enumerate() {
            let inverse = invert(&step);
            step.action = inverse.action;
            step.changes = inverse.changes;
            let checked = recheck_undo(&planner, &step, Some(&portal));
            prop_assert!(checked.stale.is_empty(), "{:?}", checked.stale);
            for change in step.changes.iter().filter(|change| checked.write.contains_key(&change.property)) {
                let when = format!("2026-11-25T1{round}:00:00Z");
                set(&mut portal, &change.property, entry(&change.after, &when, "INTEGRATION", OUR_APP));
                remember_undo(&mut record, change);
            }
            prop_assert_eq!(&portal.properties, expected);
        }
    }

    #[test]
    fn nothing_is_given_back_unless_somebody_else_wrote_after_our_look(
        edits in edits(), slipped in edits(), rules in rules(), known in offered()
    ) {
        let planner = planner(&settings(&rules));
        let mut record = jane(&known);
        let seen = live(&edits, &mut record);
        let draft = plan(&planner, &record, Some(&seen));
        let step = step(&draft, &record);
        let mut after = seen.clone();
        for edit in &slipped {
            // All within one instant, so that times tell nothing.
            let (kind, id) = match edit.writer {
                Who::Us | Who::UsUnremembered => ("INTEGRATION", OUR_APP),
                _ => ("CRM_UI", "userId:1"),
            };
            set(&mut after, edit.property, entry(edit.value, "2026-11-25T09:30:00Z", kind, id));
        }
        let after = apply(&draft, Some(after), &mut record);
        let wrote = draft.changes.iter().map(|change| (change.property.clone(), change.after.clone())).collect();
        let foreign = |property: &str| {
            let theirs = |edit: &&Edit| edit.property == property && !matches!(edit.writer, Who::Us | Who::UsUnremembered);
            slipped.iter().rev().find(theirs).map(|edit| edit.value)
        };
        for found in overwritten(&planner, &step, &wrote, Some(&seen), &after) {
            prop_assert_eq!(Some(found.restore.as_str()), foreign(&found.property), "{}", found.property);
        }
    }

    #[test]
    fn meaning_the_same_is_symmetric_and_holds_for_a_value_and_itself(one in value(), other in value(), which in 0..11_usize) {
        let meaning = MEANINGS[which];
        prop_assert!(same(meaning, &one, &one));
        prop_assert_eq!(same(meaning, &one, &other), same(meaning, &other, &one), "{:?}", meaning);
    }

    #[test]
    fn a_fitted_value_fits_unchanged_in_meaning(text in value(), which in 0..4_usize) {
        let (entity, property) = [
            (Entity::Company, "numberofemployees"),
            (Entity::Company, "industry"),
            (Entity::Contact, "jobtitle"),
            (Entity::Contact, "last_verified_at"),
        ][which];
        let planner = planner(&Settings::default());
        let schema = planner.schema(entity);
        if let Ok(fitted) = schema.fit(property, &text) {
            let again = schema.fit(property, &fitted);
            prop_assert!(again.as_ref().is_ok_and(|again| same(schema.meaning(entity, property), again, &fitted)), "{text:?}: {again:?}");
        }
    }
}

const MEANINGS: [Meaning; 11] = [
    Meaning::Text,
    Meaning::Email,
    Meaning::Phone,
    Meaning::Url,
    Meaning::Number,
    Meaning::Flag,
    Meaning::Time,
    Meaning::Day,
    Meaning::Choice,
    Meaning::Choices,
    Meaning::Text,
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[+]?[0-9 ()x-]{0,18}",
        "-?[0-9]{1,3}([, ][0-9]{3}){0,3}([.][0-9]{0,3})?",
        "(https?://)?(www[.]|de[.])?(linkedin[.]com|acme[.]com)(/[a-zA-Z]{0,3}){0,2}/?([?](utm_a=1|a=2)?)?",
        "20[0-9]{2}-1[0-2]-[0-2][0-9](T0[0-9]:30:00(Z|[+]01:00))?",
        "[;ABab ]{0,8}",
        "(computer software|COMPUTER_SOFTWARE|Banking|yes|No|true|0)",
    ]
}
