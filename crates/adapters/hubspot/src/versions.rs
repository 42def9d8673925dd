//! Which release of HubSpot's API we speak, and every path we call.

use evergreen_model::Entity;

/// HubSpot releases its API twice a year; this one is current from September 2026 and supported for 18 months.
pub const VERSION: &str = "2026-09";

pub(crate) fn account() -> String {
    format!("/account-info/{VERSION}/details")
}

pub(crate) fn objects(entity: Entity) -> String {
    format!("/crm/objects/{VERSION}/{}", entity.object())
}

/// `verb` is `read`, `update` or `upsert`.
pub(crate) fn batch(entity: Entity, verb: &str) -> String {
    format!("/crm/objects/{VERSION}/{}/batch/{verb}", entity.object())
}

pub(crate) fn properties(entity: Entity) -> String {
    format!("/crm/properties/{VERSION}/{}", entity.object())
}

pub(crate) fn property_groups(entity: Entity) -> String {
    format!("/crm/properties/{VERSION}/{}/groups", entity.object())
}

pub(crate) fn properties_batch_create(entity: Entity) -> String {
    format!("/crm/properties/{VERSION}/{}/batch/create", entity.object())
}

pub(crate) fn owners() -> String {
    format!("/crm/owners/{VERSION}")
}

pub(crate) fn link_contacts_to_companies() -> String {
    format!("/crm/associations/{VERSION}/contacts/companies/batch/associate/default")
}

pub(crate) fn unlink_contacts_from_companies() -> String {
    format!("/crm/associations/{VERSION}/contacts/companies/batch/archive")
}

pub(crate) fn usage() -> String {
    format!("/account-info/{VERSION}/api-usage/daily/private-apps")
}

pub(crate) fn search(entity: Entity) -> String {
    format!("/crm/objects/{VERSION}/{}/search", entity.object())
}

pub(crate) fn merge(entity: Entity) -> String {
    format!("/crm/objects/{VERSION}/{}/merge", entity.object())
}

/// Inputs per batch, and records per page.
pub(crate) const BATCH_MAX: usize = 100;
/// Inputs per batch read when history is asked for.
pub(crate) const BATCH_MAX_WITH_HISTORY: usize = 50;
/// Pairs per batch of links.
pub(crate) const LINKS_MAX: usize = 1_000;
/// Records per page of a search.
pub(crate) const SEARCH_PAGE_MAX: usize = 200;
/// Owners per page.
pub(crate) const OWNERS_PAGE_MAX: usize = 500;
