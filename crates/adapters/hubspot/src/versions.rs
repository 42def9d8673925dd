//! Which release of HubSpot's API we speak, every path we call, and how much fits into one call.

/// HubSpot releases its API twice a year; this one is current from September 2026 and supported for 18 months.
pub const VERSION: &str = "2026-09";

/// Inputs per batch, and records per page.
pub(crate) const BATCH_MAX: usize = 100;
/// Inputs per batch read, and records per page, when history is asked for.
pub(crate) const BATCH_MAX_WITH_HISTORY: usize = 50;
/// Characters of a value.
pub(crate) const VALUE_MAX: usize = 65_536;
/// Pairs per batch of links; HubSpot's smallest limit for any of the association batches.
pub(crate) const LINKS_MAX: usize = 1_000;
/// Records per page of a search.
pub(crate) const SEARCH_PAGE_MAX: usize = 200;
/// Records one search can reach, page by page.
pub(crate) const SEARCH_REACH: usize = 10_000;
/// Characters of a search.
pub(crate) const SEARCH_TEXT_MAX: usize = 3_000;
/// Owners, or association targets, per page.
pub(crate) const OWNERS_PAGE_MAX: usize = 500;
/// Members of a list per call.
pub(crate) const MEMBERS_MAX: usize = 250;

pub(crate) fn account() -> String {
    format!("/account-info/{VERSION}/details")
}

pub(crate) fn usage() -> String {
    format!("/account-info/{VERSION}/api-usage/daily/private-apps")
}

/// What a private app's token may do. The one path without a dated form.
pub(crate) const TOKEN_INFO: &str = "/oauth/v2/private-apps/get/access-token-info";

/// `verb` is empty for a token, `/introspect` or `/revoke`.
pub(crate) fn oauth_token(verb: &str) -> String {
    format!("/oauth/{VERSION}/token{verb}")
}

/// Records of an object; `rest` is empty or begins with `/`.
pub(crate) fn objects(object: &str, rest: &str) -> String {
    format!("/crm/objects/{VERSION}/{object}{rest}")
}

/// `verb` is `read`, `create`, `update`, `upsert` or `archive`.
pub(crate) fn batch(object: &str, verb: &str) -> String {
    objects(object, &format!("/batch/{verb}"))
}

/// Properties of an object; `rest` is empty or begins with `/`.
pub(crate) fn properties(object: &str, rest: &str) -> String {
    format!("/crm/properties/{VERSION}/{object}{rest}")
}

/// Links between two kinds of objects; `rest` begins with `/`.
pub(crate) fn associations(from: &str, to: &str, rest: &str) -> String {
    format!("/crm/associations/{VERSION}/{from}/{to}{rest}")
}

pub(crate) fn owners() -> String {
    format!("/crm/owners/{VERSION}")
}

/// Lists; `rest` is empty or begins with `/`.
pub(crate) fn lists(rest: &str) -> String {
    format!("/crm/lists/{VERSION}{rest}")
}

/// Communication preferences; `rest` begins with `/`.
pub(crate) fn preferences(rest: &str) -> String {
    format!("/communication-preferences/{VERSION}{rest}")
}

/// A part of a path or form that comes from outside: an id, a name.
pub(crate) fn part(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

/// The same for an id or an address in a path, where `@` may stand as it is.
pub(crate) fn key(text: &str) -> String {
    part(text).replace("%40", "@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_a_slash_can_not_change_the_path() {
        assert_eq!(part("a+b@acme.com"), "a%2Bb%40acme.com");
        assert_eq!(key("a+b@acme.com"), "a%2Bb@acme.com");
        assert_eq!(part("../owners?x=1"), "..%2Fowners%3Fx%3D1");
    }
}
