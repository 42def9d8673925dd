//! The kinds of record a portal holds: people, firms, deals, and the activities logged on them.

/// Which table a record is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Company,
    Deal,
    Ticket,
    Lead,
    Note,
    Email,
    Task,
    Call,
    Meeting,
    Communication,
}

impl Kind {
    /// Every kind, in the order of the portal's tables.
    pub(crate) const ALL: [Kind; 11] = [
        Kind::Contact,
        Kind::Company,
        Kind::Deal,
        Kind::Ticket,
        Kind::Lead,
        Kind::Note,
        Kind::Email,
        Kind::Task,
        Kind::Call,
        Kind::Meeting,
        Kind::Communication,
    ];

    /// Plural, singular and type id are all accepted in paths, in any case.
    pub(crate) fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| {
            text == kind.type_id()
                || text.eq_ignore_ascii_case(kind.plural())
                || text.eq_ignore_ascii_case(kind.singular())
        })
    }

    /// Where the kind's table is.
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    pub(crate) fn type_id(self) -> &'static str {
        match self {
            Kind::Contact => "0-1",
            Kind::Company => "0-2",
            Kind::Deal => "0-3",
            Kind::Ticket => "0-5",
            Kind::Lead => "0-136",
            Kind::Note => "0-46",
            Kind::Email => "0-49",
            Kind::Task => "0-27",
            Kind::Call => "0-48",
            Kind::Meeting => "0-47",
            Kind::Communication => "0-18",
        }
    }

    pub(crate) fn upper(self) -> &'static str {
        match self {
            Kind::Contact => "CONTACT",
            Kind::Company => "COMPANY",
            Kind::Deal => "DEAL",
            Kind::Ticket => "TICKET",
            Kind::Lead => "LEAD",
            Kind::Note => "NOTE",
            Kind::Email => "EMAIL",
            Kind::Task => "TASK",
            Kind::Call => "CALL",
            Kind::Meeting => "MEETING_EVENT",
            Kind::Communication => "COMMUNICATION",
        }
    }

    pub(crate) fn singular(self) -> &'static str {
        match self {
            Kind::Contact => "contact",
            Kind::Company => "company",
            Kind::Deal => "deal",
            Kind::Ticket => "ticket",
            Kind::Lead => "lead",
            Kind::Note => "note",
            Kind::Email => "email",
            Kind::Task => "task",
            Kind::Call => "call",
            Kind::Meeting => "meeting",
            Kind::Communication => "communication",
        }
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Kind::Contact => "contacts",
            Kind::Company => "companies",
            Kind::Deal => "deals",
            Kind::Ticket => "tickets",
            Kind::Lead => "leads",
            Kind::Note => "notes",
            Kind::Email => "emails",
            Kind::Task => "tasks",
            Kind::Call => "calls",
            Kind::Meeting => "meetings",
            Kind::Communication => "communications",
        }
    }

    /// What is returned when nobody asked for anything, besides the id and the two dates.
    pub(crate) fn default_properties(self) -> &'static [&'static str] {
        match self {
            Kind::Contact => &["email", "firstname", "lastname"],
            Kind::Company => &["name", "domain"],
            Kind::Deal => &["amount", "closedate", "dealname", "dealstage", "pipeline"],
            Kind::Ticket => &["subject", "content", "hs_pipeline", "hs_pipeline_stage"],
            _ => &[],
        }
    }

    /// The property that says when the record was made.
    pub(crate) fn created_property(self) -> &'static str {
        match self {
            Kind::Contact | Kind::Company | Kind::Deal | Kind::Ticket => "createdate",
            _ => "hs_createdate",
        }
    }

    pub(crate) fn modified_property(self) -> &'static str {
        match self {
            Kind::Contact => "lastmodifieddate",
            _ => "hs_lastmodifieddate",
        }
    }

    /// Notes, e-mails, tasks, calls, meetings and messages, which are logged on other records.
    pub(crate) fn is_activity(self) -> bool {
        matches!(self, Kind::Note | Kind::Email | Kind::Task | Kind::Call | Kind::Meeting | Kind::Communication)
    }

    /// How histories name a merge of two records of the kind.
    pub(crate) fn merge_source(self) -> &'static str {
        match self {
            Kind::Contact => "MERGE_CONTACTS",
            Kind::Company => "MERGE_COMPANIES",
            _ => "MERGE_OBJECTS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_plural_singular_and_type_id() {
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.place(), at);
            for text in [kind.plural(), kind.singular(), kind.type_id(), &kind.plural().to_uppercase()] {
                assert_eq!(Kind::parse(text), Some(kind), "{text}");
            }
        }
        assert_eq!(Kind::parse("widgets"), None);
    }
}
