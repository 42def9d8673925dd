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
use crate::writer::{Fresh, Refused, Writer, permit, told};
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
    /// What is not written although we know a value. The last line may have the code `unchanged`: it stands for all properties that
    /// hold our value already, named in its `property`.
    pub kept: Vec<Kept>,
    /// What a person must agree to on the review board before it is written; each has a `needs-approval` line in `kept`. Once the person
    /// approves, put `offered` into `Record.approved` (or `Record.undone` when refused) under that property and plan again.
    pub pending: Vec<Pending>,
    /// Why there is nothing to do at all: `suppressed`, `deleted-in-portal`, `not-verified`, `nameless`; absent otherwise.
    pub reason: Option<Reason>,
}

/// A change over a person's value that waits for somebody to agree (rule `newer` with hold).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Internal property name.
    pub property: String,
    /// What the portal shows.
    pub current: Option<String>,
    /// What would be written, as the portal spells it.
    pub offered: String,
    /// One sentence: who typed it when, and what our evidence is.
    pub why: String,
}

/// Proposes the change of one record.
#[must_use]
pub fn plan_record(planner: &Planner, wanted: &Wanted<'_>) -> Draft {
    let passes = own::passes(wanted.record);
    if let Some(reason) = untouchable(wanted, passes) {
        return Draft { reason: Some(reason), ..Draft::nothing(Vec::new()) };
    }
    let view = View(wanted);
    let mut changes = Vec::new();
    let mut kept = Vec::new();
    let mut pending = Vec::new();
    let mut unchanged = Vec::new();
    for offer in offers(planner, wanted, passes) {
        match decide(planner, wanted, &view, &offer) {
            Decision::Write(change) => changes.push(change),
            Decision::Keep(line) => {
                let backup = back_up(planner, wanted, &offer, &line);
                changes.extend(
                    backup.filter(|backup| !changes.iter().any(|change: &Change| change.property == backup.property)),
                );
                if line.code == NEEDS_APPROVAL {
                    pending.push(Pending {
                        property: line.property.clone(),
                        current: line.current.clone(),
                        offered: line.offered.clone(),
                        why: format!("{}; ours is from {}", line.why, offer.source),
                    });
                }
                kept.push(line);
            }
            Decision::Same if !own::NAMES.contains(&offer.property) => unchanged.push(offer.property),
            Decision::Same => {}
        }
    }
    match lifecycle::stage_move(planner, wanted, &view, passes) {
        Some(Ok(change)) => changes.push(change),
        Some(Err(line)) => kept.push(line),
        None => {}
    }
    if !unchanged.is_empty() && wanted.portal.is_some() {
        kept.push(all_the_same(&unchanged));
    }
    Draft { pending, ..finish(wanted, changes, kept) }
}

/// The code of what waits for a person.
const NEEDS_APPROVAL: &str = "needs-approval";

impl Draft {
    fn nothing(kept: Vec<Kept>) -> Draft {
        Draft { action: Action::Nothing, changes: Vec::new(), kept, pending: Vec::new(), reason: None }
    }
}

/// One line for all properties that are right already, so that a plan of a hundred thousand records stays small.
fn all_the_same(properties: &[&str]) -> Kept {
    Kept {
        property: properties.join(", "),
        current: None,
        offered: String::new(),
        rule: Protection::Ours,
        code: "unchanged".to_owned(),
        why: "the portal holds a value that means the same".to_owned(),
    }
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
    /// When the source said it.
    said: Option<Timestamp>,
}

impl<'a> Offer<'a> {
    fn computed(property: &'a str, rule: &'a PropertyRule, value: String, source: String) -> Offer<'a> {
        Offer { property, rule, value, source, evidence: None, said: None }
    }
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
        let offer = match (is_own, property.as_str()) {
            (true, name) => own_values
                .get(name)
                .map(|value| Offer::computed(property, rule, value.clone(), "kept by Evergreen".to_owned())),
            (false, "hubspot_owner_id") => wanted
                .record
                .owner
                .as_ref()
                .map(|owner| Offer::computed(property, rule, owner.owner_id.clone(), owner.why.clone())),
            (false, name) => golden(wanted, property, rule, rule.from.as_deref().unwrap_or(name)),
        };
        offers.extend(offer);
    }
    offers
}

/// A field's best value; a contact without a company name borrows that of its company.
fn golden<'a>(wanted: &Wanted<'_>, property: &'a str, rule: &'a PropertyRule, name: &str) -> Option<Offer<'a>> {
    let borrowed = || {
        let company = wanted.company.filter(|_| wanted.record.entity == Entity::Contact && name == "company")?;
        Some(Offer::computed(property, rule, company.value("name")?.to_owned(), "name of its company".to_owned()))
    };
    match wanted.offered.get(name).filter(|golden| !golden.value.trim().is_empty()) {
        Some(golden) => Some(Offer {
            property,
            rule,
            value: golden.value.clone(),
            source: format!("{}, {}", golden.source, golden.at.strftime("%-d %b %Y")),
            evidence: Some(golden.evidence),
            said: Some(golden.at),
        }),
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
    let keep_as = |code: &str, why: String, offered: &str| {
        Decision::Keep(Kept {
            property: offer.property.to_owned(),
            current: current.map(str::to_owned),
            offered: offered.to_owned(),
            rule: offer.rule.protect,
            code: code.to_owned(),
            why,
        })
    };
    let keep = |code: &str, why: String| keep_as(code, why, &offer.value);
    let meaning = schema.meaning(entity, offer.property);
    if same_optional(meaning, current, Some(&offer.value)) || known_besides(wanted, offer) {
        return Decision::Same;
    }
    let after = match schema.fit_mapped(offer.property, &offer.value, &offer.rule.values) {
        Ok(after) => after,
        Err(unfit) => return keep(unfit.code, unfit.why),
    };
    if same_optional(meaning, current, Some(&after)) {
        return Decision::Same;
    }
    if offer.property == "hubspot_owner_id"
        && let Some(why) = planner.unfit_owner(&after)
    {
        return keep("invalid-value", why);
    }
    if let Some(why) = unproven(wanted, offer) {
        return keep("unverified", why);
    }
    if was_undone(wanted.record, offer.property, meaning, &after) {
        return keep_as("undone", UNDONE.to_owned(), &after);
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
    let approved = wanted.record.approved.get(offer.property).is_some_and(|value| same(meaning, value, &after));
    let fresh = Fresh { rule: &offer.rule.newer, said: offer.said, approved };
    match permit(offer.rule.protect, current.is_none(), &writer, Some(fresh), Some(wanted.now)) {
        Ok(because) => Decision::Write(Change {
            property: offer.property.to_owned(),
            before: current.map(str::to_owned),
            after,
            rule: offer.rule.protect,
            reason: reason(because, &writer, current.is_some(), offer, wanted.now),
            evidence: offer.evidence,
            clear_first: false,
        }),
        Err(Refused { code, why }) => keep_as(code, why, &after),
    }
}

/// Why a value that was taken back is not offered again.
pub(crate) const UNDONE: &str = "a person took this value back or refused it, so it is not offered again";

/// Whether a person took this very value back or refused it. What only we keep is never a matter of opinion.
pub(crate) fn was_undone(record: &Record, property: &str, meaning: Meaning, value: &str) -> bool {
    !own::NAMES.contains(&property) && record.undone.get(property).is_some_and(|undone| same(meaning, undone, value))
}

/// `ours; hunter, 12 Nov 2026`: why the rule allows it, then where the value comes from.
fn reason(because: &str, writer: &Writer<'_>, replaces: bool, offer: &Offer<'_>, now: Timestamp) -> String {
    let is_own = own::NAMES.contains(&offer.property);
    if is_own {
        return offer.source.clone();
    }
    if replaces && (because == "always" || because.starts_with("newer")) {
        return format!("rule {because}, was {}; {}", told(writer, Some(now)), offer.source);
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
    if !matches!(line.code.as_str(), "protected" | "cleared-by-person" | NEEDS_APPROVAL)
        || offer.rule.protect == Protection::Never
    {
        return None;
    }
    let backup = offer.rule.backup.as_deref()?;
    let schema = planner.schema(wanted.record.entity);
    let after = schema.fit(backup, &offer.value).ok()?;
    if was_undone(wanted.record, backup, schema.meaning(wanted.record.entity, offer.property), &after) {
        return None;
    }
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
        // Another source says the same: that alone is no reason to touch a record, and to set off whatever watches for changes.
        Some(_) if changes.iter().all(|change| change.property == own::SOURCE_TAG) => return Draft::nothing(kept),
        Some(_) => Action::Update,
        None if changes.iter().any(|change| names.contains(&change.property.as_str())) => Action::Create,
        None => {
            let reason =
                Some(Reason::new("nameless", format!("HubSpot needs one of {} to create a record", names.join(", "))));
            return Draft { reason, ..Draft::nothing(kept) };
        }
    };
    Draft { action, changes, ..Draft::nothing(kept) }
}
