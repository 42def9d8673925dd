//! The words for outcomes, verdicts, reasons and fields, the same on the page and in the terminal.

use evergreen_model::report::OutcomeCounts;
use evergreen_model::{Entity, Outcome, field};

/// How many ended in which outcome, in report order.
pub fn outcomes(counts: &OutcomeCounts) -> [(Outcome, u64); 8] {
    Outcome::ALL.map(|outcome| {
        let count = match outcome {
            Outcome::Synced => counts.synced,
            Outcome::Unchanged => counts.unchanged,
            Outcome::Held => counts.held,
            Outcome::Rejected => counts.rejected,
            Outcome::Suppressed => counts.suppressed,
            Outcome::Merged => counts.merged,
            Outcome::Waiting => counts.waiting,
            Outcome::Quarantined => counts.quarantined,
        };
        (outcome, count)
    })
}

/// What an outcome means.
pub const fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Synced => "written to HubSpot in this run",
        Outcome::Unchanged => "already right in HubSpot",
        Outcome::Held => "a person decides on the review board",
        Outcome::Rejected => "refused with a reason and a retry date",
        Outcome::Suppressed => "must not be touched",
        Outcome::Merged => "the same person as another row",
        Outcome::Waiting => "on its way, not finished",
        Outcome::Quarantined => "the row could not be read",
    }
}

/// A verdict's word and what it means; an unknown verdict speaks for itself.
pub fn verdict(code: &str) -> (String, &'static str) {
    let meaning = match code {
        "valid" => "everything that could be asked says yes",
        "invalid" => "mail cannot be delivered",
        "accept_all" => "the domain takes mail for any name",
        "unknown" => "could not be decided",
        "disposable" => "a throw-away domain",
        "role" => "a function such as info@, not a person",
        "free" => "a free-mail address, not a company's",
        "missing" => "there is no address",
        _ => "",
    };
    let word = match code {
        "accept_all" => "catch-all".to_owned(),
        _ => code.replace('_', " "),
    };
    (word, meaning)
}

/// The verdicts in the order people think of them, from good to bad.
pub const VERDICTS: [&str; 8] = ["valid", "accept_all", "unknown", "role", "free", "disposable", "invalid", "missing"];

/// A reason code in words, for counts; a code we have no words for is shown with its hyphens as spaces.
pub fn reason(code: &str) -> String {
    let words = match code {
        "icp-no-fit" => "does not fit the ideal customer profile",
        "icp-unknown" => "too little known to tell whether it fits the profile",
        "free-mail" => "free-mail address, not a company's",
        "student-address" => "university or school address",
        "role-address" => "function address such as info@",
        "disposable-domain" => "throw-away address",
        "domain-not-found" => "email domain does not exist",
        "null-mx" => "email domain takes no mail",
        "no-mail-host" => "email domain has no mail host",
        "bad-mx" => "mail hosts cannot be reached",
        "address-only" => "no mail host named, mail may not arrive",
        "no-email" => "no email address found",
        "score-too-low" => "verification score too low",
        "no-owner" => "no territory and no fallback owner fits",
        "maybe-same" => "may be the same as another record",
        "over-budget" => "budget reached before it was enriched",
        "provider-unavailable" => "a provider did not answer, asked again later",
        "refused-by-person" => "the person forbids processing, says a provider",
        "rejected-by-person" => "refused on the review board",
        "portal-changed" => "HubSpot changed since the plan",
        "portal-refused" => "HubSpot refused the write",
        "deleted-in-portal" => "deleted in HubSpot by somebody",
        "nameless" => "too little to create a record",
        "not-verified" => "not verified, so not created",
        "do-not-contact" => "on a do-not-contact list",
        "unsubscribed" => "unsubscribed from all email",
        "unqualified" => "lead status says unqualified",
        "competitor" => "works for a competitor",
        "customer" => "works for a customer",
        "bounced" => "bounced hard before",
        "erased" => "erased on request",
        _ if code.starts_with("syntax-") => {
            return format!("not an email address ({})", code["syntax-".len()..].replace('-', " "));
        }
        _ if code.starts_with("dns-") => return format!("DNS did not answer ({})", &code["dns-".len()..]),
        _ => return code.replace(['-', '_'], " "),
    };
    words.to_owned()
}

/// A field of the fill table: its entity and what people call it. Company fields are written `company.domain`.
pub fn fill_field(name: &str) -> (Entity, String) {
    let (entity, bare) = match name.strip_prefix("company.") {
        Some(bare) => (Entity::Company, bare),
        None => (Entity::Contact, name),
    };
    let label = field::find(entity, bare).map_or_else(|| bare.to_owned(), |field| field.label.to_owned());
    (entity, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_carry_their_label_and_entity() {
        assert_eq!(fill_field("jobtitle"), (Entity::Contact, "Job title".to_owned()));
        assert_eq!(fill_field("company.domain"), (Entity::Company, "Company domain name".to_owned()));
        assert_eq!(fill_field("company"), (Entity::Contact, "Company name".to_owned()));
        assert_eq!(fill_field("shoe_size"), (Entity::Contact, "shoe_size".to_owned()));
    }

    #[test]
    fn a_code_without_words_speaks_for_itself() {
        assert_eq!(reason("something-rare"), "something rare");
        assert_eq!(reason("syntax-no-at"), "not an email address (no at)");
        assert_eq!(verdict("accept_all").0, "catch-all");
        assert_eq!(verdict("spam_trap"), ("spam trap".to_owned(), ""));
    }
}
