//! A transition: the one place that says what commits together, and in which order it is written.

use evergreen_ports::Transition;

use super::super::db::Conn;
use super::{evidence, keys, ledger, lists, memory, people, plans, records, settle, views};
use crate::fault::Fault;

/// Writes everything; the caller commits or takes back.
pub(in super::super) async fn write(conn: &mut Conn, transition: &Transition) -> Result<(), Fault> {
    lists::put_runs(conn, &transition.runs).await?;
    lists::put_files(conn, &transition.files).await?;
    lists::put_rows(conn, &transition.rows).await?;
    records::put(conn, &transition.records).await?;
    evidence::add(conn, &transition.evidence).await?;
    evidence::hand_over(conn, &transition.moved).await?;
    keys::replace(conn, &transition.keys).await?;
    let settled = settle::settle(conn, &transition.settlements).await?;
    plans::put(conn, &transition.plans).await?;
    plans::drop_steps(conn, &transition.drop_steps_of).await?;
    plans::put_steps(conn, &transition.steps).await?;
    people::put_reviews(conn, &transition.reviews).await?;
    people::unsuppress(conn, &transition.unsuppress).await?;
    people::suppress(conn, &transition.suppressions).await?;
    memory::remember(conn, &transition.remember).await?;
    if transition.forget_views {
        views::forget(conn).await?;
    }
    views::put(conn, &transition.views).await?;
    // The answers came before anything that follows from them.
    ledger::append(conn, &settled.iter().chain(&transition.ledger).collect::<Vec<_>>()).await
}
