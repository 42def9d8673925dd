//! The mapping: which column means which field, how we know, and under which key it is remembered.

use evergreen_model::Entity;
use serde::{Deserialize, Serialize};

use crate::header::normalise;
use crate::problem::ImportProblem;
use crate::settings::{is_target, nearest_target};

/// A column with whole names; it is split into `firstname` and `lastname`.
pub const FULL_NAME: &str = "full_name";

/// Fields for which several columns are read: the best one that has a value counts, the others go to the extra fields.
pub(crate) const SEVERAL: [&str; 5] = ["email", "phone", "mobilephone", "hs_linkedin_url", "website"];

/// How we know what a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// The header is the field's name or label.
    #[serde(rename = "exact")]
    Exact,
    /// The tool that wrote the list means it so.
    #[serde(rename = "dialect")]
    Dialect,
    /// The header is another word for it.
    #[serde(rename = "synonym")]
    Synonym,
    /// The header says nothing, the values do.
    #[serde(rename = "content")]
    Content,
    /// It was so in an earlier list with the same header.
    #[serde(rename = "remembered")]
    Remembered,
    /// A person said so.
    #[serde(rename = "by hand")]
    ByHand,
    /// Nobody knows: its values are kept as extra fields.
    #[serde(rename = "unmapped")]
    Unmapped,
}

impl How {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            How::Exact => "exact",
            How::Dialect => "dialect",
            How::Synonym => "synonym",
            How::Content => "content",
            How::Remembered => "remembered",
            How::ByHand => "by hand",
            How::Unmapped => "unmapped",
        }
    }
}

/// One column of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Header as it stands in the list; `column 3` where there is none, `Email (2)` for a second one of that name.
    pub header: String,
    /// The field it fills ([`FULL_NAME`] is split), or none: then its values are extra fields.
    pub field: Option<String>,
    /// How we know.
    pub how: How,
    /// Among several columns for one field, the lower comes first.
    pub rank: u16,
}

/// Which column means which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The columns in the order of the list.
    pub columns: Vec<MappedColumn>,
    /// Hash of the normalised header: lists with the same one are read the same way.
    pub header_key: String,
    /// What the rows are about.
    pub entity: Entity,
}

impl Mapping {
    /// Maps a column by hand, or unmaps it (`field` absent).
    ///
    /// # Errors
    /// When the list has no such column or there is no such field; both with the nearest name.
    pub fn set(&mut self, header: &str, field: Option<&str>) -> Result<(), ImportProblem> {
        if let Some(name) = field
            && !is_target(name)
        {
            return Err(ImportProblem::UnknownField {
                field: name.to_owned(),
                nearest: nearest_target(name).map(str::to_owned),
            });
        }
        let wanted = normalise(header);
        let Some(index) = self
            .columns
            .iter()
            .position(|column| column.header == header)
            .or_else(|| self.columns.iter().position(|column| normalise(&column.header) == wanted))
        else {
            let columns = self.columns.iter().map(|column| column.header.clone()).collect();
            return Err(ImportProblem::UnknownColumn { header: header.to_owned(), columns });
        };
        if let Some(name) = field.filter(|name| !SEVERAL.contains(name)) {
            for column in self.columns.iter_mut().filter(|column| column.field.as_deref() == Some(name)) {
                column.field = None;
                column.how = How::Unmapped;
            }
        }
        let column = &mut self.columns[index];
        column.field = field.map(str::to_owned);
        column.how = How::ByHand;
        column.rank = 0;
        Ok(())
    }

    /// Whether any column fills the field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field.as_deref() == Some(field))
    }

    /// Takes over the fields of an earlier mapping of the same header; what a person said stays marked so.
    pub(crate) fn remember(&mut self, earlier: &Mapping) -> bool {
        if earlier.header_key != self.header_key || earlier.columns.len() != self.columns.len() {
            return false;
        }
        self.entity = earlier.entity;
        for (column, known) in self.columns.iter_mut().zip(&earlier.columns) {
            column.field = known.field.clone().filter(|name| is_target(name));
            column.rank = known.rank;
            column.how = match (known.how, &column.field) {
                (How::ByHand, _) => How::ByHand,
                (_, Some(_)) => How::Remembered,
                (_, None) => How::Unmapped,
            };
        }
        true
    }
}
