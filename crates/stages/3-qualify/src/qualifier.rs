//! The decision of qualify: keep, suppress, hold or reject, with a sentence for each.

use evergreen_model::mailbox::upward;
use evergreen_model::{Entity, Fit, Reason, Record, Suppression, SuppressionReason};

use crate::domains::{self, Domains};
use crate::icp::{Profile, SettingsProblem};
use crate::settings::{Filter, Settings};
use crate::subject::{Subject, domains_of};

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on.
    Keep {
        /// What the profile says: yes, or not known yet.
        fit: Fit,
    },
    /// It must not be touched.
    Suppress {
        /// Why, in the suppression list's words.
        reason: SuppressionReason,
        /// Why, for people.
        why: Reason,
    },
    /// A person decides.
    Hold {
        /// Why.
        why: Reason,
    },
    /// It is refused and looked at again later.
    Reject {
        /// Why.
        why: Reason,
        /// Days until then.
        retry_days: u32,
    },
}

/// The compiled settings of qualify.
#[derive(Clone, Debug)]
pub struct Qualifier {
    settings: Settings,
    more_free_mail: Domains,
    customers: Domains,
    competitors: Domains,
    profile: Profile,
}

impl Qualifier {
    /// Compiles the settings.
    ///
    /// # Errors
    /// Every rule that cannot be used, with its path in the configuration and its mistake.
    pub fn new(settings: &Settings) -> Result<Qualifier, Vec<SettingsProblem>> {
        Ok(Qualifier {
            more_free_mail: Domains::new(settings.reject.free_mail_domains.iter().map(String::as_str)),
            customers: Domains::new(settings.suppress.customer_domains.iter().map(String::as_str)),
            competitors: Domains::new(settings.suppress.competitor_domains.iter().map(String::as_str)),
            profile: Profile::new(&settings.icp)?,
            settings: settings.clone(),
        })
    }

    /// The keys under which a record may stand on the suppression list: `email:…` of the address, `domain:…` of the domains it
    /// stands for and of those they were registered under. A hash of the address is the store's own affair.
    #[must_use]
    pub fn suppression_keys(&self, record: &Record, company: Option<&Record>) -> Vec<String> {
        let mut keys = Vec::new();
        if record.entity == Entity::Contact
            && let Some(email) = record.value("email").filter(|email| !email.trim().is_empty())
        {
            keys.push(format!("email:{}", email.trim().to_lowercase()));
        }
        for domain in domains_of(record, company) {
            let registered = domains::registered(&domain).unwrap_or(&domain);
            // Every level in between as well: a list may name the branch `uk.acme.com`.
            for level in upward(&domain).take_while(|level| level.len() >= registered.len()) {
                let key = format!("domain:{level}");
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// Decides.
    #[must_use]
    pub fn decide(&self, subject: &Subject<'_>) -> Decision {
        if let Some((reason, sentence)) = self.suppressed(subject) {
            let code = format!("suppressed-{}", reason.as_str());
            return Decision::Suppress { reason, why: Reason::new(code, sentence) };
        }
        if let Some(why) = self.refused_address(subject) {
            return Decision::Reject { why, retry_days: self.settings.reject.retry_days };
        }
        self.profile.decide(subject)
    }

    fn suppressed(&self, subject: &Subject<'_>) -> Option<(SuppressionReason, String)> {
        if let Some(entry) = subject.suppressed.first() {
            return Some((entry.reason, on_the_list(entry)));
        }
        let settings = &self.settings.suppress;
        let record = subject.record;
        let is_contact = record.entity == Entity::Contact;
        if is_contact
            && settings.unsubscribed
            && record.value("hs_email_optout").is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
        {
            return Some((SuppressionReason::Unsubscribed, "Unsubscribed from all email in the CRM".to_owned()));
        }
        let listed = |list: &[String], value: &str| list.iter().any(|entry| entry.eq_ignore_ascii_case(value.trim()));
        if is_contact
            && let Some(status) =
                record.value("hs_lead_status").filter(|status| listed(&settings.lead_statuses, status))
        {
            return Some((SuppressionReason::Unqualified, format!("The lead status in the CRM is {status}")));
        }
        let domains = subject.domains();
        let on = |list: &Domains| domains.iter().find_map(|domain| list.find(domain).map(str::to_owned));
        if let Some(domain) = on(&self.competitors) {
            return Some((SuppressionReason::Competitor, format!("{domain} is a competitor's domain")));
        }
        if let Some(domain) = on(&self.customers) {
            return Some((SuppressionReason::Customer, format!("{domain} is a customer's domain")));
        }
        let stage = |record: Option<&Record>| {
            let stage = record?.value("lifecyclestage")?;
            listed(&settings.customer_stages, stage).then(|| stage.to_owned())
        };
        if let Some(stage) = stage(subject.firm()) {
            let company =
                subject.company_value("name").or_else(|| subject.company_value("domain")).unwrap_or("The company");
            return Some((
                SuppressionReason::Customer,
                format!("{company} is a customer: its lifecycle stage in the CRM is {stage}"),
            ));
        }
        if let Some(stage) = stage(Some(record).filter(|_| is_contact)) {
            return Some((
                SuppressionReason::Customer,
                format!("Is a customer: the lifecycle stage in the CRM is {stage}"),
            ));
        }
        None
    }

    fn refused_address(&self, subject: &Subject<'_>) -> Option<Reason> {
        let settings = &self.settings.reject;
        let address = subject.email()?;
        let domain = domains::of_address(address)?;
        if settings.students == Filter::Reject
            && settings.student_domains.iter().any(|pattern| domains::looks_like(&domain, pattern))
        {
            return Some(Reason::new("student-address", format!("{address} is the address of a university or school")));
        }
        if settings.free_mail == Filter::Reject
            && domains::is_free(&domain, &self.more_free_mail)
            && !self.company_known(subject)
        {
            return Some(Reason::new("free-mail", format!("{address} is a free-mail address and no company is known")));
        }
        None
    }

    /// Whether anything but the address names a company.
    fn company_known(&self, subject: &Subject<'_>) -> bool {
        let named = ["name", "domain", "website"].into_iter().filter_map(|field| subject.company_value(field));
        named.map(str::trim).filter(|value| !value.is_empty()).any(|value| match domains::bare(value) {
            // A domain that was only taken from the address says nothing.
            Some(domain) => !domains::is_free(&domain, &self.more_free_mail),
            None => true,
        })
    }
}

fn on_the_list(entry: &Suppression) -> String {
    let reason = entry.reason.as_str();
    match entry.key.split_once(':') {
        // A hash says nothing to people, and must not.
        Some(("email" | "domain", what)) => {
            format!("On the suppression list as {reason}: {what}, put there by {}", entry.by)
        }
        _ => format!("On the suppression list as {reason}, put there by {}", entry.by),
    }
}
