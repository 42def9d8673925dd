//! The verdicts of verifiers in our words: what is known of an address, and what kind of line a number is.

/// What is known of an address: `valid`, `invalid`, `accept_all`, `risky`, `disposable`, `do_not_mail` or `unknown`.
pub(super) fn email_status(text: &str) -> Option<&'static str> {
    Some(match plain(text).as_str() {
        "valid" | "verified" | "deliverable" | "ok" | "good" | "safe" | "true" | "validcatchall" | "catchallsafe" => {
            "valid"
        }
        "invalid" | "undeliverable" | "bad" | "bounced" | "bounce" | "rejected" | "notvalid" | "false" => "invalid",
        "acceptall" | "catchall" | "acceptsall" | "catchallonly" | "catchallnotsafe" => "accept_all",
        "risky" | "webmail" | "guessed" | "probable" | "likely" | "extrapolated" | "highprobability" => "risky",
        "disposable" | "temporary" => "disposable",
        "donotmail" | "spamtrap" | "abuse" | "toxic" | "role" | "rolebased" | "globalsuppression" => "do_not_mail",
        "unknown" | "unverified" | "undetermined" | "timeout" => "unknown",
        _ => return None,
    })
}

/// What kind of line a number is; `None` where the vendor does not know.
pub(super) fn phone_type(text: &str) -> Option<&'static str> {
    Some(match plain(text).as_str() {
        "mobile" | "cell" | "cellphone" | "wireless" => "mobile",
        "landline" | "fixed" | "fixedline" => "landline",
        "voip" | "fixedvoip" | "nonfixedvoip" | "virtual" => "voip",
        "tollfree" => "toll_free",
        "premium" | "premiumrate" => "premium",
        "sharedcost" => "shared_cost",
        "uan" => "uan",
        "voicemail" => "voicemail",
        "pager" => "pager",
        "personal" | "personalnumber" => "personal",
        _ => return None,
    })
}

/// Letters only, lower case: `catch-all`, `CATCH_ALL` and `catchAll` are one word.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
}
