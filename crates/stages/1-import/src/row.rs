//! Reads one row: from cells to fields and extra fields, or to the reason why it cannot be used.

use evergreen_model::field::{self, Field};
use evergreen_model::{Entity, Fields, Reason};

use crate::header::normalise;
use crate::mapping::{FULL_NAME, Mapping};
use crate::names;
use crate::quarantine::Trouble;
use crate::source::RawRow;
use crate::values::{self, Cell};
use crate::{identity, shape};

/// A row of a list, read or quarantined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Line it begins on, as an editor counts (header included).
    pub line: u64,
    /// Its cells as they stand in the file, for the quarantine file; a line that cannot be split is one cell.
    pub cells: Vec<String>,
    /// What it says, or why it cannot be used.
    pub reading: Result<Reading, Reason>,
}

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Values under our field names.
    pub fields: Fields,
    /// Values of columns no field was found for, and values that are not of their field's kind, under their header.
    pub extra: Fields,
}

/// What a column's values become.
enum Target {
    Field { field: &'static Field, rank: u16 },
    FullName,
    Extra,
}

struct Column {
    name: String,
    target: Target,
    /// The column that says what kind of address or number this is (`E-mail 1 - Label`).
    label: Option<usize>,
    keep_newlines: bool,
}

/// Reads rows by a mapping.
pub(crate) struct RowReader {
    entity: Entity,
    columns: Vec<Column>,
    normal_header: Vec<String>,
    /// Fewest cells of a sound row.
    pub(crate) fewest: usize,
    cell_bytes_max: usize,
}

impl RowReader {
    pub(crate) fn new(mapping: &Mapping, fewest: usize, cell_bytes_max: usize) -> RowReader {
        let normal_header: Vec<String> = mapping.columns.iter().map(|column| normalise(&column.header)).collect();
        let columns = mapping
            .columns
            .iter()
            .zip(&normal_header)
            .map(|(column, normal)| {
                let target = match column.field.as_deref() {
                    Some(FULL_NAME) if mapping.entity == Entity::Contact => Target::FullName,
                    Some(name) => field::find(mapping.entity, name)
                        .map_or(Target::Extra, |field| Target::Field { field, rank: column.rank }),
                    None => Target::Extra,
                };
                let label = normal.strip_suffix("value").and_then(|start| {
                    normal_header
                        .iter()
                        .position(|other| other.strip_prefix(start).is_some_and(|end| end == "label" || end == "type"))
                });
                let keep_newlines = match &target {
                    Target::Field { field, .. } => matches!(field.name, "notes" | "description"),
                    Target::FullName => false,
                    Target::Extra => true,
                };
                Column { name: column.header.clone(), target, label, keep_newlines }
            })
            .collect();
        RowReader { entity: mapping.entity, columns, normal_header, fewest, cell_bytes_max }
    }

    /// The row, or none when there is nothing in it.
    pub(crate) fn read(&self, raw: RawRow) -> Option<Parsed> {
        if raw.fault.is_none() && raw.surplus.is_empty() && raw.cells.iter().all(|cell| cell.trim().is_empty()) {
            return None;
        }
        let reading = self.judge(&raw).map_err(|trouble| trouble.reason());
        let cells = raw.cells.into_iter().map(|cell| shortened(cell, self.cell_bytes_max)).collect();
        Some(Parsed { line: raw.line, cells, reading })
    }

    fn judge(&self, raw: &RawRow) -> Result<Reading, Trouble> {
        if is_garbage(&raw.cells) {
            return Err(Trouble::ControlGarbage);
        }
        if let Some(fault) = raw.fault {
            return Err(Trouble::Fault(fault));
        }
        let expected = self.columns.len();
        if raw.cells.iter().skip(expected).any(|cell| !cell.trim().is_empty()) {
            return Err(Trouble::TooManyCells { found: raw.cells.len(), expected });
        }
        if raw.cells.len() < self.fewest {
            return Err(Trouble::TooFewCells { found: raw.cells.len(), expected });
        }
        if let Some((index, _)) = raw.cells.iter().enumerate().find(|(_, cell)| cell.len() > self.cell_bytes_max) {
            let column = self.columns.get(index).map_or_else(String::new, |column| column.name.clone());
            return Err(Trouble::CellTooLong { column, limit: self.cell_bytes_max });
        }
        if let Some((name, _)) = raw.surplus.iter().find(|(_, value)| value.len() > self.cell_bytes_max) {
            return Err(Trouble::CellTooLong { column: name.clone(), limit: self.cell_bytes_max });
        }
        if self.repeats_header(&raw.cells) {
            return Err(Trouble::RepeatedHeader);
        }
        self.read_values(raw)
    }

    fn read_values(&self, raw: &RawRow) -> Result<Reading, Trouble> {
        let mut reading = Reading::default();
        let mut ranks: Vec<(&str, u16)> = Vec::new();
        let mut sources: Vec<(&str, usize)> = Vec::new();
        let mut full_name = None;
        let (mut formulas, mut values) = (0, 0);
        for (index, (column, cell)) in self.columns.iter().zip(&raw.cells).enumerate() {
            let value = match values::read(cell, column.keep_newlines) {
                Cell::Empty | Cell::Placeholder => continue,
                Cell::Formula => {
                    formulas += 1;
                    continue;
                }
                Cell::Value(value) => value,
            };
            values += 1;
            let (field, rank) = match &column.target {
                Target::Extra => {
                    reading.extra.insert(column.name.clone(), value);
                    continue;
                }
                Target::FullName => {
                    full_name = Some((index, value));
                    continue;
                }
                Target::Field { field, rank } => {
                    self.relabelled(field, *rank, column.label.and_then(|label| raw.cells.get(label)))
                }
            };
            let Some(shaped) = shape::shape(self.entity, field, &value) else {
                reading.extra.insert(column.name.clone(), value);
                continue;
            };
            if shaped.len() < value.len() && field.name == "email" {
                // Several addresses in one cell: the others are not lost.
                reading.extra.insert(column.name.clone(), value.clone());
            }
            let earlier = ranks.iter().position(|(name, _)| *name == field.name);
            match earlier {
                Some(at) if prefers(field, ranks[at].1, &reading.fields[field.name], rank, &shaped) => {
                    reading.extra.insert(column.name.clone(), value);
                }
                _ => {
                    if let Some(at) = earlier {
                        ranks.remove(at);
                        let (_, source) = sources.remove(at);
                        if let Some(loser) = reading.fields.remove(field.name) {
                            reading.extra.insert(self.columns[source].name.clone(), loser);
                        }
                    }
                    ranks.push((field.name, rank));
                    sources.push((field.name, index));
                    reading.fields.insert(field.name.to_owned(), shaped);
                }
            }
        }
        for (name, value) in &raw.surplus {
            if let Cell::Value(value) = values::read(value, true) {
                values += 1;
                reading.extra.insert(name.clone(), value);
            }
        }
        if let Some((index, whole)) = full_name {
            self.add_full_name(&mut reading, index, whole);
        }
        if values == 0 && formulas == 0 {
            return Err(Trouble::OnlyPlaceholders);
        }
        identity::check(self.entity, &reading.fields, formulas > 0, |name| self.header_of(name))?;
        Ok(reading)
    }

    /// A label beside the value knows better than the header: `Work` comes first, `Mobile` is another field.
    fn relabelled(&self, field: &'static Field, rank: u16, label: Option<&String>) -> (&'static Field, u16) {
        let Some(label) = label.map(|label| label.to_lowercase()) else {
            return (field, rank);
        };
        if field.name == "phone" && ["mobile", "mobil", "cell", "handy"].iter().any(|word| label.contains(word)) {
            return (field::find(self.entity, "mobilephone").unwrap_or(field), rank);
        }
        let work = ["work", "arbeit", "geschäft", "bureau", "travail", "trabajo", "werk", "office"]
            .iter()
            .any(|word| label.contains(word));
        let home = ["home", "privat", "personal", "domicile", "casa"].iter().any(|word| label.contains(word));
        match (work, home) {
            (true, _) => (field, rank / 2),
            (false, true) => (field, rank.saturating_add(1_000)),
            (false, false) => (field, rank),
        }
    }

    fn add_full_name(&self, reading: &mut Reading, index: usize, whole: String) {
        let named = reading.fields.contains_key("firstname") || reading.fields.contains_key("lastname");
        match names::split(&whole).filter(|_| !named) {
            Some((first, last)) => {
                for (name, part) in [("firstname", first), ("lastname", last)] {
                    if let Some(part) = part {
                        reading.fields.insert(name.to_owned(), part);
                    }
                }
            }
            None => {
                reading.extra.insert(self.columns[index].name.clone(), whole);
            }
        }
    }

    fn header_of(&self, name: &str) -> String {
        let found = self.columns.iter().find(|column| match &column.target {
            Target::Field { field, .. } => field.name == name,
            Target::FullName => name == "firstname" || name == "lastname",
            Target::Extra => false,
        });
        found.map_or_else(|| name.to_owned(), |column| column.name.clone())
    }

    fn repeats_header(&self, cells: &[String]) -> bool {
        let mut same = 0;
        for (cell, header) in cells.iter().zip(&self.normal_header) {
            if cell.trim().is_empty() {
                continue;
            }
            if cell.len() > 100 || normalise(cell) != *header {
                return false;
            }
            same += 1;
        }
        same > 0 && same * 2 >= self.columns.len()
    }
}

/// Whether the value that is already there stays: work before private, and a usable address before a broken one.
fn prefers(field: &Field, there_rank: u16, there: &str, rank: u16, new: &str) -> bool {
    if field.name == "email" && there.contains('@') != new.contains('@') {
        return there.contains('@');
    }
    there_rank <= rank
}

/// A null byte, or a tenth of control characters, is no text.
fn is_garbage(cells: &[String]) -> bool {
    let (mut control, mut all) = (0_usize, 0_usize);
    let suspicious = |byte: u8| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7F || byte == 0xC2;
    if !cells.iter().any(|cell| cell.bytes().any(suspicious)) {
        return false;
    }
    for cell in cells {
        for char in cell.chars() {
            if char == '\0' {
                return true;
            }
            all += 1;
            control += usize::from(char.is_control() && !matches!(char, '\n' | '\r' | '\t'));
        }
    }
    control > 0 && control * 10 >= all
}

/// Keeps the quarantine file readable; the cut is marked.
fn shortened(cell: String, bytes_max: usize) -> String {
    if cell.len() <= bytes_max {
        return cell;
    }
    let mut end = bytes_max.min(1_000);
    while !cell.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &cell[..end])
}
