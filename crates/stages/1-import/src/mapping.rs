//! The mapping: which column means which field, how we know, and under which key it is remembered.

use std::collections::BTreeMap;

use evergreen_model::{Entity, field};
use serde::{Deserialize, Serialize};

use crate::dialect::{self, Dialect};
use crate::header::normalise;
use crate::headers;
use crate::problem::ImportProblem;
use crate::settings::{Settings, is_target, nearest_target};
use crate::sniff;

/// A column with whole names; it is split into `firstname` and `lastname`.
pub const FULL_NAME: &str = "full_name";

/// Fields for which several columns are read: the best one that has a value counts, the others go to the extra fields.
const SEVERAL: [&str; 5] = ["email", "phone", "mobilephone", "hs_linkedin_url", "website"];

/// How we know what a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// The header is the field's name or label.
    #[serde(rename = "exact")]
    Exact,
    /// The tool that wrote the list means it so.
    #[serde(rename = "dialect")]
    Dialect,
    /// The header is another word for it.
    #[serde(rename = "synonym")]
    Synonym,
    /// The header says nothing, the values do.
    #[serde(rename = "content")]
    Content,
    /// It was so in an earlier list with the same header.
    #[serde(rename = "remembered")]
    Remembered,
    /// A person said so.
    #[serde(rename = "by hand")]
    ByHand,
    /// Nobody knows: its values are kept as extra fields.
    #[serde(rename = "unmapped")]
    Unmapped,
}

impl How {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            How::Exact => "exact",
            How::Dialect => "dialect",
            How::Synonym => "synonym",
            How::Content => "content",
            How::Remembered => "remembered",
            How::ByHand => "by hand",
            How::Unmapped => "unmapped",
        }
    }
}

/// One column of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Header as it stands in the list; `column 3` where there is none, `Email (2)` for a second one of that name.
    pub header: String,
    /// The field it fills ([`FULL_NAME`] is split), or none: then its values are extra fields.
    pub field: Option<String>,
    /// How we know.
    pub how: How,
    /// Among several columns for one field, the lower comes first.
    pub rank: u16,
}

/// Which column means which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The columns in the order of the list.
    pub columns: Vec<MappedColumn>,
    /// Hash of the normalised header: lists with the same one are read the same way.
    pub header_key: String,
    /// What the rows are about.
    pub entity: Entity,
}

impl Mapping {
    /// Maps a column by hand, or unmaps it (`field` absent).
    ///
    /// # Errors
    /// When the list has no such column or there is no such field; both with the nearest name.
    pub fn set(&mut self, header: &str, field: Option<&str>) -> Result<(), ImportProblem> {
        if let Some(name) = field
            && !is_target(name)
        {
            return Err(ImportProblem::UnknownField { field: name.to_owned(), nearest: nearest_target(name).map(str::to_owned) });
        }
        let wanted = normalise(header);
        let Some(index) = self
            .columns
            .iter()
            .position(|column| column.header == header)
            .or_else(|| self.columns.iter().position(|column| normalise(&column.header) == wanted))
        else {
            let columns = self.columns.iter().map(|column| column.header.clone()).collect();
            return Err(ImportProblem::UnknownColumn { header: header.to_owned(), columns });
        };
        if let Some(name) = field.filter(|name| !SEVERAL.contains(name)) {
            for column in self.columns.iter_mut().filter(|column| column.field.as_deref() == Some(name)) {
                column.field = None;
                column.how = How::Unmapped;
            }
        }
        let column = &mut self.columns[index];
        column.field = field.map(str::to_owned);
        column.how = How::ByHand;
        column.rank = 0;
        Ok(())
    }

    /// Whether any column fills the field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field.as_deref() == Some(field))
    }

    /// Takes over the fields of an earlier mapping of the same header; what a person said stays marked so.
    pub(crate) fn remember(&mut self, earlier: &Mapping) -> bool {
        if earlier.header_key != self.header_key || earlier.columns.len() != self.columns.len() {
            return false;
        }
        self.entity = earlier.entity;
        for (column, known) in self.columns.iter_mut().zip(&earlier.columns) {
            column.field = known.field.clone().filter(|name| is_target(name));
            column.rank = known.rank;
            column.how = match (known.how, &column.field) {
                (How::ByHand, _) => How::ByHand,
                (_, Some(_)) => How::Remembered,
                (_, None) => How::Unmapped,
            };
        }
        true
    }
}

/// What is known of a list's columns before they are mapped.
pub(crate) struct Columns<'a> {
    /// Their names; none of them means anything when the list has no header.
    pub names: &'a [String],
    /// Whether the names come from the list.
    pub named: bool,
    /// Per column some of its values, cleaned, without missing ones.
    pub values: &'a [Vec<String>],
}

/// Guesses the mapping, and with it what the list is about.
pub(crate) fn guess(columns: &Columns<'_>, settings: &Settings) -> (Mapping, Option<&'static Dialect>) {
    let normals: Vec<String> = columns.names.iter().map(|name| if columns.named { normalise(name) } else { String::new() }).collect();
    let dialect = dialect::recognise(&normals);
    let key = header_key(&normals);
    let extra = extra_synonyms(settings);
    let for_entity = |entity| Mapping { columns: map(entity, columns, &normals, dialect, &extra), header_key: key.clone(), entity };
    let contact = for_entity(Entity::Contact);
    let mapping = match settings.default_entity {
        Some(Entity::Contact) => contact,
        Some(Entity::Company) => for_entity(Entity::Company),
        None if is_about_people(&contact, &normals) => contact,
        None => for_entity(Entity::Company),
    };
    (mapping, dialect)
}

/// A list is about people when a column can only be about a person.
fn is_about_people(contact: &Mapping, normals: &[String]) -> bool {
    let mapped = |name: &'static str| contact.columns.iter().zip(normals).filter(move |(column, _)| column.field.as_deref() == Some(name));
    let sure = ["email", "firstname", "lastname", "mobilephone"].into_iter().any(|name| contact.has(name));
    // `Name` may be a company's, `LinkedIn` may be its page, `Title` may be a book's.
    let full_name = mapped(FULL_NAME).any(|(_, normal)| !["name", "naam", "nom", "nome"].contains(&normal.as_str()));
    let name_of_employee = contact.has(FULL_NAME) && (contact.has("company") || contact.has("jobtitle"));
    let page = mapped("hs_linkedin_url").any(|(column, normal)| column.how == How::Content || normal.contains("person") || normal.contains("profile") || normal.contains("prospect"));
    sure || full_name || name_of_employee || page
}

fn map(entity: Entity, columns: &Columns<'_>, normals: &[String], dialect: Option<&Dialect>, extra: &BTreeMap<String, String>) -> Vec<MappedColumn> {
    let mut mapped: Vec<MappedColumn> = columns
        .names
        .iter()
        .zip(normals)
        .map(|(name, normal)| {
            let (field, how, rank) = by_header(entity, name, normal, dialect, extra);
            MappedColumn { header: name.clone(), field: field.map(str::to_owned), how, rank }
        })
        .collect();
    distrust_company_pages(entity, &mut mapped, columns.values);
    keep_best(&mut mapped);
    // Values speak last, and only for fields that no header claimed; the dialect's "not what it looks like" stands.
    for (index, normal) in normals.iter().enumerate() {
        if mapped[index].field.is_some() || mapped[index].how == How::Dialect {
            continue;
        }
        let values: Vec<&str> = columns.values.get(index).into_iter().flatten().map(String::as_str).collect();
        if let Some(field) = sniff::field_of(entity, normal, &values)
            && !mapped.iter().any(|column| column.field.as_deref() == Some(field))
        {
            mapped[index].field = Some(field.to_owned());
            mapped[index].how = How::Content;
        }
    }
    for column in &mut mapped {
        if column.field.is_none() {
            column.how = How::Unmapped;
        }
    }
    mapped
}

fn by_header(
    entity: Entity,
    name: &str,
    normal: &str,
    dialect: Option<&Dialect>,
    extra: &BTreeMap<String, String>,
) -> (Option<&'static str>, How, u16) {
    let known = |field: &str| field::find(entity, field).map(|field| field.name).or((entity == Entity::Contact && field == FULL_NAME).then_some(FULL_NAME));
    if normal.is_empty() {
        return (None, How::Unmapped, 0);
    }
    if let Some(field) = extra.get(normal).and_then(|field| known(field)) {
        return (Some(field), How::Synonym, 0);
    }
    let rank_of = |normal: &str| headers::synonym(entity, normal).map_or(0, |(_, rank)| rank as u16);
    match dialect.and_then(|dialect| dialect.field(normal)) {
        Some("") => return (None, How::Dialect, 0),
        Some(field) => {
            if let Some(field) = known(field) {
                return (Some(field), How::Dialect, rank_of(normal));
            }
        }
        None => {}
    }
    if let Some(field) = headers::exact(entity, normal) {
        return (Some(field), How::Exact, rank_of(normal));
    }
    for form in forms(entity, name, normal) {
        if let Some((field, rank)) = headers::synonym(entity, &form) {
            return (Some(field), How::Synonym, rank as u16);
        }
    }
    if !sniff::is_about_somebody_else(normal)
        && let Some(field) = headers::misspelt(entity, normal)
    {
        return (Some(field), How::Synonym, u16::MAX);
    }
    (None, How::Unmapped, 0)
}

/// The header and what is left of it without remarks and without the word for whose it is: `Lead: Email (required)`.
fn forms(entity: Entity, name: &str, normal: &str) -> Vec<String> {
    let mut forms = vec![normal.to_owned()];
    let remark_free = normalise(name.split(['(', '[', '*']).next().unwrap_or_default());
    if !remark_free.is_empty() && remark_free != normal {
        forms.push(remark_free);
    }
    let owners: &[&str] = match entity {
        Entity::Contact => &["contact", "lead", "person", "people", "prospect", "properties", "attendee", "candidate"],
        Entity::Company => &["company", "account", "organization", "organisation", "properties"],
    };
    for form in forms.clone() {
        for owner in owners {
            if let Some(rest) = form.strip_prefix(owner)
                && rest.len() > 2
            {
                forms.push(rest.to_owned());
            }
        }
    }
    forms
}

/// A `LinkedIn` column of a list of people may hold their companies' pages, and the other way round.
fn distrust_company_pages(entity: Entity, mapped: &mut [MappedColumn], values: &[Vec<String>]) {
    let (field, wrong): (_, fn(&str) -> bool) = match entity {
        Entity::Contact => ("hs_linkedin_url", sniff::is_company_page),
        Entity::Company => ("linkedin_company_page", sniff::is_person_page),
    };
    for (column, values) in mapped.iter_mut().zip(values) {
        let wrong_ones = values.iter().filter(|value| wrong(value)).count();
        if column.field.as_deref() == Some(field) && wrong_ones * 2 > values.len() {
            column.field = None;
            column.how = How::Unmapped;
        }
    }
}

/// Of several columns for a field that takes one, the best stays: the one a rule knows best, then the left one.
fn keep_best(mapped: &mut [MappedColumn]) {
    for index in 0..mapped.len() {
        let Some(field) = mapped[index].field.clone() else { continue };
        if SEVERAL.contains(&field.as_str()) {
            continue;
        }
        let mine = (mapped[index].rank, index);
        let better = mapped.iter().enumerate().any(|(other, column)| other != index && column.field.as_ref() == Some(&field) && (column.rank, other) < mine);
        if better {
            mapped[index].field = None;
        }
    }
}

fn extra_synonyms(settings: &Settings) -> BTreeMap<String, String> {
    let pairs = settings.synonyms.iter().flat_map(|(field, headers)| headers.iter().map(move |header| (normalise(header), field.clone())));
    pairs.collect()
}

fn header_key(normals: &[String]) -> String {
    blake3::hash(normals.join("\u{1f}").as_bytes()).to_hex().as_str()[..32].to_owned()
}
