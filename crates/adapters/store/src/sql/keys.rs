//! Match keys: under which keys a record may be found to be the same as another.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::record::{Entity, RecordId};
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db};
use super::cells::Cells;
use super::handles::distinct;
use super::{insert, pieces};
use crate::fault::Fault;

/// Replaces all keys of each record.
pub(in super::super) async fn replace(conn: &mut Conn, keys: &[(RecordId, Entity, Vec<String>)]) -> Result<(), Fault> {
    let mut records: BTreeMap<i64, (Entity, BTreeSet<&str>)> = BTreeMap::new();
    for (record, entity, keys) in keys {
        records.insert(record.0, (*entity, keys.iter().map(String::as_str).collect()));
    }
    let numbers: Vec<i64> = records.keys().copied().collect();
    for piece in pieces(&numbers) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM match_keys WHERE record IN (");
        let mut list = query.separated(", ");
        for number in piece {
            list.push_bind(*number);
        }
        query.push(")");
        query.build().execute(&mut *conn).await?;
    }
    let lines: Vec<(&'static str, &str, i64)> = records
        .iter()
        .flat_map(|(record, (entity, keys))| keys.iter().map(|key| (entity.as_str(), *key, *record)))
        .collect();
    insert(conn, "INSERT INTO match_keys (entity, key, record) ", "", &lines, |values, (entity, key, record)| {
        values.push_bind(*entity).push_bind(*key).push_bind(*record);
    })
    .await
}

/// Records under these keys, at most `per_key` per key, in order of key and number.
pub(in super::super) async fn candidates(
    conn: &mut Conn,
    entity: Entity,
    keys: &[String],
    per_key: u32,
) -> Result<Vec<(String, RecordId)>, Fault> {
    if per_key == 0 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for piece in pieces(&distinct(keys)) {
        let mut query = QueryBuilder::<Db>::new("WITH wanted (key) AS (");
        query.push_values(piece, |mut values, key| {
            values.push_bind(key.clone());
        });
        // The record that stands at the limit bounds the walk of each key: a key of 100,000 records costs no more than a rare one.
        query.push(
            ") SELECT w.key, m.record FROM wanted w CROSS JOIN match_keys m \
             WHERE m.key = w.key AND m.record <= COALESCE((SELECT x.record FROM match_keys x WHERE x.key = w.key AND x.entity = ",
        );
        query.push_bind(entity.as_str()).push(" ORDER BY x.record LIMIT 1 OFFSET ").push_bind(i64::from(per_key) - 1);
        query.push("), 9223372036854775807) AND m.entity = ").push_bind(entity.as_str());
        for row in query.build().fetch_all(&mut *conn).await? {
            let mut cells = Cells::of(&row);
            found.push((cells.text()?.to_owned(), RecordId(cells.int()?)));
        }
    }
    found.sort_unstable();
    Ok(found)
}
