//! The view of a record that conditions are asked over: its golden values, its company's, and what verification said.

use evergreen_model::{Entity, Record, Truth};
use evergreen_rules::{Facts, Rule};

use crate::plan::Wanted;

/// A record as conditions see it.
pub(crate) struct View<'a>(pub &'a Wanted<'a>);

impl Facts for View<'_> {
    fn get(&self, object: &str, field: &str) -> Option<String> {
        let wanted = self.0;
        match (object, wanted.record.entity) {
            ("contact", Entity::Contact) | ("company", Entity::Company) => self.own(field),
            ("company", Entity::Contact) => wanted.company?.value(field).map(str::to_owned),
            ("record", _) if field == "source" => self.own("lead_source"),
            ("verification", _) => verification(wanted.record, field),
            _ => None,
        }
    }
}

impl View<'_> {
    fn own(&self, field: &str) -> Option<String> {
        let wanted = self.0;
        if field == "hubspot_owner_id"
            && let Some(owner) = &wanted.record.owner
        {
            return Some(owner.owner_id.clone());
        }
        // The portal's current view is fresher than what was read of it at the start of the run.
        let current = wanted.portal.and_then(|portal| portal.properties.get(field)).map(String::as_str);
        let offered = || wanted.offered.get(field).map(|golden| golden.value.as_str());
        current.or_else(|| wanted.record.value(field)).or_else(offered).map(str::to_owned)
    }
}

/// Whether a condition holds; not known counts as no, because nothing is written on a guess.
pub(crate) fn holds(rule: &Rule, view: &View<'_>) -> bool {
    rule.ask(view).truth == Truth::Yes
}

fn verification(record: &Record, field: &str) -> Option<String> {
    let verdicts = record.verdicts.as_ref()?;
    match field {
        "email" => Some(verdicts.email.as_str().to_owned()),
        "score" => Some(verdicts.score.to_string()),
        "phone" => {
            let phone = verdicts.phone.as_ref()?;
            Some(if phone.valid { phone.line_type.clone() } else { "invalid".to_owned() })
        }
        _ => None,
    }
}
