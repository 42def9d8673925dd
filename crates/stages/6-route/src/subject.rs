//! What a record offers to the matrix: its place, industry, size and source, read once and in one spelling.

use evergreen_model::{Entity, Record};

use crate::band::Band;
use crate::place::{self, fold};

/// A record to be given an owner.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The contact or company.
    pub record: &'a Record,
    /// The company of a contact.
    pub company: Option<&'a Record>,
    /// Where the record came from; unset means the record's own field `lead_source`.
    pub lead_source: Option<&'a str>,
}

/// The subject in the matrix's terms.
pub(crate) struct Profile<'a> {
    pub(crate) country: Option<&'static str>,
    /// As written, for people.
    pub(crate) country_text: Option<&'a str>,
    pub(crate) state_text: Option<&'a str>,
    pub(crate) industry: Option<&'a str>,
    pub(crate) headcount: Option<Band>,
    pub(crate) lead_source: Option<&'a str>,
    folded_industry: String,
    folded_source: String,
}

impl<'a> Profile<'a> {
    pub(crate) fn new(subject: &Subject<'a>) -> Profile<'a> {
        let own = |field: &str| value(Some(subject.record), field);
        let of_company = |field: &str| value(subject.company, field);
        // Person and company may sit in two countries; the person's own place counts, and a state only with its country.
        let own_country = own("country");
        let country_text = own_country.or_else(|| of_company("country"));
        let country = country_text.and_then(place::country);
        let same_country = of_company("country").and_then(place::country) == country;
        let state_text = match own_country {
            Some(_) => own("state").or_else(|| of_company("state").filter(|_| same_country)),
            None => of_company("state").or_else(|| own("state")),
        };
        let industry = match subject.record.entity {
            Entity::Contact => of_company("industry").or_else(|| own("industry")),
            Entity::Company => own("industry"),
        };
        let size = match subject.record.entity {
            Entity::Contact => of_company("numberofemployees"),
            Entity::Company => own("numberofemployees"),
        };
        let lead_source =
            subject.lead_source.map(str::trim).filter(|source| !source.is_empty()).or_else(|| own("lead_source"));
        Profile {
            country,
            country_text,
            state_text,
            industry,
            headcount: size.and_then(Band::parse),
            lead_source,
            folded_industry: industry.map(fold).unwrap_or_default(),
            folded_source: lead_source.map(fold).unwrap_or_default(),
        }
    }

    pub(crate) fn is_state(&self, state: &str) -> bool {
        self.state_text.is_some_and(|own| place::state(self.country, own) == place::state(self.country, state))
    }

    pub(crate) fn is_industry(&self, folded: &str) -> bool {
        self.industry.is_some() && self.folded_industry == folded
    }

    pub(crate) fn is_from(&self, folded_source: &str) -> bool {
        self.lead_source.is_some() && self.folded_source == folded_source
    }
}

fn value<'a>(record: Option<&'a Record>, field: &str) -> Option<&'a str> {
    record.and_then(|record| record.value(field)).map(str::trim).filter(|value| !value.is_empty())
}
