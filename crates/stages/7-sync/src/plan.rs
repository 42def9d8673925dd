//! The plan of one record: which properties are written, which are left alone, and why. Pure: the same view gives the same plan.

use evergreen_model::field::FieldKind;
use evergreen_model::{
    Action, Change, Entity, EvidenceId, Golden, Kept, PortalRecord, Protection, Reason, Record, Stage, field,
};
use jiff::Timestamp;

use crate::condition::View;
use crate::planner::Planner;
use crate::same::{Meaning, same, same_optional};
use crate::settings::PropertyRule;
use crate::writer::{Refused, Writer, permit, told};
use crate::{condition, lifecycle, own};

/// What we want for one record and what the portal shows of it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The record.
    pub record: &'a Record,
    /// The best values from every source but the portal itself.
    pub offered: &'a Golden,
    /// What the portal shows now, with the history of every watched property; absent when the portal does not have it.
    pub portal: Option<&'a PortalRecord>,
    /// The company of a contact.
    pub company: Option<&'a Record>,
    /// The current time.
    pub now: Timestamp,
}

/// What is proposed for one record; the engine makes a step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Create, update or nothing.
    pub action: Action,
    /// What is written.
    pub changes: Vec<Change>,
    /// What is not written although we know a value.
    pub kept: Vec<Kept>,
    /// Why there is nothing to do at all: `suppressed`, `deleted-in-portal`, `not-verified`, `nameless`; absent otherwise.
    pub reason: Option<Reason>,
}

/// Proposes the change of one record.
#[must_use]
pub fn plan_record(planner: &Planner, wanted: &Wanted<'_>) -> Draft {
    let passes = own::passes(wanted.record);
    if let Some(reason) = untouchable(wanted, passes) {
        return Draft { action: Action::Nothing, changes: Vec::new(), kept: Vec::new(), reason: Some(reason) };
    }
    let view = View(wanted);
    let mut changes = Vec::new();
    let mut kept = Vec::new();
    for offer in offers(planner, wanted, passes) {
        match decide(planner, wanted, &view, &offer) {
            Decision::Write(change) => changes.push(change),
            Decision::Keep(line) => {
                let backup = back_up(planner, wanted, &offer, &line);
                changes.extend(
                    backup.filter(|backup| !changes.iter().any(|change: &Change| change.property == backup.property)),
                );
                kept.push(line);
            }
            Decision::Same => {}
        }
    }
    if wanted.record.entity == Entity::Contact {
        match lifecycle::stage_move(planner, wanted, &view, passes) {
            Some(Ok(change)) => changes.push(change),
            Some(Err(line)) => kept.push(line),
            None => {}
        }
    }
    finish(wanted, changes, kept)
}

/// Suppressed, deleted and unverified records are not written at all.
fn untouchable(wanted: &Wanted<'_>, passes: bool) -> Option<Reason> {
    let record = wanted.record;
    if matches!(record.stage, Stage::Suppressed | Stage::Merged) {
        return Some(Reason::new(record.stage.as_str(), "suppressed and merged records are never written"));
    }
    // Somebody deleted it on purpose; making it again would undo that.
    let deleted = match wanted.portal {
        Some(portal) => portal.archived,
        None => record.portal_id.is_some(),
    };
    if deleted {
        return Some(Reason::new(
            "deleted-in-portal",
            "somebody deleted this record in HubSpot, so it is not made again",
        ));
    }
    (wanted.portal.is_none() && !passes)
        .then(|| Reason::new("not-verified", "a record is only created once verification lets it pass"))
}

/// A value we have for a property.
struct Offer<'a> {
    property: &'a str,
    rule: &'a PropertyRule,
    value: String,
    source: String,
    evidence: Option<EvidenceId>,
}

/// Every property with a rule for which we have a value.
fn offers<'a>(planner: &'a Planner, wanted: &Wanted<'_>, passes: bool) -> Vec<Offer<'a>> {
    let own_values = own::values(wanted.record, wanted.offered);
    let mut offers = Vec::new();
    for (property, rule) in planner.settings.rules(wanted.record.entity) {
        let is_own = own::NAMES.contains(&property.as_str());
        if !passes && !own::SHOWN_WHEN_REFUSED.contains(&property.as_str()) {
            continue;
        }
        let found = match (is_own, property.as_str()) {
            (true, name) => own_values.get(name).map(|value| (value.clone(), "kept by Evergreen".to_owned(), None)),
            (false, "hubspot_owner_id") => {
                wanted.record.owner.as_ref().map(|owner| (owner.owner_id.clone(), owner.why.clone(), None))
            }
            (false, name) => golden(wanted, rule.from.as_deref().unwrap_or(name)),
        };
        if let Some((value, source, evidence)) = found {
            offers.push(Offer { property, rule, value, source, evidence });
        }
    }
    offers
}

/// A field's best value; a contact without a company name borrows that of its company.
fn golden(wanted: &Wanted<'_>, name: &str) -> Option<(String, String, Option<EvidenceId>)> {
    let borrowed = || {
        let company = wanted.company.filter(|_| wanted.record.entity == Entity::Contact && name == "company")?;
        Some((company.value("name")?.to_owned(), "name of its company".to_owned(), None))
    };
    match wanted.offered.get(name).filter(|golden| !golden.value.trim().is_empty()) {
        Some(golden) => {
            let source = format!("{}, {}", golden.source, golden.at.strftime("%-d %b %Y"));
            Some((golden.value.clone(), source, Some(golden.evidence)))
        }
        None => borrowed(),
    }
}

enum Decision {
    Write(Change),
    Keep(Kept),
    Same,
}

fn decide(planner: &Planner, wanted: &Wanted<'_>, view: &View<'_>, offer: &Offer<'_>) -> Decision {
    let entity = wanted.record.entity;
    let schema = planner.schema(entity);
    let current = wanted.portal.and_then(|portal| portal.properties.get(offer.property)).map(String::as_str);
    let keep = |code: &str, why: String| {
        Decision::Keep(Kept {
            property: offer.property.to_owned(),
            current: current.map(str::to_owned),
            offered: offer.value.clone(),
            rule: offer.rule.protect,
            code: code.to_owned(),
            why,
        })
    };
    let meaning = schema.meaning(entity, offer.property);
    if same_optional(meaning, current, Some(&offer.value)) || known_besides(wanted, offer) {
        return Decision::Same;
    }
    let after = match schema.fit(offer.property, &offer.value) {
        Ok(after) => after,
        Err(unfit) => return keep(unfit.code, unfit.why),
    };
    if same_optional(meaning, current, Some(&after)) {
        return Decision::Same;
    }
    if let Some(why) = unproven(wanted, offer) {
        return keep("unverified", why);
    }
    if planner.condition(entity, offer.property).is_some_and(|rule| !condition::holds(rule, view)) {
        return keep("condition", "its condition in the settings does not hold".to_owned());
    }
    if offer.property == own::EVERGREEN_ID && current.is_some() {
        return keep(
            "other-id",
            "the record belongs to another Evergreen or was merged; its id is left as it is".to_owned(),
        );
    }
    let writer = wanted.portal.map_or(Writer::Nobody, |portal| {
        planner.writer(portal, offer.property, wanted.record.written.get(offer.property).map(String::as_str))
    });
    match permit(offer.rule.protect, current.is_none(), &writer, Some(wanted.now)) {
        Ok(because) => Decision::Write(Change {
            property: offer.property.to_owned(),
            before: current.map(str::to_owned),
            after,
            rule: offer.rule.protect,
            reason: reason(because, &writer, current.is_some(), offer, wanted.now),
            evidence: offer.evidence,
            clear_first: false,
        }),
        Err(Refused { code, why }) => keep(code, why),
    }
}

/// `ours; hunter, 12 Nov 2026`: why the rule allows it, then where the value comes from.
fn reason(because: &str, writer: &Writer<'_>, replaces: bool, offer: &Offer<'_>, now: Timestamp) -> String {
    let is_own = own::NAMES.contains(&offer.property);
    if is_own {
        return offer.source.clone();
    }
    if because == "always" && replaces {
        return format!("rule always, was {}; {}", told(writer, Some(now)), offer.source);
    }
    format!("{because}; {}", offer.source)
}

/// An address that HubSpot already keeps as an additional one of this contact is not news.
fn known_besides(wanted: &Wanted<'_>, offer: &Offer<'_>) -> bool {
    offer.property == "email"
        && wanted.record.entity == Entity::Contact
        && wanted
            .portal
            .and_then(|portal| portal.properties.get(own::MORE_EMAILS))
            .is_some_and(|more| more.split(';').any(|email| same(Meaning::Email, email, &offer.value)))
}

/// Nothing unverified is written: an address other than the proven one, a phone that can not be dialled.
fn unproven(wanted: &Wanted<'_>, offer: &Offer<'_>) -> Option<String> {
    let source_field = offer.rule.from.as_deref().unwrap_or(offer.property);
    let kind = field::find(wanted.record.entity, source_field)?.kind;
    let verdicts = wanted.record.verdicts.as_ref();
    match kind {
        FieldKind::Email => {
            let proven = verdicts.and_then(|verdicts| verdicts.address.as_deref());
            if proven.is_some_and(|address| same(Meaning::Email, address, &offer.value)) {
                return None;
            }
            Some("this address has not been proven".to_owned())
        }
        FieldKind::Phone => {
            let phone = verdicts.and_then(|verdicts| verdicts.phone.as_ref()).filter(|phone| !phone.valid)?;
            let judged = ["phone", "mobilephone"].into_iter().find(|name| wanted.record.value(name).is_some())?;
            // The verdict is about the record's first phone number; others have not been refused.
            let is_judged = wanted.record.value(judged).is_some_and(|value| same(Meaning::Phone, value, &offer.value));
            is_judged.then(|| phone.note.clone().unwrap_or_else(|| "the number can not be dialled".to_owned()))
        }
        _ => None,
    }
}

/// Where a value of ours is held back to protect a person's, it goes to the backup property instead.
fn back_up(planner: &Planner, wanted: &Wanted<'_>, offer: &Offer<'_>, line: &Kept) -> Option<Change> {
    if !matches!(line.code.as_str(), "protected" | "cleared-by-person") || offer.rule.protect == Protection::Never {
        return None;
    }
    let backup = offer.rule.backup.as_deref()?;
    let schema = planner.schema(wanted.record.entity);
    let after = schema.fit(backup, &offer.value).ok()?;
    let current = wanted.portal.and_then(|portal| portal.properties.get(backup)).map(String::as_str);
    if same_optional(schema.meaning(wanted.record.entity, offer.property), current, Some(&after)) {
        return None;
    }
    Some(Change {
        property: backup.to_owned(),
        before: current.map(str::to_owned),
        after,
        rule: Protection::Always,
        reason: format!("{} is protected; {}", offer.property, offer.source),
        evidence: offer.evidence,
        clear_first: false,
    })
}

fn finish(wanted: &Wanted<'_>, changes: Vec<Change>, kept: Vec<Kept>) -> Draft {
    let names: &[&str] = match wanted.record.entity {
        Entity::Contact => &["email", "firstname", "lastname"],
        Entity::Company => &["name", "domain"],
    };
    let action = match wanted.portal {
        Some(_) if changes.is_empty() => Action::Nothing,
        Some(_) => Action::Update,
        None if changes.iter().any(|change| names.contains(&change.property.as_str())) => Action::Create,
        None => {
            let reason =
                Some(Reason::new("nameless", format!("HubSpot needs one of {} to create a record", names.join(", "))));
            return Draft { action: Action::Nothing, changes: Vec::new(), kept, reason };
        }
    };
    Draft { action, changes, kept, reason: None }
}
