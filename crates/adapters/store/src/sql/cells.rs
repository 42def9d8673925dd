//! How columns are read back: one after the other, in the order the statement names them.

use jiff::Timestamp;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::{Decode, Row as _, Type};

use super::super::db::{Db, Row};
use crate::fault::Fault;

/// The cells of a row, from left to right.
pub(super) struct Cells<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn of(row: &'r Row) -> Cells<'r> {
        Cells { row, next: 0 }
    }

    fn cell<T: Decode<'r, Db> + Type<Db>>(&mut self) -> Result<T, Fault> {
        let place = self.next;
        self.next += 1;
        Ok(self.row.try_get(place)?)
    }

    pub(super) fn int(&mut self) -> Result<i64, Fault> {
        self.cell()
    }

    pub(super) fn int_or_none(&mut self) -> Result<Option<i64>, Fault> {
        self.cell()
    }

    /// A number that is never negative.
    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        let value = self.int()?;
        u64::try_from(value).map_err(|_| self.unreadable(&format!("{value} is below zero")))
    }

    pub(super) fn text(&mut self) -> Result<&'r str, Fault> {
        self.cell()
    }

    pub(super) fn text_or_none(&mut self) -> Result<Option<&'r str>, Fault> {
        self.cell()
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, Fault> {
        let micros = self.int()?;
        self.moment(micros)
    }

    pub(super) fn time_or_none(&mut self) -> Result<Option<Timestamp>, Fault> {
        match self.int_or_none()? {
            None => Ok(None),
            Some(micros) => self.moment(micros).map(Some),
        }
    }

    fn moment(&self, micros: i64) -> Result<Timestamp, Fault> {
        Timestamp::from_microsecond(micros).map_err(|error| self.unreadable(&error.to_string()))
    }

    /// A value of one of our enums, by its word.
    pub(super) fn word<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let word = self.text()?;
        self.meaning(word)
    }

    pub(super) fn word_or_none<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        match self.text_or_none()? {
            None => Ok(None),
            Some(word) => self.meaning(word).map(Some),
        }
    }

    fn meaning<T: DeserializeOwned>(&self, word: &str) -> Result<T, Fault> {
        let word: StrDeserializer<'_, WordError> = word.into_deserializer();
        T::deserialize(word).map_err(|error| self.unreadable(&error.to_string()))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let text = self.text()?;
        serde_json::from_str(text).map_err(|error| self.unreadable(&error.to_string()))
    }

    pub(super) fn json_or_none<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        match self.text_or_none()? {
            None => Ok(None),
            Some(text) => serde_json::from_str(text).map(Some).map_err(|error| self.unreadable(&error.to_string())),
        }
    }

    /// Names the row by its first number, where it begins with one.
    fn unreadable(&self, why: &str) -> Fault {
        let row = self.row.try_get::<i64, usize>(0).map_or_else(|_| String::new(), |id| format!("number {id}, "));
        Fault::Unreadable(format!("{row}column {}: {why}", self.next))
    }
}
