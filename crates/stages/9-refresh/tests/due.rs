//! Shows that due dates stay within their bounds, are stable, and are spread evenly.

use std::collections::BTreeMap;

use evergreen_model::record::Origin;
use evergreen_model::{Entity, Record, RecordId, Stage};
use evergreen_refresh::{Event, Settings, after_reading_portal, due, is_due};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn record(id: &str, entity: Entity) -> Record {
    let start = at(0);
    Record {
        id: RecordId(1),
        entity,
        evergreen_id: id.to_owned(),
        origin: Origin::List,
        run: None,
        stage: Stage::Settled,
        due: start,
        portal_id: None,
        company: None,
        merged_into: None,
        values: BTreeMap::new(),
        written: BTreeMap::new(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Default::default(),
        verdicts: None,
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: start,
        settled_at: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(seconds)
}

fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs() as f64 / DAY as f64
}

proptest! {
    #[test]
    fn a_settled_contact_is_due_within_its_bounds(id in ".{0,40}", min in 1u32..400, width in 0u32..400, now in 0i64..1_000_000_000) {
        let settings = Settings { contact_days_min: min, contact_days_max: min + width, ..Settings::default() };
        let contact = record(&id, Entity::Contact);
        let date = due(&contact, Event::Settled, at(now), &settings);
        prop_assert_eq!(date, due(&contact, Event::Settled, at(now), &settings));
        let days = days_between(at(now), date);
        prop_assert!(days >= f64::from(min) && days <= f64::from(min + width), "{days}");
    }

    #[test]
    fn a_settled_company_is_due_each_quarter_give_or_take_a_tenth(id in "[a-z0-9]{1,20}", now in 0i64..1_000_000_000) {
        let days = days_between(at(now), due(&record(&id, Entity::Company), Event::Settled, at(now), &Settings::default()));
        prop_assert!((81.0..=101.0).contains(&days), "{days}");
    }

    #[test]
    fn a_record_of_the_portal_is_first_due_within_one_interval(id in "[a-z0-9]{1,20}", now in 0i64..1_000_000_000) {
        for (entity, most) in [(Entity::Contact, 180.0), (Entity::Company, 91.0)] {
            let days = days_between(at(now), after_reading_portal(&record(&id, entity), at(now), &Settings::default()));
            prop_assert!(days > 0.0 && days <= most, "{days}");
        }
    }

    #[test]
    fn nothing_is_due_in_the_past(id in "[a-z0-9]{1,20}", now in 0i64..1_000_000_000, retry in -1_000_000i64..1_000_000_000) {
        let settings = Settings::default();
        let contact = record(&id, Entity::Contact);
        for event in [Event::Settled, Event::Rejected { retry_at: Some(at(retry)) }, Event::Rejected { retry_at: None }, Event::Gated, Event::Changed] {
            prop_assert!(due(&contact, event, at(now), &settings) >= at(now));
        }
    }
}

#[test]
fn a_thousand_contacts_of_one_day_are_spread_evenly() {
    for first_reading in [false, true] {
        let mut months = BTreeMap::<i64, u32>::new();
        let (start, slices) = if first_reading { (0.0, 6) } else { (90.0, 3) };
        for number in 0..1_000 {
            let contact = record(&format!("eg-{number}"), Entity::Contact);
            let date = if first_reading {
                after_reading_portal(&contact, at(0), &Settings::default())
            } else {
                due(&contact, Event::Settled, at(0), &Settings::default())
            };
            *months.entry(((days_between(at(0), date) - start) / 30.0) as i64).or_default() += 1;
        }
        assert_eq!(months.len(), slices);
        let even = 1_000 / slices as u32;
        assert!(months.values().all(|count| count.abs_diff(even) < even / 4), "{months:?}");
    }
}

#[test]
fn a_reject_is_tried_after_a_week_until_it_is_too_old() {
    let settings = Settings::default();
    let contact = record("eg-1", Entity::Contact);
    let none = Event::Rejected { retry_at: None };
    assert_eq!(due(&contact, none, at(0), &settings), at(7 * DAY));
    assert_eq!(due(&contact, Event::Rejected { retry_at: Some(at(3 * DAY)) }, at(0), &settings), at(3 * DAY));
    assert!(due(&contact, none, at(90 * DAY), &settings) >= at(180 * DAY));
}

#[test]
fn only_records_at_rest_come_due() {
    let mut contact = record("eg-1", Entity::Contact);
    assert!(is_due(&contact, at(0)));
    assert!(!is_due(&contact, at(-1)));
    contact.stage = Stage::Rejected;
    assert!(is_due(&contact, at(0)));
    for stage in [Stage::Held, Stage::Suppressed, Stage::Merged, Stage::Qualify] {
        contact.stage = stage;
        assert!(!is_due(&contact, at(0)));
    }
}
