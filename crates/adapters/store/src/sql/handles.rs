//! Handles: the names under which people and the portal ask for a record.

use evergreen_model::record::{Entity, Record, RecordId};

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::{insert, keys, records, select_in};
use crate::fault::Fault;

/// Most records that one question of a person brings.
const FOUND_MAX: usize = 20;

/// The names of one record, folded so that they compare.
struct Handle<'a> {
    record: &'a Record,
    title: Option<String>,
    email: Option<String>,
    linkedin: Option<String>,
    domain: Option<String>,
}

/// Notes the names of records; writes nothing where they are what they were.
pub(super) async fn put(conn: &mut Conn, records: &[&Record]) -> Result<(), Fault> {
    let handles: Vec<Handle<'_>> = records.iter().map(|record| handle(record)).collect();
    insert(
        conn,
        "INSERT INTO handles (record, entity, evergreen_id, portal_id, title, email, linkedin, domain) ",
        " ON CONFLICT (record) DO UPDATE SET entity = excluded.entity, evergreen_id = excluded.evergreen_id, \
         portal_id = excluded.portal_id, title = excluded.title, email = excluded.email, linkedin = excluded.linkedin, \
         domain = excluded.domain \
         WHERE handles.entity <> excluded.entity OR handles.evergreen_id <> excluded.evergreen_id \
         OR handles.portal_id IS DISTINCT FROM excluded.portal_id OR handles.title IS DISTINCT FROM excluded.title \
         OR handles.email IS DISTINCT FROM excluded.email OR handles.linkedin IS DISTINCT FROM excluded.linkedin \
         OR handles.domain IS DISTINCT FROM excluded.domain",
        &handles,
        |values, handle| {
            let record = handle.record;
            values
                .push_bind(record.id.0)
                .push_bind(record.entity.as_str())
                .push_bind(record.evergreen_id.as_str())
                .push_bind(record.portal_id.as_deref())
                .push_bind(handle.title.as_deref())
                .push_bind(handle.email.as_deref())
                .push_bind(handle.linkedin.as_deref())
                .push_bind(handle.domain.as_deref());
        },
    )
    .await
}

fn handle(record: &Record) -> Handle<'_> {
    let linkedin = match record.entity {
        Entity::Contact => "hs_linkedin_url",
        Entity::Company => "linkedin_company_page",
    };
    let title = record.title();
    let nameless = title == format!("{} {}", record.entity.as_str(), record.id);
    Handle {
        record,
        title: (!nameless).then(|| title.to_lowercase()),
        email: record.value("email").map(str::to_lowercase),
        linkedin: record.value(linkedin).map(bare_url),
        domain: record.value("domain").map(bare_url),
    }
}

/// An address without scheme, `www.`, query and trailing slash, in lower case.
fn bare_url(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let url = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let url = url.strip_prefix("www.").unwrap_or(url);
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url[..end].trim_end_matches('/').to_owned()
}

pub(in super::super) async fn by_portal_ids(
    conn: &mut Conn,
    entity: Entity,
    ids: &[String],
) -> Result<Vec<Record>, Fault> {
    let rows = select_in(
        conn,
        |query| {
            query
                .push("SELECT record FROM handles WHERE entity = ")
                .push_bind(entity.as_str())
                .push(" AND portal_id IN");
        },
        &distinct(ids),
        "",
    )
    .await?;
    let mut found = numbers(&rows)?;
    found.sort_unstable();
    records::by_number(conn, &found).await
}

/// The same keys, each once.
pub(super) fn distinct(keys: &[String]) -> Vec<String> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Exact names first; a part of a name is only looked for when no exact name was meant.
pub(in super::super) async fn find(conn: &mut Conn, who: &str) -> Result<Vec<Record>, Fault> {
    let who = who.trim();
    if who.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = exact(conn, who).await?;
    if found.is_empty() {
        found = by_part_of_name(conn, who).await?;
    }
    found.truncate(FOUND_MAX);
    records::by_number(conn, &found).await
}

async fn exact(conn: &mut Conn, who: &str) -> Result<Vec<RecordId>, Fault> {
    let folded = who.to_lowercase();
    let url = bare_url(who);
    let number: Option<i64> = who.parse().ok();
    let mut found = Vec::new();
    if let Some(number) = number {
        let row = sqlx::query::<Db>("SELECT record FROM handles WHERE record = $1")
            .bind(number)
            .fetch_optional(&mut *conn)
            .await?;
        found.extend(row.as_ref().map(|row| Cells::of(row).int()).transpose()?.map(RecordId));
    }
    // One statement per name, so that each uses its own index; companies before their contacts.
    for (statement, name) in [
        ("SELECT record FROM handles WHERE evergreen_id = $1 ORDER BY record LIMIT 20", who),
        ("SELECT record FROM handles WHERE portal_id = $1 ORDER BY entity DESC, record LIMIT 20", who),
        ("SELECT record FROM handles WHERE email = $1 ORDER BY record LIMIT 20", folded.as_str()),
        ("SELECT record FROM handles WHERE linkedin = $1 ORDER BY record LIMIT 20", url.as_str()),
        ("SELECT record FROM handles WHERE domain = $1 ORDER BY entity, record LIMIT 20", url.as_str()),
    ] {
        let rows = sqlx::query::<Db>(statement).bind(name).fetch_all(&mut *conn).await?;
        found.extend(numbers(&rows)?);
    }
    let asked = [who.to_owned(), folded];
    for entity in [Entity::Company, Entity::Contact] {
        let matches = keys::candidates(conn, entity, &asked, FOUND_MAX as u32).await?;
        found.extend(matches.into_iter().map(|(_, record)| record));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|record| seen.insert(*record));
    Ok(found)
}

async fn by_part_of_name(conn: &mut Conn, part: &str) -> Result<Vec<RecordId>, Fault> {
    let part = part.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let rows = sqlx::query::<Db>("SELECT record FROM handles WHERE title LIKE $1 ESCAPE '\\' ORDER BY record LIMIT 20")
        .bind(format!("%{part}%"))
        .fetch_all(conn)
        .await?;
    numbers(&rows)
}

/// Record numbers in the first column.
pub(super) fn numbers(rows: &[Row]) -> Result<Vec<RecordId>, Fault> {
    rows.iter().map(|row| Cells::of(row).int().map(RecordId)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_found_however_its_address_is_typed() {
        for typed in ["https://www.linkedin.com/in/Jane/", "linkedin.com/in/jane", "http://linkedin.com/in/jane?trk=x"]
        {
            assert_eq!(bare_url(typed), "linkedin.com/in/jane");
        }
    }
}
