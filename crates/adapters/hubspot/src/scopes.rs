//! Scopes: which permission each capability needs in HubSpot, and which of them a token lacks.

use evergreen_model::Problem;

use crate::problem;

/// Something the configuration can ask of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Reading contacts.
    ReadContacts,
    /// Writing contacts.
    WriteContacts,
    /// Reading companies.
    ReadCompanies,
    /// Writing companies.
    WriteCompanies,
    /// Reading the definitions of properties.
    ReadProperties,
    /// Creating our own properties and group.
    CreateProperties,
    /// Reading who owns what.
    ReadOwners,
    /// Reading lists.
    ReadLists,
    /// Filling lists.
    WriteLists,
    /// Logging notes, e-mails, tasks and messages on contacts.
    LogActivities,
    /// Reading what logged e-mails say.
    ReadEmailBodies,
    /// Reading opt-outs.
    ReadOptOuts,
    /// Recording opt-outs.
    WriteOptOuts,
}

/// A scope that a capability needs and the token lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What does not work.
    pub capability: Capability,
    /// The scope to give.
    pub scope: String,
}

impl Capability {
    /// The words people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Capability::ReadContacts => "reading contacts",
            Capability::WriteContacts => "writing contacts",
            Capability::ReadCompanies => "reading companies",
            Capability::WriteCompanies => "writing companies",
            Capability::ReadProperties => "reading property definitions",
            Capability::CreateProperties => "creating Evergreen's properties",
            Capability::ReadOwners => "reading owners",
            Capability::ReadLists => "reading lists",
            Capability::WriteLists => "filling lists",
            Capability::LogActivities => "logging activities",
            Capability::ReadEmailBodies => "reading the text of logged e-mails",
            Capability::ReadOptOuts => "reading opt-outs",
            Capability::WriteOptOuts => "recording opt-outs",
        }
    }

    /// What it needs: of each inner list one scope is enough, the first being the one to ask for.
    #[must_use]
    pub fn scopes(self) -> &'static [&'static [&'static str]] {
        match self {
            Capability::ReadContacts => &[&["crm.objects.contacts.read"]],
            Capability::WriteContacts | Capability::LogActivities => &[&["crm.objects.contacts.write"]],
            Capability::ReadCompanies => &[&["crm.objects.companies.read"]],
            Capability::WriteCompanies => &[&["crm.objects.companies.write"]],
            Capability::ReadProperties => &[&["crm.schemas.contacts.read"], &["crm.schemas.companies.read"]],
            Capability::CreateProperties => &[&["crm.schemas.contacts.write"], &["crm.schemas.companies.write"]],
            Capability::ReadOwners => &[&["crm.objects.owners.read"]],
            Capability::ReadLists => &[&["crm.lists.read"]],
            Capability::WriteLists => &[&["crm.lists.write"]],
            Capability::ReadEmailBodies => &[&["sales-email-read"]],
            Capability::ReadOptOuts => &[&["communication_preferences.read", "communication_preferences.read_write"]],
            Capability::WriteOptOuts => &[&["communication_preferences.write", "communication_preferences.read_write"]],
        }
    }

    /// All scopes these capabilities need, each once, for the page where an admin agrees.
    #[must_use]
    pub fn all_scopes(needed: &[Capability]) -> Vec<&'static str> {
        let all: std::collections::BTreeSet<&str> =
            needed.iter().flat_map(|one| one.scopes()).filter_map(|any| any.first().copied()).collect();
        all.into_iter().collect()
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} needs {}", self.capability.words(), self.scope)
    }
}

/// The scopes that are needed and not granted, each with what it is needed for.
#[must_use]
pub fn missing(granted: &[String], needed: &[Capability]) -> Vec<Missing> {
    let has = |scope: &&str| granted.iter().any(|granted| granted == scope);
    let lacking = |capability: &Capability| {
        let capability = *capability;
        capability.scopes().iter().filter(move |any| !any.iter().any(|scope| has(&scope))).filter_map(move |any| {
            Some(Missing { capability, scope: (*any.first()?).to_owned() })
        })
    };
    needed.iter().flat_map(lacking).collect()
}

/// The same as one problem; `None` when nothing is missing.
#[must_use]
pub fn missing_problem(granted: &[String], needed: &[Capability]) -> Option<Problem> {
    let missing = missing(granted, needed);
    (!missing.is_empty()).then(|| problem::scopes_missing(&missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_named_with_what_it_is_needed_for() {
        let granted = ["crm.objects.contacts.read", "communication_preferences.read_write", "crm.schemas.contacts.read"]
            .map(str::to_owned);
        let needed = [Capability::ReadContacts, Capability::ReadProperties, Capability::WriteOptOuts, Capability::ReadOwners];
        let missing = missing(&granted, &needed);
        let words: Vec<String> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            ["reading property definitions needs crm.schemas.companies.read", "reading owners needs crm.objects.owners.read"]
        );
        let problem = missing_problem(&granted, &needed).unwrap();
        assert_eq!(problem.code, "EG-PORTAL-016");
        assert!(problem.fix.contains("crm.objects.owners.read") && problem.why.contains("reading owners"));
        assert!(missing_problem(&granted, &needed[..1]).is_none());
    }
}
