//! Guesses the mapping of a list: by the tool that wrote it, by its headers, at last by its values.

use std::collections::BTreeMap;

use evergreen_model::{Entity, field};

use crate::dialect::{self, Dialect};
use crate::header::normalise;
use crate::mapping::{FULL_NAME, How, MappedColumn, Mapping, SEVERAL};
use crate::settings::Settings;
use crate::{headers, sniff};

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
    let normals: Vec<String> =
        columns.names.iter().map(|name| if columns.named { normalise(name) } else { String::new() }).collect();
    let dialect = dialect::recognise(&normals);
    let key = header_key(&normals);
    let extra = extra_synonyms(settings);
    let for_entity =
        |entity| Mapping { columns: map(entity, columns, &normals, dialect, &extra), header_key: key.clone(), entity };
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
    let mapped = |name: &'static str| {
        contact.columns.iter().zip(normals).filter(move |(column, _)| column.field.as_deref() == Some(name))
    };
    let sure = ["email", "firstname", "lastname", "mobilephone"].into_iter().any(|name| contact.has(name));
    // `Name` may be a company's, `LinkedIn` may be its page, `Title` may be a book's.
    let full_name = mapped(FULL_NAME).any(|(_, normal)| !["name", "naam", "nom", "nome"].contains(&normal.as_str()));
    let name_of_employee = contact.has(FULL_NAME) && (contact.has("company") || contact.has("jobtitle"));
    let page = mapped("hs_linkedin_url").any(|(column, normal)| {
        column.how == How::Content
            || normal.contains("person")
            || normal.contains("profile")
            || normal.contains("prospect")
    });
    sure || full_name || name_of_employee || page
}

fn map(
    entity: Entity,
    columns: &Columns<'_>,
    normals: &[String],
    dialect: Option<&Dialect>,
    extra: &BTreeMap<String, String>,
) -> Vec<MappedColumn> {
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
    let known = |field: &str| {
        field::find(entity, field)
            .map(|field| field.name)
            .or((entity == Entity::Contact && field == FULL_NAME).then_some(FULL_NAME))
    };
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
        let Some(field) = mapped[index].field.clone() else {
            continue;
        };
        if SEVERAL.contains(&field.as_str()) {
            continue;
        }
        let mine = (mapped[index].rank, index);
        let better = mapped.iter().enumerate().any(|(other, column)| {
            other != index && column.field.as_ref() == Some(&field) && (column.rank, other) < mine
        });
        if better {
            mapped[index].field = None;
        }
    }
}

fn extra_synonyms(settings: &Settings) -> BTreeMap<String, String> {
    let pairs = settings
        .synonyms
        .iter()
        .flat_map(|(field, headers)| headers.iter().map(move |header| (normalise(header), field.clone())));
    pairs.collect()
}

fn header_key(normals: &[String]) -> String {
    blake3::hash(normals.join("\u{1f}").as_bytes()).to_hex().as_str()[..32].to_owned()
}
