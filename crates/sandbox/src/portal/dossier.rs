//! What a rep sees of records: a searchable list, and one record with every value's writers, its associations and activities.

use jiff::tz::TimeZone;

use super::Portal;
use super::link_types;
use super::record::{Entry, Kind, Record};
use super::schema::{Property, Type};
use super::source::Source;
use super::values::instant;
use super::wording::{about, body, class, cut, local, names, plain, searched};
use crate::clock::Millis;

/// Who wrote a value, in a rep's words: the class, then the name or number that tells one of the class from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writer {
    /// `person`, `app`, `workflow`, `import`, `form`, `merge` or `HubSpot`.
    pub class: &'static str,
    pub text: String,
}

/// One entry of a value's history.
#[derive(Debug)]
pub(crate) struct Written {
    /// As a rep reads it: labels of options, names of owners, times in the portal's zone.
    pub shown: String,
    /// The value as kept, where that reads differently.
    pub kept: Option<String>,
    pub by: Writer,
    pub at: Millis,
}

/// A property that has or had a value; entries newest first.
#[derive(Debug)]
pub(crate) struct Field {
    pub label: String,
    pub name: String,
    pub read_only: bool,
    pub entries: Vec<Written>,
}

/// An associated record.
#[derive(Debug)]
pub(crate) struct Joined {
    pub kind: Kind,
    pub id: u64,
    pub title: String,
    pub labels: Vec<String>,
}

/// A logged activity.
#[derive(Debug)]
pub(crate) struct Logged {
    pub kind: Kind,
    pub id: u64,
    pub title: String,
    pub text: String,
    pub at: Option<Millis>,
    pub by: Writer,
}

/// Everything the page of one record shows.
#[derive(Debug)]
pub(crate) struct Dossier {
    pub kind: Kind,
    pub id: u64,
    pub title: String,
    pub created: Millis,
    pub updated: Millis,
    pub archived: Option<Millis>,
    pub origin: Writer,
    pub fields: Vec<Field>,
    /// How many properties never had a value.
    pub never_filled: usize,
    pub joined: Vec<Joined>,
    pub logged: Vec<Logged>,
    /// Ids that were merged into this record.
    pub merged: Vec<String>,
}

/// A line of the list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub id: u64,
    pub title: String,
    pub about: String,
    pub updated: Millis,
}

/// One page of the list, and how many records there are in all pages.
#[derive(Debug)]
pub(crate) struct Found {
    pub rows: Vec<Listed>,
    pub total: usize,
}

impl Portal {
    pub(crate) fn zone(&self) -> TimeZone {
        self.services.account.zone()
    }

    /// How many records of a kind are not in the recycle bin.
    pub(crate) fn standing_count(&self, kind: Kind) -> usize {
        self.table(kind).from(0).filter(|record| record.archived.is_none()).count()
    }

    /// The records whose names, addresses or id contain every word, oldest first; all of them without words.
    pub(crate) fn directory(&self, kind: Kind, query: &str, skip: usize, take: usize) -> Found {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let schema = &self.table(kind).schema;
        let props: Vec<_> = searched(kind).iter().filter_map(|name| schema.id(name)).collect();
        let fits = |record: &Record| {
            if words.is_empty() {
                return true;
            }
            let id = record.id.to_string();
            let texts: Vec<String> =
                props.iter().filter_map(|prop| record.get(*prop)).map(str::to_lowercase).chain([id]).collect();
            words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
        };
        let mut found = Found { rows: Vec::new(), total: 0 };
        for record in self.table(kind).from(0).filter(|record| record.archived.is_none()) {
            if fits(record) {
                if found.total >= skip && found.rows.len() < take {
                    found.rows.push(self.listed(kind, record));
                }
                found.total += 1;
            }
        }
        found
    }

    fn listed(&self, kind: Kind, record: &Record) -> Listed {
        let title = self.title(kind, record);
        let about: Vec<&str> =
            about(kind).iter().map(|name| self.kept(kind, record, name)).filter(|text| !text.is_empty()).collect();
        Listed { id: record.id, about: about.join(" · "), title, updated: record.updated }
    }

    fn kept<'a>(&self, kind: Kind, record: &'a Record, name: &str) -> &'a str {
        self.table(kind).schema.id(name).and_then(|prop| record.get(prop)).unwrap_or_default()
    }

    /// What a record is called.
    fn title(&self, kind: Kind, record: &Record) -> String {
        let texts: Vec<&str> =
            names(kind).iter().map(|name| self.kept(kind, record, name)).filter(|text| !text.is_empty()).collect();
        let name =
            if kind == Kind::Contact { texts.join(" ") } else { texts.first().copied().map(plain).unwrap_or_default() };
        let fallback = self.kept(kind, record, if kind == Kind::Contact { "email" } else { "domain" });
        match (name.trim(), fallback) {
            ("", "") => format!("{} {}", kind.singular(), record.id),
            ("", fallback) => fallback.to_owned(),
            (name, _) => cut(name, 120).into_owned(),
        }
    }

    /// Where a record is now that may have been merged away or put into the recycle bin.
    pub(crate) fn whereabouts(&self, kind: Kind, id: u64) -> Option<u64> {
        let table = self.table(kind);
        table.any(id).map(|record| record.id).or_else(|| table.survivor(id).filter(|id| table.any(*id).is_some()))
    }

    /// One record with everything around it.
    pub(crate) fn dossier(&self, kind: Kind, id: u64) -> Option<Dossier> {
        let record = self.table(kind).any(id)?;
        let schema = &self.table(kind).schema;
        let fields: Vec<Field> = record
            .values()
            .map(|(prop, _)| {
                let property = schema.get(prop);
                Field {
                    label: property.label.clone(),
                    name: property.name.clone(),
                    read_only: property.read_only,
                    entries: record.history(prop).map(|entry| self.entry_read(property, entry)).collect(),
                }
            })
            .collect();
        let merged = self.kept(kind, record, "hs_merged_object_ids");
        let ends = self.links.all((kind, id));
        let mut logged: Vec<Logged> = ends
            .iter()
            .filter(|(other, _)| other.is_activity())
            .filter_map(|(other, id)| self.logged(*other, *id))
            .collect();
        logged.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
        let joined = ends.into_iter().filter(|(other, _)| kind.is_activity() || !other.is_activity());
        Some(Dossier {
            kind,
            id,
            title: self.title(kind, record),
            created: record.created,
            updated: record.updated,
            archived: record.archived,
            origin: self.named_writer(self.writers.get(record.origin)),
            never_filled: schema
                .properties
                .iter()
                .filter(|one| one.archived.is_none())
                .count()
                .saturating_sub(fields.len()),
            fields,
            joined: joined.filter_map(|end| self.joined((kind, id), end)).collect(),
            logged,
            merged: merged.split(';').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        })
    }

    fn joined(&self, from: (Kind, u64), to: (Kind, u64)) -> Option<Joined> {
        let record = self.table(to.0).live(to.1)?;
        let labels = self.links.labels(from, to).unwrap_or_default();
        Some(Joined {
            kind: to.0,
            id: to.1,
            title: self.title(to.0, record),
            labels: labels
                .iter()
                .filter_map(|label| {
                    let primary = !label.custom && Some(label.id) == link_types::primary(from.0, to.0);
                    if primary { Some("Primary".to_owned()) } else { self.label_text(from.0, to.0, *label) }
                })
                .collect(),
        })
    }

    fn logged(&self, kind: Kind, id: u64) -> Option<Logged> {
        let record = self.table(kind).live(id)?;
        let body = plain(self.kept(kind, record, body(kind)));
        let title = self.title(kind, record);
        let text = if body.starts_with(title.trim_end_matches('…')) && body.len() <= title.len() {
            String::new()
        } else {
            body
        };
        Some(Logged {
            kind,
            id,
            text: cut(&text, 600).into_owned(),
            title,
            at: instant(self.kept(kind, record, "hs_timestamp")),
            by: self.named_writer(self.writers.get(record.origin)),
        })
    }

    fn entry_read(&self, property: &Property, entry: Entry<'_>) -> Written {
        let shown = self.read(property, entry.value);
        let kept = (shown != entry.value).then(|| entry.value.to_owned());
        Written { shown, kept, by: self.named_writer(self.writer(entry.stamp)), at: entry.stamp.at }
    }

    fn read(&self, property: &Property, value: &str) -> String {
        if property.owner {
            return self.owners.named(value).unwrap_or_else(|| value.to_owned());
        }
        match property.kind {
            Type::DateTime => instant(value).map_or_else(|| value.to_owned(), |at| local(at, &self.zone())),
            _ if !property.choices.is_empty() => {
                let label = |one: &str| {
                    let choice = property.choices.iter().find(|choice| choice.value == one);
                    choice.map_or_else(|| one.to_owned(), |choice| choice.label.clone())
                };
                value.split(';').map(label).collect::<Vec<_>>().join(", ")
            }
            _ => value.to_owned(),
        }
    }

    fn named_writer(&self, source: &Source) -> Writer {
        let person = source.user.map(|user| {
            let user = user.to_string();
            self.owners.named(&user).unwrap_or_else(|| format!("user {user}"))
        });
        let (kind, id) = (&*source.kind, &*source.id);
        let class = class(source);
        let text = match (class, person) {
            ("person", Some(person)) if source.by_hand() => person,
            ("person", Some(person)) => format!("{person} ({kind})"),
            ("import", Some(person)) => format!("{id} by {person}"),
            ("app" | "workflow" | "import" | "form", _) => id.to_owned(),
            ("merge", _) => "of two records".to_owned(),
            _ if id.is_empty() => kind.to_owned(),
            _ => format!("{kind} {id}"),
        };
        Writer { class, text }
    }
}
