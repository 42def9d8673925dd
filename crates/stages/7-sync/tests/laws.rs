//! Laws that hold for any history of a record: no human value is written over, and a plan after its apply is empty.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{Action, HistoryEntry, PortalRecord, Protection, Record};
use evergreen_sync::settings::PropertyRule;
use evergreen_sync::{Settings, recheck};
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
}
