//! Records of one kind: listed, read, created, changed, archived, merged, forgotten.

mod batch;
mod changes;
mod outcome;
mod read;
mod search;
mod single;

pub use batch::{Link, LinkType, Row, RowKey};
pub use changes::Changes;
pub use outcome::{BatchOutcome, Parts, Written};
pub use read::{Found, RecordPage};
pub use search::{Filter, Search, SearchPager, Test};

use crate::client::Client;
use crate::object_type::ObjectType;

/// Batches on their way at the same time. The pace decides how many leave; this keeps enough of them ready when answers are slow.
pub(crate) const ABREAST: usize = 8;

/// Our own unique property, on which creates are upserts: a lost answer may be repeated without making a second record.
pub const OWN_KEY: &str = "evergreen_id";

/// Records of one kind.
#[derive(Clone)]
pub struct Objects {
    pub(crate) client: Client,
    pub(crate) kind: ObjectType,
}

/// What to read of each record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// Properties whose current value is wanted.
    pub properties: Vec<String>,
    /// Properties whose history is wanted; halves what fits into one call.
    pub history: Vec<String>,
    /// Kinds of linked records whose ids are wanted. Not for batch reads.
    pub associations: Vec<String>,
    /// Read the recycle bin instead.
    pub archived: bool,
}

impl Want {
    /// Only current values.
    #[must_use]
    pub fn values(properties: &[&str]) -> Want {
        Want { properties: properties.iter().map(|name| (*name).to_owned()).collect(), ..Want::default() }
    }
}
