//! Does a row say who it is about? And do its values stand where they belong?

use evergreen_model::{Entity, Fields};

use crate::quarantine::Trouble;
use crate::sniff;

/// Whether the values belong together and say who this is.
/// `formulas` says that failed formulas stood in the row; `header_of` names the column of a field.
pub(crate) fn check(
    entity: Entity,
    fields: &Fields,
    formulas: bool,
    header_of: impl Fn(&str) -> String,
) -> Result<(), Trouble> {
    let has = |name: &str| fields.contains_key(name);
    let email = fields.get("email").map(String::as_str);
    if entity == Entity::Contact && !email.is_some_and(|email| email.contains('@')) {
        for name in ["firstname", "lastname", "jobtitle", "company", "city", "phone"] {
            if fields.get(name).is_some_and(|value| sniff::is_email(value)) {
                return Err(Trouble::ShiftedColumns { column: header_of(name) });
            }
        }
    }
    for name in ["email", "firstname", "lastname", "company", "name", "domain"] {
        if fields.get(name).is_some_and(|value| value.contains('\u{fffd}')) {
            return Err(Trouble::LostCharacters { column: header_of(name) });
        }
    }
    let known = match entity {
        Entity::Contact => {
            let named = has("firstname") || has("lastname");
            let placed = has("company") || has("domain") || has("website");
            if email.is_some_and(|email| email.contains('@')) || has("hs_linkedin_url") || (named && placed) {
                return Ok(());
            }
            match (email, named, placed) {
                (Some(email), _, _) => Trouble::EmailUnusable { value: email.to_owned() },
                (None, true, _) => Trouble::NameWithoutCompany,
                (None, false, true) => Trouble::CompanyWithoutPerson,
                (None, false, false) => Trouble::NoIdentity { what: "no e-mail address, no LinkedIn profile, no name" },
            }
        }
        Entity::Company if has("name") || has("domain") || has("website") => return Ok(()),
        Entity::Company => Trouble::NoIdentity { what: "neither a company name nor a domain" },
    };
    Err(if formulas { Trouble::FormulaError } else { known })
}
