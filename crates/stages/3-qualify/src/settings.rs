//! The settings of qualify: who must not be touched, which addresses are refused, and whom we want (the ICP).

use evergreen_rules::Expression;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stage 3, qualify: who is left alone and who fits, decided before money is spent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who must not be enriched, written or mailed.
    #[garde(dive)]
    pub suppress: Suppress,
    /// Which addresses are refused although nobody forbids them.
    #[garde(dive)]
    pub reject: Reject,
    /// The ideal customer profile: whom we want.
    #[garde(dive)]
    pub icp: Icp,
}

/// Who must not be enriched, written or mailed. The lists named under `suppressions` come on top.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Suppress {
    /// Suppress contacts whom the portal shows as unsubscribed from all email (`hs_email_optout`).
    #[garde(skip)]
    pub unsubscribed: bool,
    /// Lead statuses (`hs_lead_status`, internal values) that mean "leave alone".
    #[garde(skip)]
    pub lead_statuses: Vec<String>,
    /// Lifecycle stages that mark a customer; the contacts of such a company are left alone, and the company itself.
    /// `[]` switches it off.
    #[garde(skip)]
    pub customer_stages: Vec<String>,
    /// Domains of customers, such as `acme.com`; subdomains count too.
    #[garde(inner(custom(domain)))]
    pub customer_domains: Vec<String>,
    /// Domains of competitors; subdomains count too.
    #[garde(inner(custom(domain)))]
    pub competitor_domains: Vec<String>,
}

/// Which addresses are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Reject {
    /// What happens to a contact whose only address is a free-mail one such as `@gmail.com` and whose company is not known.
    #[garde(skip)]
    pub free_mail: Filter,
    /// Further free-mail domains, beside the built-in list; subdomains count too.
    #[garde(inner(custom(domain)))]
    pub free_mail_domains: Vec<String>,
    /// What happens to a contact with the address of a university or school.
    #[garde(skip)]
    pub students: Filter,
    /// What such a domain looks like; `*` stands for any letters, `?` for one. Asked of the domain and of each domain above it.
    #[garde(inner(length(min = 1, max = 100)))]
    pub student_domains: Vec<String>,
    /// Days until a contact refused by these filters is looked at again.
    #[garde(range(min = 1, max = 3650))]
    pub retry_days: u32,
}

/// What a filter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// The record is refused.
    Reject,
    /// The record goes on.
    Keep,
}

/// The ideal customer profile: rules asked in order, of which the first that says yes decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(default, deny_unknown_fields)]
pub struct Icp {
    /// The rules, first one first. A company is asked only the rules that name nothing but company fields.
    #[garde(dive)]
    pub rules: Vec<IcpRule>,
    /// What happens when no rule says yes.
    #[garde(skip)]
    pub default: Verdict,
    /// What happens when the answer is still not known after enrichment because a field is missing. Before it, such records go on.
    #[garde(skip)]
    pub unknown_after_enrich: UnknownChoice,
    /// Days until a record refused by the profile is looked at again.
    #[garde(range(min = 1, max = 3650))]
    pub retry_days: u32,
}

/// One rule of the profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct IcpRule {
    /// What people call it; it stands in the reason of every record it decides.
    #[garde(length(min = 1, max = 100))]
    pub name: String,
    /// A CEL rule over `contact`, `company` and `record`, such as `company.numberofemployees < 20`.
    #[garde(skip)]
    pub when: Expression,
    /// What follows when it says yes.
    #[garde(skip)]
    pub then: Verdict,
}

/// What a rule of the profile decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The record fits.
    Accept,
    /// The record is refused.
    Reject,
}

/// What happens to a record of which the profile cannot say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnknownChoice {
    /// It goes on as if it fitted.
    Keep,
    /// A person decides on the review board.
    Hold,
    /// It is refused.
    Reject,
}

impl Default for Suppress {
    fn default() -> Self {
        Suppress {
            unsubscribed: true,
            lead_statuses: vec!["UNQUALIFIED".to_owned()],
            customer_stages: vec!["customer".to_owned()],
            customer_domains: Vec::new(),
            competitor_domains: Vec::new(),
        }
    }
}

impl Default for Reject {
    fn default() -> Self {
        let student = ["*.edu", "*.edu.??", "*.ac.??", "uni-*", "student.*.*", "students.*.*", "stud.*.*"];
        Reject {
            free_mail: Filter::Reject,
            free_mail_domains: Vec::new(),
            students: Filter::Reject,
            student_domains: student.map(str::to_owned).to_vec(),
            retry_days: 7,
        }
    }
}

impl Default for Icp {
    fn default() -> Self {
        Icp { rules: Vec::new(), default: Verdict::Accept, unknown_after_enrich: UnknownChoice::Hold, retry_days: 7 }
    }
}

fn domain(domain: &str, _context: &()) -> garde::Result {
    let odd = domain.is_empty() || !domain.contains('.') || domain.contains(['@', '/', ' ', '*', ':']);
    if odd {
        return Err(garde::Error::new(format!("`{domain}` is no bare domain such as `acme.com`")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_read_back_unchanged() {
        let settings = Settings::default();
        settings.validate().unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn a_web_address_is_no_domain() {
        let suppress = Suppress { competitor_domains: vec!["https://acme.com".to_owned()], ..Suppress::default() };
        assert!(suppress.validate().is_err());
    }
}
