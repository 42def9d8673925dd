//! Plans and their steps.

use evergreen_model::plan::{Plan, PlanId, Step, StepState};
use evergreen_model::run::RunId;
use evergreen_ports::StepQuery;
use sqlx::QueryBuilder;

use super::super::db::{Conn, Db, Row};
use super::cells::Cells;
use super::text::json;
use super::{insert, newest, select_in};
use crate::fault::Fault;

const STATES: [StepState; 5] =
    [StepState::Planned, StepState::Sending, StepState::Done, StepState::Stale, StepState::Failed];

pub(in super::super) async fn put(conn: &mut Conn, plans: &[Plan]) -> Result<(), Fault> {
    for plan in plans {
        sqlx::query::<Db>(
            "INSERT INTO plans (id, run, body) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET run = excluded.run, body = excluded.body",
        )
        .bind(plan.id.0)
        .bind(plan.run.0)
        .bind(json(plan)?)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(in super::super) async fn plan(conn: &mut Conn, id: PlanId) -> Result<Option<Plan>, Fault> {
    let row = sqlx::query::<Db>("SELECT id, body FROM plans WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.as_ref().map(body).transpose()
}

pub(in super::super) async fn latest(conn: &mut Conn, run: Option<RunId>) -> Result<Option<Plan>, Fault> {
    let row = match run {
        Some(run) => {
            sqlx::query::<Db>("SELECT id, body FROM plans WHERE run = $1 ORDER BY id DESC LIMIT 1")
                .bind(run.0)
                .fetch_optional(conn)
                .await?
        }
        None => sqlx::query::<Db>("SELECT id, body FROM plans ORDER BY id DESC LIMIT 1").fetch_optional(conn).await?,
    };
    row.as_ref().map(body).transpose()
}

fn body<T: serde::de::DeserializeOwned>(row: &Row) -> Result<T, Fault> {
    let mut cells = Cells::of(row);
    cells.int()?;
    cells.json()
}

pub(in super::super) async fn drop_steps(conn: &mut Conn, plans: &[PlanId]) -> Result<(), Fault> {
    for plan in plans {
        sqlx::query::<Db>("DELETE FROM steps WHERE plan = $1").bind(plan.0).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(in super::super) async fn put_steps(conn: &mut Conn, steps: &[Step]) -> Result<(), Fault> {
    let lines = newest(steps, |step| step.id)
        .into_iter()
        .map(|step| Ok((step, json(step)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    insert(
        conn,
        "INSERT INTO steps (id, plan, record, entity, action, state, body) ",
        " ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, record = excluded.record, entity = excluded.entity, \
         action = excluded.action, state = excluded.state, body = excluded.body",
        &lines,
        |values, (step, body)| {
            values
                .push_bind(step.id.0)
                .push_bind(step.plan.0)
                .push_bind(step.record.0)
                .push_bind(step.entity.as_str())
                .push_bind(step.action.as_str())
                .push_bind(step.state.as_str())
                .push_bind(body.as_str());
        },
    )
    .await
}

/// Steps in order of number. Each state is a walk of its own through the index, so steps that are done cost nothing.
pub(in super::super) async fn steps(conn: &mut Conn, asked: &StepQuery) -> Result<Vec<Step>, Fault> {
    let mut found: Vec<i64> = Vec::new();
    for state in STATES {
        if !asked.states.is_empty() && !asked.states.contains(&state) {
            continue;
        }
        let mut query = QueryBuilder::<Db>::new("SELECT id FROM steps WHERE plan = ");
        query.push_bind(asked.plan.0);
        query.push(" AND state = ").push_bind(state.as_str());
        query.push(" AND id > ").push_bind(asked.after.map_or(i64::MIN, |step| step.0));
        if let Some(entity) = asked.entity {
            query.push(" AND entity = ").push_bind(entity.as_str());
        }
        if let Some(action) = &asked.action {
            query.push(" AND action = ").push_bind(action.as_str());
        }
        if let Some(record) = asked.record {
            query.push(" AND record = ").push_bind(record.0);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(i64::from(asked.limit));
        for row in query.build().fetch_all(&mut *conn).await? {
            found.push(Cells::of(&row).int()?);
        }
    }
    found.sort_unstable();
    found.truncate(asked.limit as usize);
    let rows = select_in(
        conn,
        |query| {
            query.push("SELECT id, body FROM steps WHERE id IN");
        },
        &found,
        "ORDER BY id",
    )
    .await?;
    rows.iter().map(body).collect()
}
