//! Spend: sums of money per run, record, provider and month, against which ceilings are held.

use std::collections::BTreeMap;

use evergreen_model::money::Money;
use evergreen_model::run::RunId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::db::Conn;
use super::cells::Cells;
use super::{insert, select_in};
use crate::fault::Fault;

/// What a sum is over, as its key in the table.
pub(super) fn of_run(run: RunId) -> String {
    format!("run {}", run.0)
}

pub(super) fn of_provider(run: RunId, provider: &str) -> String {
    format!("run {} provider {provider}", run.0)
}

/// The calendar month in UTC.
pub(super) fn of_month(at: Timestamp) -> String {
    let date = TimeZone::UTC.to_datetime(at).date();
    format!("month {:04}-{:02}", date.year(), date.month())
}

/// All sums that a call made at a time counts in. Sums per record are few calls each and are added up when asked.
pub(super) fn scopes(run: RunId, provider: &str, at: Timestamp) -> [String; 3] {
    [of_run(run), of_provider(run, provider), of_month(at)]
}

/// Sums by their keys; what was never spent is absent.
pub(super) async fn sums(conn: &mut Conn, scopes: &[String]) -> Result<BTreeMap<String, Money>, Fault> {
    let rows = select_in(
        conn,
        |query| {
            query.push("SELECT scope, micros FROM spend WHERE scope IN");
        },
        scopes,
        "",
    )
    .await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row);
            Ok((cells.text()?.to_owned(), Money::from_micros(cells.int()?)))
        })
        .collect()
}

/// Sums per record within a run.
pub(super) async fn of_records(conn: &mut Conn, run: RunId, records: &[i64]) -> Result<BTreeMap<i64, Money>, Fault> {
    let rows = select_in(
        conn,
        |query| {
            query
                .push("SELECT record, CAST(SUM(counted) AS BIGINT) FROM calls WHERE run = ")
                .push_bind(run.0)
                .push(" AND record IN");
        },
        records,
        "GROUP BY record",
    )
    .await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row);
            Ok((cells.int()?, Money::from_micros(cells.int()?)))
        })
        .collect()
}

/// Adds to sums, or takes off.
pub(super) async fn add(conn: &mut Conn, changes: BTreeMap<String, i64>) -> Result<(), Fault> {
    let changes: Vec<(String, i64)> = changes.into_iter().filter(|(_, micros)| *micros != 0).collect();
    insert(
        conn,
        "INSERT INTO spend (scope, micros) ",
        " ON CONFLICT (scope) DO UPDATE SET micros = spend.micros + excluded.micros",
        &changes,
        |values, (scope, micros)| {
            values.push_bind(scope.as_str()).push_bind(*micros);
        },
    )
    .await
}
