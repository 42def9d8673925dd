//! One record of the portal: its values, and for each value who wrote it when.

use crate::clock::Millis;

/// Which table a record is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Contact,
    Company,
}

impl Kind {
    /// Plural, singular and type id are all accepted in paths.
    pub(crate) fn parse(text: &str) -> Option<Kind> {
        match text {
            "contacts" | "contact" | "0-1" => Some(Kind::Contact),
            "companies" | "company" | "0-2" => Some(Kind::Company),
            _ => None,
        }
    }

    pub(crate) fn type_id(self) -> &'static str {
        match self {
            Kind::Contact => "0-1",
            Kind::Company => "0-2",
        }
    }

    pub(crate) fn upper(self) -> &'static str {
        match self {
            Kind::Contact => "CONTACT",
            Kind::Company => "COMPANY",
        }
    }

    pub(crate) fn singular(self) -> &'static str {
        match self {
            Kind::Contact => "contact",
            Kind::Company => "company",
        }
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Kind::Contact => "contacts",
            Kind::Company => "companies",
        }
    }

    /// What is returned when nobody asked for anything.
    pub(crate) fn default_properties(self) -> &'static [&'static str] {
        match self {
            Kind::Contact => &["email", "firstname", "lastname"],
            Kind::Company => &["name", "domain"],
        }
    }

    pub(crate) fn modified_property(self) -> &'static str {
        match self {
            Kind::Contact => "lastmodifieddate",
            Kind::Company => "hs_lastmodifieddate",
        }
    }
}

/// Index of a property in its object's schema.
pub(crate) type PropId = u16;

/// Who wrote a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file import, by its id.
    Import(u64),
    /// A call through the API with a token of that app.
    Integration(u32),
    /// A person in the web UI, by user id.
    User(u32),
}

impl Source {
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Source::Import(_) => "IMPORT",
            Source::Integration(_) => "INTEGRATION",
            Source::User(_) => "CRM_UI",
        }
    }

    pub(crate) fn id(self) -> String {
        match self {
            Source::Import(id) => id.to_string(),
            Source::Integration(app) => app.to_string(),
            Source::User(user) => format!("userId:{user}"),
        }
    }
}

/// When a value was written, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub at: Millis,
    pub source: Source,
}

/// An earlier value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub value: Box<str>,
    pub stamp: Stamp,
}

/// A property's present value and what it was before, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub prop: PropId,
    pub now: Entry,
    pub before: Vec<Entry>,
}

/// History is kept to a few dozen entries.
const HISTORY_MAX: usize = 40;

#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub id: u64,
    pub created: Millis,
    pub updated: Millis,
    pub archived: Option<Millis>,
    pub origin: Source,
    /// Sorted by property.
    cells: Vec<Cell>,
}

impl Record {
    pub(crate) fn new(id: u64, stamp: Stamp) -> Record {
        Record { id, created: stamp.at, updated: stamp.at, archived: None, origin: stamp.source, cells: Vec::new() }
    }

    /// The present value; a cleared one is the empty text.
    pub(crate) fn get(&self, prop: PropId) -> Option<&str> {
        self.cell(prop).map(|cell| &*cell.now.value)
    }

    pub(crate) fn cell(&self, prop: PropId) -> Option<&Cell> {
        self.cells.binary_search_by_key(&prop, |cell| cell.prop).ok().map(|at| &self.cells[at])
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Writes a value; the same value again leaves history and dates alone.
    pub(crate) fn set(&mut self, prop: PropId, value: &str, stamp: Stamp) -> bool {
        let entry = |value: &str| Entry { value: value.into(), stamp };
        match self.cells.binary_search_by_key(&prop, |cell| cell.prop) {
            Ok(at) => {
                let cell = &mut self.cells[at];
                if &*cell.now.value == value {
                    return false;
                }
                let previous = std::mem::replace(&mut cell.now, entry(value));
                if cell.before.len() >= HISTORY_MAX - 1 {
                    cell.before.remove(0);
                }
                cell.before.push(previous);
            }
            Err(_) if value.is_empty() && matches!(stamp.source, Source::Integration(_)) => return false,
            Err(at) => self.cells.insert(at, Cell { prop, now: entry(value), before: Vec::new() }),
        }
        self.updated = self.updated.max(stamp.at);
        true
    }
}
