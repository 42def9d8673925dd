//! A small portal and a record for the tests of sync: what the portal shows, what we write, and people who edit in between.
#![allow(dead_code, reason = "each test file uses its own part")]

use evergreen_model::portal::PropertyOption;
use evergreen_model::{
    Change, EmailVerdict, Entity, EvidenceId, Gate, Golden, GoldenValue, HistoryEntry, Origin, Owner, PlanId,
    PortalProperty, PortalRecord, Record, RecordId, Source, Stage, Step, StepId, StepState, Verdicts,
};
use evergreen_sync::{Draft, Ours, Planner, Schema, Settings, Wanted, definitions, plan_record};
use jiff::Timestamp;

pub const OUR_APP: &str = "8111832";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn now() -> Timestamp {
    at("2026-11-25T09:00:00Z")
}

fn property(name: &str, value_type: &str, field_type: &str, options: &[(&str, &str)]) -> PortalProperty {
    PortalProperty {
        name: name.to_owned(),
        label: name.to_owned(),
        value_type: value_type.to_owned(),
        field_type: field_type.to_owned(),
        group: "information".to_owned(),
        options: options
            .iter()
            .map(|(value, label)| PropertyOption { value: (*value).to_owned(), label: (*label).to_owned() })
            .collect(),
        unique: false,
        read_only: false,
        description: String::new(),
    }
}

/// The portal's properties of an object, ours included.
pub fn schema(settings: &Settings, entity: Entity) -> Schema {
    let stages =
        [("lead", "Lead"), ("marketingqualifiedlead", "MQL"), ("customer", "Customer"), ("1071234567", "Recycle")];
    let mut properties = vec![property("lifecyclestage", "enumeration", "select", &stages)];
    for field in evergreen_model::field::fields(entity) {
        if field.name != "lifecyclestage" && field.in_portal {
            properties.push(match (entity, field.name) {
                (Entity::Company, "numberofemployees" | "annualrevenue") => {
                    property(field.name, "number", "number", &[])
                }
                (Entity::Company, "industry") => property(
                    field.name,
                    "enumeration",
                    "select",
                    &[("COMPUTER_SOFTWARE", "Computer Software"), ("BANKING", "Banking")],
                ),
                _ => property(field.name, "string", "text", &[]),
            });
        }
    }
    for ours in definitions(settings, entity) {
        let mut created = property(&ours.name, &ours.value_type, &ours.field_type, &[]);
        created.options = ours.options;
        created.unique = ours.unique;
        properties.push(created);
    }
    Schema::new(properties)
}

pub fn planner(settings: &Settings) -> Planner {
    let ours = Ours { source_ids: vec![OUR_APP.to_owned()] };
    Planner::new(settings, schema(settings, Entity::Contact), schema(settings, Entity::Company), ours, &owners())
        .unwrap()
}

/// A sales person (user 4400178), one of operations (user 7) and one who left.
pub fn owners() -> Vec<Owner> {
    let owner = |id: &str, user: &str, team: &str, active: bool| Owner {
        id: id.to_owned(),
        email: format!("user{user}@acme.com"),
        name: format!("User {user}"),
        user_id: Some(user.to_owned()),
        teams: vec![team.to_owned()],
        active,
    };
    vec![owner("70", "4400178", "Sales", true), owner("71", "7", "Operations", true), owner("72", "8", "Sales", false)]
}

pub fn values(pairs: &[(&str, &str)]) -> Golden {
    let golden = |value: &str| GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(7),
        source: Source::Provider("hunter".to_owned()),
        at: at("2026-11-12T00:00:00Z"),
        why: "only value".to_owned(),
    };
    pairs.iter().map(|(name, value)| ((*name).to_owned(), golden(value))).collect()
}

/// Jane Doe, verified, with what we know of her.
pub fn jane(pairs: &[(&str, &str)]) -> Record {
    let mut known = values(&[("email", "jane@acme.com"), ("firstname", "Jane"), ("lastname", "Doe")]);
    known.extend(values(pairs));
    Record {
        id: RecordId(12),
        entity: Entity::Contact,
        evergreen_id: "eg-12".to_owned(),
        origin: Origin::List,
        run: None,
        stage: Stage::Plan,
        due: now(),
        portal_id: None,
        company: None,
        merged_into: None,
        written: Default::default(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Vec::new(),
        verdicts: Some(Verdicts {
            email: EmailVerdict::Valid,
            email_reason: "ok".to_owned(),
            address: Some("jane@acme.com".to_owned()),
            domain: None,
            phone: None,
            score: 90,
            gate: Gate::Pass,
            at: at("2026-11-24T10:00:00Z"),
        }),
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: now(),
        settled_at: None,
        values: known,
    }
}

/// The company Acme, with what we know of it.
pub fn acme(pairs: &[(&str, &str)]) -> Record {
    let mut known = values(&[("name", "Acme"), ("domain", "acme.com")]);
    known.extend(values(pairs));
    Record { id: RecordId(20), entity: Entity::Company, evergreen_id: "eg-20".to_owned(), values: known, ..jane(&[]) }
}

pub fn change<'a>(draft: &'a Draft, property: &str) -> Option<&'a Change> {
    draft.changes.iter().find(|change| change.property == property)
}

pub fn kept_code<'a>(draft: &'a Draft, property: &str) -> Option<&'a str> {
    draft.kept.iter().find(|kept| kept.property == property).map(|kept| kept.code.as_str())
}

pub fn entry(value: &str, when: &str, source_type: &str, source_id: &str) -> HistoryEntry {
    HistoryEntry {
        value: value.to_owned(),
        at: at(when),
        source_type: source_type.to_owned(),
        source_id: Some(source_id.to_owned()),
        user_id: source_id.strip_prefix("userId:").map(str::to_owned),
    }
}

/// An empty portal record with the id of Jane.
pub fn shown() -> PortalRecord {
    PortalRecord {
        id: "101".to_owned(),
        entity: Entity::Contact,
        properties: Default::default(),
        history: Default::default(),
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: at("2026-01-01T00:00:00Z"),
        archived: false,
    }
}

/// Somebody sets a property in the portal; an empty value clears it.
pub fn set(portal: &mut PortalRecord, property: &str, entry: HistoryEntry) {
    if entry.value.is_empty() {
        portal.properties.remove(property);
    } else {
        portal.properties.insert(property.to_owned(), entry.value.clone());
    }
    portal.history.entry(property.to_owned()).or_default().insert(0, entry);
}

pub fn by_person(portal: &mut PortalRecord, property: &str, value: &str, when: &str) {
    set(portal, property, entry(value, when, "CRM_UI", "userId:4400178"));
}

/// Evergreen writes, and remembers that it did.
pub fn by_us(portal: &mut PortalRecord, record: &mut Record, property: &str, value: &str, when: &str) {
    set(portal, property, entry(value, when, "INTEGRATION", OUR_APP));
    record.written.insert(property.to_owned(), value.to_owned());
}

pub fn plan(planner: &Planner, record: &Record, portal: Option<&PortalRecord>) -> Draft {
    plan_record(planner, &Wanted { record, offered: &record.values, portal, company: None, now: now() })
}

pub fn step(draft: &Draft, record: &Record) -> Step {
    Step {
        id: StepId(1),
        plan: PlanId(1),
        record: record.id,
        entity: record.entity,
        title: record.title(),
        portal_id: record.portal_id.clone(),
        action: draft.action.clone(),
        changes: draft.changes.clone(),
        kept: draft.kept.clone(),
        state: StepState::Planned,
        note: None,
    }
}

/// Performs a draft the way apply does.
pub fn apply(draft: &Draft, portal: Option<PortalRecord>, record: &mut Record) -> PortalRecord {
    let mut portal = portal.unwrap_or_else(shown);
    for change in &draft.changes {
        by_us(&mut portal, record, &change.property, &change.after, "2026-11-25T09:30:00Z");
    }
    record.portal_id = Some(portal.id.clone());
    portal
}
