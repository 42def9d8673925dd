//! Whose edits count: named people or everybody but some, by id, team or address; whoever cannot be placed counts as a person.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::Protection;
use evergreen_sync::settings::{Groups, People, PropertyRule};
use evergreen_sync::{Settings, plan_record};
use world::{by_us, change, entry, jane, kept_code, now, plan, planner, set, shown};

/// `city` by the rule `ours`; sales is a team, ops one user.
fn settings(whose: &[&str]) -> Settings {
    let mut settings = Settings::default();
    let groups = Groups(whose.iter().map(|name| (*name).to_owned()).collect());
    let rule = PropertyRule { protect: Protection::Ours, last_modified_by: Some(groups), ..PropertyRule::default() };
    settings.contact.properties.insert("city".to_owned(), rule);
    settings.people.insert("sales".to_owned(), People { teams: ["sales".to_owned()].into(), ..People::default() });
    settings
        .people
        .insert("ops".to_owned(), People { emails: ["USER7@acme.com".to_owned()].into(), ..People::default() });
    settings
}

fn is_written(settings: &Settings, writer: (&str, &str)) -> bool {
    let record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    set(&mut portal, "city", entry("Bonn", "2026-11-01T00:00:00Z", writer.0, writer.1));
    let draft = plan(&planner(settings), &record, Some(&portal));
    assert_eq!(change(&draft, "city").is_none(), kept_code(&draft, "city") == Some("protected"));
    change(&draft, "city").is_some()
}

#[test]
fn only_edits_of_the_named_people_are_protected() {
    let sales = settings(&["sales"]);
    assert!(!is_written(&sales, ("CRM_UI", "userId:4400178")), "sales");
    assert!(is_written(&sales, ("CRM_UI", "userId:7")), "operations");
    assert!(!is_written(&sales, ("CRM_UI", "userId:555")), "a user the portal does not tell of");
    assert!(!is_written(&sales, ("INTEGRATION", "999")), "another app");
    assert!(!is_written(&sales, ("SOMETHING_NEW", "")), "a writer nobody knows");
    let everybody_else = settings(&["!ops"]);
    assert!(!is_written(&everybody_else, ("CRM_UI", "userId:4400178")));
    assert!(is_written(&everybody_else, ("MOBILE_IOS", "userId:7")));
    assert!(!is_written(&everybody_else, ("CRM_UI", "userId:555")));
}

#[test]
fn the_setting_for_all_properties_holds_where_a_property_says_nothing() {
    let mut everywhere = settings(&[]);
    everywhere.last_modified_by = Groups(vec!["sales".to_owned()]);
    assert!(!is_written(&everywhere, ("CRM_UI", "userId:7")), "the property says: everybody");
    everywhere.contact.properties.get_mut("city").unwrap().last_modified_by = None;
    assert!(is_written(&everywhere, ("CRM_UI", "userId:7")));
}

#[test]
fn a_value_that_somebody_outside_the_group_emptied_may_be_filled() {
    let planner = planner(&settings(&["sales"]));
    let mut record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "city", "Bonn", "2026-11-01T00:00:00Z");
    set(&mut portal, "city", entry("", "2026-11-02T00:00:00Z", "CRM_UI", "userId:7"));
    assert!(change(&plan(&planner, &record, Some(&portal)), "city").is_some());
    set(&mut portal, "city", entry("", "2026-11-03T00:00:00Z", "CRM_UI", "userId:4400178"));
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "city"), Some("cleared-by-person"));
}

#[test]
fn a_group_that_does_not_exist_is_reported_and_protects_everybody() {
    let misspelt = settings(&["sale"]);
    let codes: Vec<_> = planner(&misspelt).findings().into_iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["EG-SYNC-007"]);
    assert!(!is_written(&misspelt, ("CRM_UI", "userId:7")));
}

#[test]
fn a_deactivated_owner_is_not_assigned() {
    let planner = planner(&Settings::default());
    let mut record = jane(&[]);
    let mut owner = evergreen_model::OwnerChoice {
        owner_id: "72".to_owned(),
        owner_email: "user8@acme.com".to_owned(),
        why: "line 3".to_owned(),
        line: Some(3),
    };
    for (id, code) in [("72", Some("invalid-value")), ("99", Some("invalid-value")), ("70", None)] {
        owner.owner_id = id.to_owned();
        record.owner = Some(owner.clone());
        let wanted = evergreen_sync::Wanted {
            record: &record,
            offered: &record.values,
            portal: None,
            company: None,
            now: now(),
        };
        let draft = plan_record(&planner, &wanted);
        assert_eq!(kept_code(&draft, "hubspot_owner_id"), code, "{id}");
        assert_eq!(change(&draft, "hubspot_owner_id").is_some(), code.is_none(), "{id}");
    }
}
