//! Stage 1, import: reads lists in any dialect, guesses the mapping, quarantines what cannot be read.
//!
//! In: the bytes of a list. Out, batch by batch: rows as fields of a contact or company, or the reason why a row could
//! not be read. The way of a list: `format` (what kind of file is it?), `encoding` and `delimiter` (how is it written?),
//! `header` (where does it begin?), `mapping` (which column means what?), then row by row `row`.
//! Text lists are streamed: memory does not grow with the list. Rows of the portal come in through `portal`.

mod csv;
mod delimiter;
mod dialect;
mod encoding;
mod format;
mod guess;
mod header;
mod headers;
mod identity;
mod jsonl;
mod lines;
mod list;
mod mapping;
mod names;
mod open;
pub mod portal;
mod problem;
mod quarantine;
mod row;
mod settings;
mod shape;
mod sheet;
mod sniff;
mod source;
mod values;

pub use format::{Format, Kind};
pub use list::{Counts, List};
pub use mapping::{FULL_NAME, How, MappedColumn, Mapping};
pub use open::open;
pub use problem::ImportProblem;
pub use quarantine::{quarantine_header, write_quarantine};
pub use row::{Parsed, Reading};
pub use settings::Settings;
