//! Every statement the store knows, in SQL that SQLite and PostgreSQL both read.
//!
//! Parameters are `$1`, lists of values are made by `QueryBuilder` in the database's own way, a conflict is answered by
//! `ON CONFLICT`. What differs per database stays outside: `super::db` names its types, `migrations/` its tables.

pub(super) mod calls;
mod cells;
pub(super) mod evidence;
pub(super) mod handles;
pub(super) mod keys;
pub(super) mod ledger;
pub(super) mod lists;
pub(super) mod memory;
pub(super) mod numbers;
pub(super) mod people;
pub(super) mod plans;
pub(super) mod queue;
pub(super) mod records;
pub(super) mod reserve;
pub(super) mod schema;
pub(super) mod settle;
pub(super) mod spend;
pub(super) mod tallies;
mod text;
pub(super) mod transition;
pub(super) mod views;

use std::collections::HashMap;
use std::hash::Hash;

use sqlx::query_builder::Separated;
use sqlx::{Encode, QueryBuilder, Type};

use super::db::{Conn, Db, Row};
use crate::fault::Fault;

/// One row of values on its way into a statement.
type Values<'a> = Separated<'a, Db, &'static str>;

/// Lengths of the lists of values we send. Few lengths, so that statements stay prepared; long ones, because a statement
/// per row would spend its time on the way to the database; none so long that PostgreSQL's 65,535 parameters are reached.
const LENGTHS: [usize; 4] = [256, 32, 4, 1];

/// Cuts a list into pieces of [`LENGTHS`].
fn pieces<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|length| *length <= rest.len())?;
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

/// Inserts many rows: `head` up to `VALUES`, one row of values per item, then `tail`.
async fn insert<T: Sync>(
    conn: &mut Conn,
    head: &str,
    tail: &str,
    items: &[T],
    bind: impl Fn(&mut Values<'_>, &T) + Send + Sync,
) -> Result<(), Fault> {
    for piece in pieces(items) {
        let mut query = QueryBuilder::<Db>::new(head);
        query.push_values(piece, |mut values, item| bind(&mut values, item));
        query.push(tail);
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}

/// Reads the rows whose column is in a list: `head` pushes everything up to the list, `tail` follows it.
async fn select_in<K>(
    conn: &mut Conn,
    head: impl Fn(&mut QueryBuilder<Db>) + Send + Sync,
    keys: &[K],
    tail: &str,
) -> Result<Vec<Row>, Fault>
where
    K: Clone + for<'q> Encode<'q, Db> + Type<Db> + Send + Sync,
{
    let mut found = Vec::with_capacity(keys.len());
    for piece in pieces(keys) {
        let mut query = QueryBuilder::<Db>::new("");
        head(&mut query);
        query.push(" (");
        let mut list = query.separated(", ");
        for key in piece {
            list.push_bind(key.clone());
        }
        query.push(") ").push(tail);
        found.extend(query.build().fetch_all(&mut *conn).await?);
    }
    Ok(found)
}

/// The last version of each item, in order: one statement may not write the same row twice on PostgreSQL.
fn newest<T, K: Eq + Hash>(items: &[T], key: impl Fn(&T) -> K) -> Vec<&T> {
    let last: HashMap<K, usize> = items.iter().enumerate().map(|(place, item)| (key(item), place)).collect();
    items.iter().enumerate().filter(|(place, item)| last.get(&key(item)) == Some(place)).map(|(_, item)| item).collect()
}
