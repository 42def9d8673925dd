//! Writes a raw list of any length without holding it in memory: the same rows for the same length.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

const FIRST: [&str; 12] =
    ["Maya", "Jürgen", "Anne-Marie", "José", "Li", "Noah", "Zoë", "Omar", "Ingrid", "Tom", "Aïsha", "Ken"];
const LAST: [&str; 11] =
    ["Ortiz", "Müller", "O'Brien", "García", "Chen", "van Dijk", "Smith", "Haddad", "Nyström", "Rossi", "Sato"];
const FIRM: [&str; 7] = [
    "Birch Analytics Inc.",
    "Nordwind GmbH",
    "Acme, Ltd.",
    "Café Société SAS",
    "Blue Harbor LLC",
    "Kestrel AB",
    "Ito & Co",
];
const TITLE: [&str; 5] = ["VP Sales", "Head of Marketing", "CTO", "Software Engineer, Platform", "Owner"];
/// As many firms as the rows name at most.
const FIRMS: u64 = 50_000;

/// Writes the list: seven of ten rows have an address, half a phone, every fifth field of the title is empty.
pub fn write(path: &Path, rows: u64) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "First Name,Last Name,Company,Website,Email,Title,Phone,Country")?;
    for row in 0..rows {
        let (first, last) = (pick(&FIRST, row), pick(&LAST, row / 3));
        let firm = row * 7 % FIRMS;
        write!(out, "{first},{last},\"{} {firm}\",https://www.firm{firm}.example/,", pick(&FIRM, firm))?;
        if row % 10 < 7 {
            write!(out, "person.{row}@firm{firm}.example")?;
        }
        match row % 5 {
            0 => write!(out, ",,")?,
            kind => write!(out, ",\"{}\",", pick(&TITLE, kind))?,
        }
        if row % 2 == 0 {
            write!(out, "(312) 555-{:04}", row % 10_000)?;
        }
        writeln!(out, ",United States")?;
    }
    out.flush()
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is smaller than the list")]
fn pick<'a>(words: &[&'a str], number: u64) -> &'a str {
    words[(number % words.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_has_its_eight_fields() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        super::write(&path, 1_000).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 1_001);
        for line in text.lines() {
            let mut quoted = false;
            let commas = line.chars().filter(|&letter| {
                quoted ^= letter == '"';
                letter == ',' && !quoted
            });
            assert_eq!(commas.count(), 7, "{line}");
        }
    }
}
