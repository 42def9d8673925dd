//! Numbers handed out once: for rows, records and everything else that has a number.

use evergreen_ports::store::IdKind;

use super::super::db::{Conn, Db};
use super::cells::Cells;
use crate::fault::Fault;

/// What a number is for.
#[derive(Clone, Copy)]
pub(in super::super) enum Kind {
    /// Asked for by the engine.
    Public(IdKind),
    /// A call, numbered by `reserve` itself.
    Call,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Public(IdKind::File) => "file",
            Kind::Public(IdKind::Row) => "row",
            Kind::Public(IdKind::Record) => "record",
            Kind::Public(IdKind::Evidence) => "evidence",
            Kind::Public(IdKind::Run) => "run",
            Kind::Public(IdKind::Plan) => "plan",
            Kind::Public(IdKind::Step) => "step",
            Kind::Public(IdKind::Review) => "review",
            Kind::Call => "call",
        }
    }
}

/// Hands out `count` consecutive numbers from 1 and returns the first.
pub(in super::super) async fn allocate(conn: &mut Conn, kind: Kind, count: u64) -> Result<i64, Fault> {
    let count = i64::try_from(count).map_err(|_| Fault::Mistake(format!("{count} numbers are more than there are")))?;
    let row = sqlx::query::<Db>(
        "INSERT INTO counters (kind, last) VALUES ($1, $2) \
         ON CONFLICT (kind) DO UPDATE SET last = counters.last + excluded.last RETURNING last",
    )
    .bind(kind.as_str())
    .bind(count)
    .fetch_one(conn)
    .await?;
    Ok(Cells::of(&row).int()? - count + 1)
}
