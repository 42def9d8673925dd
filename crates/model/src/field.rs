//! The fields we know of a contact and of a company, under HubSpot's internal property names.

use crate::record::Entity;

/// What kind of value a field holds; decides how rules and comparisons read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An e-mail address, compared without case.
    Email,
    /// A phone number, compared by its E.164 digits.
    Phone,
    /// A web address, compared without scheme, `www.` and trailing slash.
    Url,
    /// A bare host name such as `acme.com`.
    Domain,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A date or a date with time, RFC 3339.
    Time,
}

/// One field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// HubSpot's internal name where HubSpot has one.
    pub name: &'static str,
    /// What people call it, for tables and reports.
    pub label: &'static str,
    /// How to read its value.
    pub kind: FieldKind,
    /// Whether HubSpot has this property on the object; the others stay with us.
    pub in_portal: bool,
}

const fn field(name: &'static str, label: &'static str, kind: FieldKind, in_portal: bool) -> Field {
    Field { name, label, kind, in_portal }
}

use FieldKind::{Domain, Email, Flag, Number, Phone, Text, Time, Url};

/// The fields of a contact.
pub const CONTACT: &[Field] = &[
    field("email", "Email", Email, true),
    field("firstname", "First name", Text, true),
    field("lastname", "Last name", Text, true),
    field("jobtitle", "Job title", Text, true),
    field("seniority", "Seniority", Text, false),
    field("department", "Department", Text, false),
    field("company", "Company name", Text, true),
    field("domain", "Company domain", Domain, false),
    field("phone", "Phone", Phone, true),
    field("mobilephone", "Mobile phone", Phone, true),
    field("hs_linkedin_url", "LinkedIn URL", Url, true),
    field("address", "Street address", Text, true),
    field("city", "City", Text, true),
    field("state", "State/Region", Text, true),
    field("zip", "Postal code", Text, true),
    field("country", "Country", Text, true),
    field("industry", "Industry", Text, true),
    field("website", "Website", Url, true),
    field("lifecyclestage", "Lifecycle stage", Text, true),
    field("hs_lead_status", "Lead status", Text, true),
    field("hubspot_owner_id", "Contact owner", Text, true),
    field("hs_email_optout", "Unsubscribed from all email", Flag, true),
    field("lead_source", "Lead source", Text, false),
    field("external_id", "Own id in the list", Text, false),
    field("listed_at", "Date in the list", Time, false),
    field("notes", "Notes", Text, false),
];

/// The fields of a company.
pub const COMPANY: &[Field] = &[
    field("name", "Company name", Text, true),
    field("domain", "Company domain name", Domain, true),
    field("website", "Website URL", Url, true),
    field("phone", "Phone number", Phone, true),
    field("industry", "Industry", Text, true),
    field("numberofemployees", "Number of employees", Number, true),
    field("annualrevenue", "Annual revenue", Number, true),
    field("founded_year", "Year founded", Text, true),
    field("description", "Description", Text, true),
    field("linkedin_company_page", "LinkedIn company page", Url, true),
    field("address", "Street address", Text, true),
    field("city", "City", Text, true),
    field("state", "State/Region", Text, true),
    field("zip", "Postal code", Text, true),
    field("country", "Country/Region", Text, true),
    field("type", "Type", Text, true),
    field("lifecyclestage", "Lifecycle stage", Text, true),
    field("hubspot_owner_id", "Company owner", Text, true),
    field("lead_source", "Lead source", Text, false),
];

/// The fields of an entity.
#[must_use]
pub fn fields(entity: Entity) -> &'static [Field] {
    match entity {
        Entity::Contact => CONTACT,
        Entity::Company => COMPANY,
    }
}

/// The field of that name, if the entity has it.
#[must_use]
pub fn find(entity: Entity, name: &str) -> Option<&'static Field> {
    fields(entity).iter().find(|field| field.name == name)
}
