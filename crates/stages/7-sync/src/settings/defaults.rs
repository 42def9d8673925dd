//! The rules that hold without any setting: every field that sales works with is protected, what exists only because of us is ours.

use std::collections::BTreeMap;

use evergreen_model::{Entity, Protection};

use super::{EntityRules, PropertyRule};
use crate::own;

/// Filled where empty and never touched again: what people type, choose or import.
const FILLED: [(Entity, &[&str]); 2] = [
    (
        Entity::Contact,
        &[
            "email",
            "firstname",
            "lastname",
            "company",
            "mobilephone",
            "hs_linkedin_url",
            "website",
            "address",
            "city",
            "state",
            "zip",
            "country",
            "industry",
            "hubspot_owner_id",
        ],
    ),
    (
        Entity::Company,
        &[
            "name",
            "domain",
            "website",
            "industry",
            "numberofemployees",
            "annualrevenue",
            "founded_year",
            "description",
            "linkedin_company_page",
            "address",
            "city",
            "state",
            "zip",
            "country",
            "hubspot_owner_id",
        ],
    ),
];

/// Filled where empty, with our value beside it where a person typed another: reps want to see the new title or number.
const BACKED_UP: [(Entity, &[&str]); 2] = [(Entity::Contact, &["jobtitle", "phone"]), (Entity::Company, &["phone"])];

/// Never written, even where empty: how sales works a record, consent, and what the portal works out by itself.
const LEFT_TO_SALES: [(Entity, &[&str]); 2] = [
    (
        Entity::Contact,
        &[
            "hs_lead_status",
            "hs_email_optout",
            "hs_additional_emails",
            "hs_marketable_status",
            "hs_language",
            "hs_timezone",
            "hs_country_region_code",
            "hubspot_team_id",
            "associatedcompanyid",
        ],
    ),
    (
        Entity::Company,
        &[
            "hs_lead_status",
            "type",
            "is_public",
            "about_us",
            "twitterhandle",
            "hs_additional_domains",
            "hs_parent_company_id",
            "hubspot_team_id",
        ],
    ),
];

/// What sales people type is filled only where empty; what exists only because of us is always written.
pub(super) fn default_rules(entity: Entity) -> EntityRules {
    let of = |table: &[(Entity, &'static [&'static str])]| {
        table
            .iter()
            .filter(|(whose, _)| *whose == entity)
            .flat_map(|(_, names)| names.iter().copied())
            .collect::<Vec<_>>()
    };
    let mut properties = BTreeMap::new();
    for name in of(&FILLED) {
        properties.insert(name.to_owned(), PropertyRule::default());
    }
    for name in of(&BACKED_UP) {
        let backup = Some(format!("{name}_evergreen"));
        properties.insert(name.to_owned(), PropertyRule { backup, ..PropertyRule::default() });
    }
    for name in of(&LEFT_TO_SALES) {
        properties.insert(name.to_owned(), PropertyRule { protect: Protection::Never, ..PropertyRule::default() });
    }
    for name in own::NAMES {
        properties.insert((*name).to_owned(), PropertyRule { protect: Protection::Always, ..PropertyRule::default() });
    }
    EntityRules { properties }
}
