//! Who wrote a value: people, imports, apps, workflows, forms, HubSpot's own machinery, each as histories name them.

use std::collections::HashMap;

/// A writer as property histories show it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    /// `CRM_UI`, `INTEGRATION`, `IMPORT`, …
    pub kind: Box<str>,
    /// App, import, workflow or form id; `userId:N` for people; empty when HubSpot gives none.
    pub id: Box<str>,
    /// Shown beside the id for some writers.
    pub label: Option<Box<str>>,
    /// The person who did it, where there is one.
    pub user: Option<u32>,
}

/// Source types that people cause by hand in HubSpot's own screens: they may move lifecycle stages back.
const BY_HAND: &[&str] = &["CRM_UI", "CRM_UI_BULK_ACTION", "MOBILE_IOS", "MOBILE_ANDROID"];
/// Source types that never carry a person.
const NOBODY: &[&str] = &[
    "INTEGRATION",
    "API",
    "AUTOMATION_PLATFORM",
    "WORKFLOWS",
    "FORM",
    "DATA_ENRICHMENT",
    "BREEZE_AGENT",
    "PROSPECTING_AGENT",
    "COMPANY_INSIGHTS",
    "CONVERSATIONAL_ENRICHMENT",
    "CALCULATED",
    "MIGRATION",
    "MERGE_CONTACTS",
    "MERGE_COMPANIES",
    "MERGE_OBJECTS",
    "SALESFORCE",
    "INTEGRATIONS_SYNC",
    "PORTAL_USER_ASSOCIATOR",
    "AUTO_ASSOCIATE_BY_DOMAIN",
    "PROPERTY_DEFAULT_VALUE",
    "PROPERTY_RESTORE",
    "DEALS",
    "COMPANIES",
    "CONTACTS",
    "EMAIL",
    "ENGAGEMENTS",
];
/// Tools that act for a person, and imports, which name the person who started them.
const FOR_SOMEBODY: &[&str] = &[
    "IMPORT",
    "SALES",
    "SEQUENCES",
    "MEETINGS",
    "EXTENSION",
    "GMAIL_INTEGRATION",
    "EMAIL_INTEGRATION",
    "BCC_TO_CRM",
    "TASK",
    "WORK_UI",
    "HELP_DESK",
];

impl Source {
    /// Any writer class by its name; none when HubSpot has no such class.
    pub(crate) fn named(kind: &str, id: Option<&str>, user: Option<u32>) -> Option<Source> {
        let by_hand = BY_HAND.contains(&kind);
        if !by_hand && !NOBODY.contains(&kind) && !FOR_SOMEBODY.contains(&kind) {
            return None;
        }
        let user = if NOBODY.contains(&kind) { None } else { user };
        let id = match (id, user) {
            (Some(id), _) => id.to_owned(),
            (None, Some(user)) if kind != "IMPORT" => format!("userId:{user}"),
            (None, _) => String::new(),
        };
        Some(Source { kind: kind.into(), id: id.into(), label: None, user })
    }

    fn of(kind: &str, id: impl Into<Box<str>>, user: Option<u32>) -> Source {
        Source { kind: kind.into(), id: id.into(), label: None, user }
    }

    /// A person in the web UI, by user id.
    pub(crate) fn user(user: u32) -> Source {
        Source::of("CRM_UI", format!("userId:{user}"), Some(user))
    }

    /// A call through the API with a token of that app.
    pub(crate) fn app(app: u64) -> Source {
        Source::of("INTEGRATION", app.to_string(), None)
    }

    pub(crate) fn import(id: &str) -> Source {
        Source::of("IMPORT", id, None)
    }

    /// HubSpot worked the value out itself.
    pub(crate) fn calculated() -> Source {
        Source::of("CALCULATED", "", None)
    }

    /// A part of HubSpot without an id of its own.
    pub(crate) fn machine(kind: &'static str) -> Source {
        Source::of(kind, "", None)
    }

    /// People may do what programs may not: move a lifecycle stage back, blank a field that was never filled.
    pub(crate) fn by_hand(&self) -> bool {
        BY_HAND.contains(&&*self.kind)
    }

    /// The public API, which may not write read-only properties.
    pub(crate) fn through_api(&self) -> bool {
        matches!(&*self.kind, "INTEGRATION" | "API")
    }
}

/// A writer's number in this portal: four bytes per value instead of three texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WriterId(u32);

/// Every writer the portal has met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writers {
    list: Vec<Source>,
    index: HashMap<Source, u32>,
}

impl Writers {
    pub(crate) fn id(&mut self, source: &Source) -> WriterId {
        if let Some(id) = self.index.get(source) {
            return WriterId(*id);
        }
        let id = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(source.clone());
        self.index.insert(source.clone(), id);
        WriterId(id)
    }

    pub(crate) fn get(&self, id: WriterId) -> &Source {
        &self.list[id.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_with_their_user_and_apps_with_their_id() {
        let person = Source::named("CRM_UI_BULK_ACTION", None, Some(9001)).unwrap();
        assert_eq!((&*person.id, person.user, person.by_hand()), ("userId:9001", Some(9001), true));
        let app = Source::named("INTEGRATION", Some("8111832"), Some(9001)).unwrap();
        assert_eq!((&*app.id, app.user, app.through_api()), ("8111832", None, true));
        assert_eq!(Source::named("SOMEBODY_ELSE", None, None), None);
    }

    #[test]
    fn the_same_writer_has_one_number() {
        let mut writers = Writers::default();
        let first = writers.id(&Source::app(1001));
        assert_ne!(writers.id(&Source::app(1002)), first);
        assert_eq!(writers.id(&Source::app(1001)), first);
        assert_eq!(writers.get(first), &Source::app(1001));
    }
}
