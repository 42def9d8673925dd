//! Queues: which records a stage takes next. Found by index first, read by number then.

use evergreen_model::record::{Entity, Record, RecordId};
use evergreen_model::run::RunId;
use evergreen_ports::Claim;
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db};
use super::handles::numbers;
use super::records;
use super::text::micros;
use crate::fault::Fault;

pub(in super::super) async fn claim(conn: &mut Conn, claim: &Claim) -> Result<Vec<Record>, Fault> {
    let mut found: Vec<RecordId> = Vec::new();
    // The index is ordered by entity before number, so each entity is a walk of its own.
    for entity in [Entity::Contact, Entity::Company] {
        if claim.entity.is_some_and(|wanted| wanted != entity) {
            continue;
        }
        let mut query = QueryBuilder::<Db>::new("SELECT id FROM records WHERE stage = ");
        query.push_bind(claim.stage.as_str());
        query.push(" AND entity = ").push_bind(entity.as_str());
        query.push(" AND id > ").push_bind(claim.after.map_or(i64::MIN, |record| record.0));
        query.push(" AND due <= ").push_bind(micros(claim.due_by));
        if let Some(run) = claim.run {
            query.push(" AND run = ").push_bind(run.0);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(i64::from(claim.limit));
        found.extend(numbers(&query.build().fetch_all(&mut *conn).await?)?);
    }
    found.sort_unstable();
    found.truncate(claim.limit as usize);
    records::by_number(conn, &found).await
}

pub(in super::super) async fn scan(
    conn: &mut Conn,
    entity: Entity,
    run: Option<RunId>,
    after: Option<RecordId>,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    let after = after.map_or(i64::MIN, |record| record.0);
    let rows = match run {
        Some(run) => {
            sqlx::query::<Db>("SELECT id FROM records WHERE run = $1 AND entity = $2 AND id > $3 ORDER BY id LIMIT $4")
                .bind(run.0)
                .bind(entity.as_str())
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(&mut *conn)
                .await?
        }
        None => {
            sqlx::query::<Db>("SELECT record FROM handles WHERE entity = $1 AND record > $2 ORDER BY record LIMIT $3")
                .bind(entity.as_str())
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(&mut *conn)
                .await?
        }
    };
    records::by_number(conn, &numbers(&rows)?).await
}
