//! What people typed stays, what we wrote may change, and nothing is written that would change nothing.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use evergreen_model::{Action, EmailVerdict, Entity, Gate, Protection, Reason, Record, RecordId, Stage};
use evergreen_sync::settings::{PropertyRule, StageRule};
use evergreen_sync::{Settings, Wanted, plan_record};
use world::{apply, at, by_person, by_us, change, entry, jane, kept_code, now, plan, planner, set, shown, values};

fn with_rule(property: &str, protect: Protection) -> Settings {
    let mut settings = Settings::default();
    settings.contact.properties.insert(property.to_owned(), PropertyRule { protect, ..PropertyRule::default() });
    settings
}

#[test]
fn a_contact_the_portal_does_not_have_is_created_with_everything_we_know() {
    let record = jane(&[("jobtitle", "CTO"), ("phone", "+14155550100")]);
    let draft = plan(&planner(&Settings::default()), &record, None);
    assert_eq!(draft.action, Action::Create);
    assert_eq!(change(&draft, "evergreen_id").unwrap().after, "eg-12");
    assert_eq!(change(&draft, "jobtitle").unwrap().after, "CTO");
    assert_eq!(change(&draft, "enrichment_status").unwrap().after, "verified");
    assert_eq!(change(&draft, "last_verified_at").unwrap().after, "2026-11-24T10:00:00.000Z");
    assert_eq!(change(&draft, "source_tag").unwrap().after, "hunter");
    assert!(change(&draft, "jobtitle_evergreen").is_none());
    assert!(change(&draft, "rejection_reason").is_none());
    assert!(draft.kept.is_empty());
}

#[test]
fn a_title_typed_by_a_person_is_kept_and_ours_goes_to_the_backup() {
    let record = jane(&[("jobtitle", "VP Engineering")]);
    let mut portal = shown();
    by_person(&mut portal, "jobtitle", "CTO", "2026-11-22T09:00:00Z");
    let draft = plan(&planner(&Settings::default()), &record, Some(&portal));
    assert_eq!(draft.action, Action::Update);
    assert!(change(&draft, "jobtitle").is_none());
    assert_eq!(change(&draft, "jobtitle_evergreen").unwrap().after, "VP Engineering");
    let kept = draft.kept.iter().find(|kept| kept.property == "jobtitle").unwrap();
    assert_eq!((kept.code.as_str(), kept.why.as_str()), ("protected", "typed by a person 3 days ago"));
}

#[test]
fn what_a_person_emptied_stays_empty() {
    let record = jane(&[("phone", "+14155550100")]);
    let mut portal = shown();
    by_person(&mut portal, "phone", "+14155550199", "2026-11-20T09:00:00Z");
    by_person(&mut portal, "phone", "", "2026-11-21T09:00:00Z");
    let draft = plan(&planner(&Settings::default()), &record, Some(&portal));
    assert!(change(&draft, "phone").is_none());
    assert_eq!(kept_code(&draft, "phone"), Some("cleared-by-person"));
}

#[test]
fn the_rule_ours_replaces_only_what_we_wrote_last() {
    let planner = planner(&with_rule("jobtitle", Protection::Ours));
    let mut record = jane(&[("jobtitle", "VP Engineering")]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "jobtitle", "CTO", "2026-11-01T09:00:00Z");
    let draft = plan(&planner, &record, Some(&portal));
    let write = change(&draft, "jobtitle").unwrap();
    assert_eq!((write.before.as_deref(), write.after.as_str()), (Some("CTO"), "VP Engineering"));
    assert_eq!(write.reason, "ours; hunter, 12 Nov 2026");

    by_person(&mut portal, "jobtitle", "CTO ", "2026-11-02T09:00:00Z");
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "jobtitle"), Some("protected"));
}

#[test]
fn another_app_and_an_unknown_writer_count_as_people() {
    let planner = planner(&with_rule("jobtitle", Protection::Ours));
    let record = jane(&[("jobtitle", "VP Engineering")]);
    let mut portal = shown();
    set(&mut portal, "jobtitle", entry("CTO", "2026-11-02T09:00:00Z", "INTEGRATION", "999"));
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "jobtitle"), Some("protected"));
    portal.history.clear();
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "jobtitle"), Some("protected"));
}

#[test]
fn always_writes_over_a_person_and_never_writes_nothing() {
    let record = jane(&[("city", "Berlin")]);
    let mut portal = shown();
    by_person(&mut portal, "city", "Bonn", "2026-11-02T09:00:00Z");
    let draft = plan(&planner(&with_rule("city", Protection::Always)), &record, Some(&portal));
    assert_eq!(
        change(&draft, "city").unwrap().reason,
        "rule always, was typed by a person 23 days ago; hunter, 12 Nov 2026"
    );
    let draft = plan(&planner(&with_rule("city", Protection::Never)), &record, None);
    assert!(change(&draft, "city").is_none());
}

#[test]
fn values_that_mean_the_same_are_not_written() {
    let planner = planner(&with_rule("phone", Protection::Always));
    let record = jane(&[("phone", "+14155550100"), ("hs_linkedin_url", "https://linkedin.com/in/jane")]);
    let mut portal = shown();
    by_person(&mut portal, "phone", "(415) 555-0100", "2026-11-02T09:00:00Z");
    by_person(&mut portal, "hs_linkedin_url", "http://www.linkedin.com/in/Jane/", "2026-11-02T09:00:00Z");
    let draft = plan(&planner, &record, Some(&portal));
    assert!(change(&draft, "phone").is_none() && kept_code(&draft, "phone").is_none());
    assert!(change(&draft, "hs_linkedin_url").is_none() && kept_code(&draft, "hs_linkedin_url").is_none());
}

#[test]
fn an_industry_is_mapped_to_the_portals_choice_or_kept_back() {
    let mut company = jane(&[]);
    company.entity = Entity::Company;
    company.values = values(&[("name", "Acme"), ("industry", "computer software"), ("numberofemployees", "1,200")]);
    let draft = plan(&planner(&Settings::default()), &company, None);
    assert_eq!(change(&draft, "industry").unwrap().after, "COMPUTER_SOFTWARE");
    assert_eq!(change(&draft, "numberofemployees").unwrap().after, "1200");
    company.values.extend(values(&[("industry", "Basket weaving"), ("numberofemployees", "many")]));
    let draft = plan(&planner(&Settings::default()), &company, None);
    assert_eq!(kept_code(&draft, "industry"), Some("invalid-option"));
    assert_eq!(kept_code(&draft, "numberofemployees"), Some("invalid-value"));
    assert_eq!(draft.action, Action::Create);
}

#[test]
fn an_address_that_was_not_proven_is_not_written() {
    let mut record = jane(&[("jobtitle", "CTO")]);
    record.verdicts.as_mut().unwrap().address = Some("j.doe@acme.com".to_owned());
    let draft = plan(&planner(&Settings::default()), &record, None);
    assert_eq!(kept_code(&draft, "email"), Some("unverified"));
    assert_eq!(draft.action, Action::Create);
}

#[test]
fn a_rejected_record_shows_its_reason_in_the_portal_and_nothing_else() {
    let mut record = jane(&[("jobtitle", "CTO")]);
    let verdicts = record.verdicts.as_mut().unwrap();
    verdicts.email = EmailVerdict::Invalid;
    verdicts.gate = Gate::Reject { retry_at: now() };
    verdicts.score = 0;
    record.reason = Some(Reason::new("email-domain-dead", "the domain takes no mail"));
    let planner = planner(&Settings::default());
    let absent = plan(&planner, &record, None);
    assert_eq!((absent.action, absent.reason.unwrap().code.as_str()), (Action::Nothing, "not-verified"));
    let draft = plan(&planner, &record, Some(&shown()));
    let written: Vec<_> =
        draft.changes.iter().map(|change| (change.property.as_str(), change.after.as_str())).collect();
    assert_eq!(
        written,
        [
            ("enrichment_status", "rejected"),
            ("last_verified_at", "2026-11-24T10:00:00.000Z"),
            ("rejection_reason", "email-domain-dead"),
            ("verification_score", "0"),
            ("lifecyclestage", "1071234567"),
        ]
    );
}

#[test]
fn a_reason_that_no_longer_holds_is_cleared() {
    let mut record = jane(&[]);
    let mut portal = shown();
    by_us(&mut portal, &mut record, "rejection_reason", "email-domain-dead", "2026-11-01T00:00:00Z");
    let draft = plan(&planner(&Settings::default()), &record, Some(&portal));
    assert_eq!(change(&draft, "rejection_reason").unwrap().after, "");
}

#[test]
fn suppressed_and_deleted_records_are_not_touched() {
    let planner = planner(&Settings::default());
    let mut record = jane(&[]);
    record.portal_id = Some("101".to_owned());
    assert_eq!(plan(&planner, &record, None).reason.unwrap().code, "deleted-in-portal");
    record.stage = Stage::Suppressed;
    let draft = plan(&planner, &record, Some(&shown()));
    assert_eq!((draft.action, draft.changes.len()), (Action::Nothing, 0));
}

#[test]
fn stages_move_forward_by_criteria_and_never_back() {
    let mut settings = Settings::default();
    let stage = |to: &str, when: &str| StageRule { to: to.to_owned(), when: when.into() };
    settings.lifecycle.forward = vec![
        stage("lead", "verification.email == \"valid\""),
        stage("MQL", "contact.jobtitle.contains(\"CTO\") && company.numberofemployees >= 50"),
    ];
    let planner = planner(&settings);
    let mut record = jane(&[("jobtitle", "CTO")]);
    let mut company = jane(&[]);
    company.id = RecordId(20);
    company.entity = Entity::Company;
    company.values = values(&[("name", "Acme"), ("numberofemployees", "80")]);
    assert_eq!(change(&plan(&planner, &record, None), "lifecyclestage").unwrap().after, "lead");

    let mut portal = shown();
    by_us(&mut portal, &mut record, "lifecyclestage", "lead", "2026-11-01T00:00:00Z");
    let with_company = |portal: &_| {
        plan_record(
            &planner,
            &Wanted {
                record: &record,
                offered: &record.values,
                portal: Some(portal),
                company: Some(&company),
                now: now(),
            },
        )
    };
    assert_eq!(change(&with_company(&portal), "lifecyclestage").unwrap().after, "marketingqualifiedlead");
    assert_eq!(change(&with_company(&portal), "company").unwrap().after, "Acme");

    by_person(&mut portal, "lifecyclestage", "customer", "2026-11-02T00:00:00Z");
    assert_eq!(kept_code(&with_company(&portal), "lifecyclestage"), Some("backward"));
    by_person(&mut portal, "lifecyclestage", "lead", "2026-11-03T00:00:00Z");
    assert_eq!(kept_code(&with_company(&portal), "lifecyclestage"), Some("protected"));
}

#[test]
fn a_foreign_evergreen_id_is_left_alone_and_a_missing_one_is_filled() {
    let planner = planner(&Settings::default());
    let record = jane(&[]);
    let mut portal = shown();
    assert_eq!(change(&plan(&planner, &record, Some(&portal)), "evergreen_id").unwrap().after, "eg-12");
    set(&mut portal, "evergreen_id", entry("eg-99", "2026-11-02T09:00:00Z", "INTEGRATION", world::OUR_APP));
    assert_eq!(kept_code(&plan(&planner, &record, Some(&portal)), "evergreen_id"), Some("other-id"));
}

#[test]
fn a_condition_that_does_not_hold_keeps_the_value_back() {
    let mut settings = Settings::default();
    let when = Some("contact.country == \"US\"".into());
    settings.contact.properties.insert("phone".to_owned(), PropertyRule { when, ..PropertyRule::default() });
    let record = jane(&[("phone", "+14155550100")]);
    assert_eq!(kept_code(&plan(&planner(&settings), &record, None), "phone"), Some("condition"));
    let record = jane(&[("phone", "+14155550100"), ("country", "US")]);
    assert!(change(&plan(&planner(&settings), &record, None), "phone").is_some());
}

#[test]
fn settings_that_do_not_fit_the_portal_are_reported() {
    let mut settings = with_rule("favourite_colour", Protection::FillEmpty);
    settings.lifecycle.recycle = Some("Compost".to_owned());
    let codes: Vec<_> = planner(&settings).findings().into_iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["EG-SYNC-001", "EG-SYNC-002"]);
    assert!(planner(&Settings::default()).findings().is_empty());
}

#[test]
fn a_second_plan_after_apply_is_empty() {
    let planner = planner(&Settings::default());
    let mut record = jane(&[("jobtitle", "VP Engineering"), ("phone", "+14155550100")]);
    let mut portal = shown();
    by_person(&mut portal, "jobtitle", "CTO", "2026-11-22T09:00:00Z");
    let first = plan(&planner, &record, Some(&portal));
    let portal = apply(&first, Some(portal), &mut record);
    let second = plan(&planner, &record, Some(&portal));
    assert_eq!((second.action, second.changes), (Action::Nothing, Vec::new()));
    assert_eq!(portal.properties["jobtitle"], "CTO");
    assert!(at("2026-11-25T09:30:00Z") > now());
}

#[test]
fn another_source_for_the_same_values_is_no_reason_to_write() {
    let mut record = jane(&[("jobtitle", "CTO")]);
    let created = plan(&planner(&Settings::default()), &record, None);
    let mut portal = apply(&created, None, &mut record);
    by_us(&mut portal, &mut record, "source_tag", "an older list", "2026-11-01T09:00:00Z");
    assert_eq!(plan(&planner(&Settings::default()), &record, Some(&portal)).action, Action::Nothing);

    let record = Record { values: values(&[("email", "jane@acme.com"), ("jobtitle", "CEO")]), ..record };
    let draft = plan(&planner(&Settings::default()), &record, Some(&portal));
    assert_eq!(change(&draft, "source_tag").unwrap().after, "hunter", "beside a change that matters it is told");
}
