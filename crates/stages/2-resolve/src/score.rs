//! Score: turns what two subjects agree on into a match probability.
//!
//! Each comparison level has a match weight in bits (the logarithm of how much likelier it is for one person than for
//! two); their sum with the prior is a probability. Rules then say what the weights cannot: which keys decide alone, and
//! which pairs no sum may merge. A trained model replaces the weights; the rules stay.

use crate::compare::company::{CompanyNameLevel, Country, DomainLevel};
use crate::compare::contact::{Employer, MailboxLevel, Name};
use crate::compare::{Agreement, CompanyComparison, Comparison, ContactComparison};
use crate::settings::Settings;

/// Two random contacts are one person with these odds, in bits.
const CONTACT_PRIOR: f64 = -17.0;
/// Two random companies are one with these odds, in bits.
const COMPANY_PRIOR: f64 = -13.0;

/// How alike a pair is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    /// Match probability, 0 to 1.
    pub probability: f64,
    /// The two cannot be one, whatever a third subject says: no chain may join them.
    pub is_contradiction: bool,
    /// The rule that overruled the weights, in words.
    pub rule: Option<&'static str>,
}

/// The match weights of a contact pair in bits, one per comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ContactWeights {
    pub name: f64,
    pub mailbox: f64,
    pub employer: f64,
    pub linkedin: f64,
    pub phone: f64,
    pub city: f64,
    pub country: f64,
    pub title: f64,
}

/// The match weights of a company pair in bits, one per comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct CompanyWeights {
    pub name: f64,
    pub domain: f64,
    pub linkedin: f64,
    pub phone: f64,
    pub street: f64,
    pub city: f64,
    pub country: f64,
    pub form: f64,
}

/// The score of a pair. `shares_key` tells whether the two would have been found by a blocking key; without one the pair
/// stays below review, so that a batch sees the same pairs as a full run.
pub(crate) fn score(comparison: &Comparison, shares_key: bool, settings: &Settings) -> Scored {
    let mut scored = match comparison {
        Comparison::Contact(pair) => score_contacts(pair, settings),
        Comparison::Company(pair) => score_companies(pair, settings),
    };
    if !shares_key && scored.probability >= settings.review {
        scored.probability = below(settings.review);
        scored.rule = Some("nothing exact in common");
    }
    scored
}

/// The weights of a contact pair.
pub(crate) fn contact_weights(pair: &ContactComparison) -> ContactWeights {
    let common = if pair.is_common_name { 3.5 } else { 0.0 };
    let name = match pair.name {
        Name::Same => 15.0 - common,
        Name::Swapped => 13.5 - common,
        Name::Nickname => 13.0 - common,
        Name::Typo | Name::Compound => 12.5 - common,
        Name::Initial => 9.5 - common,
        Name::SurnameUnknown => 7.0,
        Name::GivenUnknown => 7.0 - common,
        Name::GivenDiffers => -4.0,
        Name::SurnameDiffers => -6.0,
        Name::Different => -12.0,
        Name::Unknown | Name::Neither => 0.0,
    };
    let mailbox = match pair.mailbox {
        MailboxLevel::Same => 20.0,
        MailboxLevel::Typo => 13.0,
        MailboxLevel::SameRole => 8.0,
        MailboxLevel::SameLocal => 3.0,
        MailboxLevel::OtherSpelling => -1.0,
        MailboxLevel::OtherAtSameFirm => -6.0,
        MailboxLevel::Unknown => 0.0,
    };
    let is_one_mailbox = matches!(pair.mailbox, MailboxLevel::Same | MailboxLevel::SameRole | MailboxLevel::Typo);
    let employer = match pair.employer {
        // One mailbox is one host: it says nothing new.
        _ if is_one_mailbox => 0.0,
        Employer::SameDomain | Employer::SameName => 8.5,
        Employer::SimilarName => 6.5,
        Employer::Different => -3.0,
        Employer::Unknown => 0.0,
    };
    let at_one_firm = is_one_mailbox || employer > 0.0;
    ContactWeights {
        name,
        mailbox,
        employer,
        linkedin: match pair.linkedin {
            Agreement::Same | Agreement::Similar => 18.0,
            Agreement::Different => -6.0,
            Agreement::Unknown => 0.0,
        },
        // Colleagues share a switchboard.
        phone: match pair.phone {
            Agreement::Same | Agreement::Similar if at_one_firm => 6.0,
            Agreement::Same | Agreement::Similar => 10.0,
            Agreement::Different => -0.6,
            Agreement::Unknown => 0.0,
        },
        // And a city, which is then the firm's.
        city: match pair.city {
            Agreement::Same | Agreement::Similar if at_one_firm => 0.3,
            Agreement::Same | Agreement::Similar => 3.5,
            Agreement::Different => -0.8,
            Agreement::Unknown => 0.0,
        },
        country: match pair.country {
            Agreement::Same | Agreement::Similar if at_one_firm => 0.0,
            Agreement::Same | Agreement::Similar => 0.5,
            Agreement::Different => -2.0,
            Agreement::Unknown => 0.0,
        },
        title: match pair.title {
            Agreement::Same => 2.0,
            Agreement::Similar => 1.5,
            Agreement::Different => -0.4,
            Agreement::Unknown => 0.0,
        },
    }
}

/// The weights of a company pair.
pub(crate) fn company_weights(pair: &CompanyComparison) -> CompanyWeights {
    let agreement = |level: Agreement, same: f64, similar: f64, different: f64| match level {
        Agreement::Same => same,
        Agreement::Similar => similar,
        Agreement::Different => different,
        Agreement::Unknown => 0.0,
    };
    CompanyWeights {
        name: match pair.name {
            CompanyNameLevel::Same if pair.is_rare_name => 15.5,
            CompanyNameLevel::Same => 14.0,
            CompanyNameLevel::Typo => 11.0,
            CompanyNameLevel::OtherName => 10.0,
            CompanyNameLevel::Acronym => 5.0,
            CompanyNameLevel::Beginning => 4.0,
            CompanyNameLevel::Different => -7.0,
            CompanyNameLevel::Unknown => 0.0,
        },
        domain: match pair.domain {
            DomainLevel::Same => 14.0,
            DomainLevel::OtherEnding => -1.0,
            DomainLevel::Different => -5.0,
            DomainLevel::Unknown => 0.0,
        },
        linkedin: agreement(pair.linkedin, 14.0, 14.0, -4.0),
        phone: agreement(pair.phone, 9.0, 9.0, -1.0),
        street: agreement(pair.street, 7.0, 5.0, -1.5),
        city: agreement(pair.city, 3.0, 3.0, -2.5),
        country: match pair.country {
            Country::Same => 2.2,
            Country::Different => -7.0,
            Country::SeemsDifferent => -4.0,
            Country::Unknown => 0.0,
        },
        form: agreement(pair.form, 0.3, 0.3, -3.0),
    }
}

fn score_contacts(pair: &ContactComparison, settings: &Settings) -> Scored {
    let weights = contact_weights(pair);
    let bits = CONTACT_PRIOR
        + weights.name
        + weights.mailbox
        + weights.employer
        + weights.linkedin
        + weights.phone
        + weights.city
        + weights.country
        + weights.title;
    let same_mailbox = pair.mailbox == MailboxLevel::Same;
    let same_linkedin = pair.linkedin == Agreement::Same;
    let same_firm = matches!(pair.employer, Employer::SameDomain | Employer::SameName);
    let names_differ = matches!(pair.name, Name::GivenDiffers | Name::Different);
    let mut verdict = Verdict::from_bits(bits, settings);

    if same_mailbox && names_differ {
        verdict.hold("same address, but different names");
    } else if same_mailbox {
        verdict.at_least(if pair.linkedin == Agreement::Different { 0.90 } else { 0.98 }, "same email address");
    } else if same_linkedin && names_differ {
        verdict.hold("same LinkedIn profile, but different names");
    } else if same_linkedin && same_firm {
        verdict.at_least(0.97, "same LinkedIn profile and company");
    } else if same_linkedin {
        verdict.at_least(0.90, "same LinkedIn profile");
    } else if pair.mailbox == MailboxLevel::SameRole && pair.name == Name::Neither {
        verdict.at_least(0.95, "same address and no names");
    } else if pair.mailbox == MailboxLevel::SameRole && pair.name == Name::Unknown {
        verdict.hold("same team address, name known on one side only");
    } else if pair.mailbox == MailboxLevel::SameRole && !pair.name.agrees_in_full() {
        verdict.at_most_held("a team address is nobody's own");
    } else if pair.mailbox == MailboxLevel::OtherAtSameFirm && names_differ {
        verdict.at_most(0.05, "two mailboxes at one company with different first names");
    } else if pair.employer == Employer::SimilarName
        && matches!(pair.mailbox, MailboxLevel::SameLocal | MailboxLevel::OtherSpelling)
        && pair.phone != Agreement::Same
    {
        // Siemens and Siemens Energy: one person who changed firm, or two with one name. A person can tell.
        verdict.at_most_held("own mailboxes at two companies with similar names");
    } else if pair.employer == Employer::Different
        && pair.mailbox == MailboxLevel::Unknown
        && pair.phone != Agreement::Same
    {
        verdict.at_most_held("same name at two companies");
    }
    let is_contradiction = !same_mailbox && !same_linkedin && (names_differ || pair.linkedin == Agreement::Different);
    verdict.scored(is_contradiction)
}

fn score_companies(pair: &CompanyComparison, settings: &Settings) -> Scored {
    let weights = company_weights(pair);
    let bits = COMPANY_PRIOR
        + weights.name
        + weights.domain
        + weights.linkedin
        + weights.phone
        + weights.street
        + weights.city
        + weights.country
        + weights.form;
    let elsewhere = matches!(pair.country, Country::Different | Country::SeemsDifferent);
    let agreed = [pair.linkedin, pair.phone, pair.street, pair.city].into_iter().any(|level| level == Agreement::Same);
    let place_agrees = !elsewhere && (agreed || pair.country == Country::Same);
    let mut verdict = Verdict::from_bits(bits, settings);
    match pair.domain {
        DomainLevel::Same if pair.name == CompanyNameLevel::Different && !place_agrees => {
            verdict.hold("same domain, but different names and nothing else");
        }
        DomainLevel::Same => verdict.at_least(0.95, "same domain"),
        DomainLevel::OtherEnding | DomainLevel::Different if elsewhere => {
            verdict.at_most(0.10, "own domain and own country: a sister company");
        }
        _ => {}
    }
    let is_contradiction = pair.domain != DomainLevel::Same
        && (pair.country == Country::Different
            || (pair.domain == DomainLevel::Different && pair.name == CompanyNameLevel::Different));
    verdict.scored(is_contradiction)
}

/// A probability while rules are applied to it.
struct Verdict<'a> {
    probability: f64,
    rule: Option<&'static str>,
    settings: &'a Settings,
}

impl<'a> Verdict<'a> {
    fn from_bits(bits: f64, settings: &'a Settings) -> Self {
        Verdict { probability: 1.0 / (1.0 + (-bits).exp2()), rule: None, settings }
    }

    fn at_least(&mut self, probability: f64, rule: &'static str) {
        if self.probability < probability {
            self.probability = probability;
            self.rule = Some(rule);
        }
    }

    fn at_most(&mut self, probability: f64, rule: &'static str) {
        if self.probability > probability {
            self.probability = probability;
            self.rule = Some(rule);
        }
    }

    /// At most a question to a person.
    fn at_most_held(&mut self, rule: &'static str) {
        self.at_most(self.middle(), rule);
    }

    /// A question to a person, whatever the weights say.
    fn hold(&mut self, rule: &'static str) {
        self.probability = self.middle();
        self.rule = Some(rule);
    }

    fn middle(&self) -> f64 {
        if self.settings.match_ > self.settings.review {
            f64::midpoint(self.settings.match_, self.settings.review)
        } else {
            below(self.settings.match_)
        }
    }

    fn scored(self, is_contradiction: bool) -> Scored {
        Scored { probability: self.probability.clamp(0.0, 1.0), is_contradiction, rule: self.rule }
    }
}

/// Just under a threshold.
fn below(threshold: f64) -> f64 {
    (threshold - 0.01).max(0.0)
}
