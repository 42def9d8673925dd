//! The territory matrix: a CSV file of which each line says who owns what, read with all faults reported together.

use std::fmt;

use crate::band::Band;
use crate::place;

/// The columns of the matrix, in the order in which people know them.
const COLUMNS: [&str; 7] = ["region", "country", "state", "industry", "headcount", "lead_source", "owner"];

/// A fault in the matrix, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct MatrixProblem {
    /// Line of the file; the header is line 1.
    pub line: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The territory matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    pub(crate) name: String,
    pub(crate) lines: Vec<Line>,
}

/// Whom a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An owner, by address in lower case.
    Owner(String),
    /// A team, by name.
    Team(String),
}

impl Target {
    /// Reads an address or `team:NAME`.
    pub(crate) fn parse(text: &str) -> Option<Target> {
        let text = text.trim();
        match text.split_once(':') {
            Some((kind, name)) if kind.trim().eq_ignore_ascii_case("team") && !name.trim().is_empty() => {
                Some(Target::Team(name.trim().to_owned()))
            }
            _ if text.contains('@') && !text.contains(char::is_whitespace) => Some(Target::Owner(text.to_lowercase())),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Owner(email) => f.write_str(email),
            Target::Team(name) => write!(f, "team {name}"),
        }
    }
}

/// One line: conditions that must all hold, and whom it names. Unset means any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: u32,
    /// As written, for people; compared folded.
    pub(crate) region: Option<String>,
    pub(crate) country: Option<Country>,
    pub(crate) state: Option<String>,
    pub(crate) industry: Option<String>,
    pub(crate) headcount: Option<Band>,
    pub(crate) lead_source: Option<String>,
    pub(crate) target: Target,
}

/// A country as written, and its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Country {
    pub(crate) name: String,
    pub(crate) code: &'static str,
}

impl Line {
    /// How specific the line is; greater wins. The number of filled columns, then which ones they are.
    pub(crate) fn rank(&self) -> (u32, u32) {
        let filled = [
            self.state.is_some(),
            self.country.is_some(),
            self.region.is_some(),
            self.headcount.is_some(),
            self.industry.is_some(),
            self.lead_source.is_some(),
        ];
        let which = filled.iter().fold(0, |bits, filled| bits << 1 | u32::from(*filled));
        (which.count_ones(), which)
    }

    /// The conditions in words: `Germany, 501+`.
    pub(crate) fn conditions(&self) -> String {
        let band = self.headcount.map(|band| band.to_string());
        let country = self.country.as_ref().map(|country| &country.name);
        let parts = [
            self.region.as_ref(),
            country,
            self.state.as_ref(),
            self.industry.as_ref(),
            band.as_ref(),
            self.lead_source.as_ref(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() { "any record".to_owned() } else { parts.join(", ") }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} → {}", self.number, self.conditions(), self.target)
    }
}

impl Matrix {
    /// Reads the matrix; `name` is the file's name, for messages.
    ///
    /// # Errors
    /// All faults of the file together, in order of lines.
    pub fn parse(name: &str, text: &str) -> Result<Matrix, Vec<MatrixProblem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text.lines().next().unwrap_or_default();
        let delimiter =
            [b',', b';', b'\t'].into_iter().max_by_key(|byte| header.bytes().filter(|found| found == byte).count());
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(delimiter.filter(|byte| header.contains(char::from(*byte))).unwrap_or(b','))
            .from_reader(text.as_bytes());
        let mut problems = Vec::new();
        let mut lines = Vec::new();
        let mut columns: Option<Vec<Option<usize>>> = None;
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    problems.push(MatrixProblem { line: 1, message: error.to_string() });
                    continue;
                }
            };
            let number = line_of(text, &row);
            match &columns {
                None => {
                    columns = Some(read_header(number, &row, &mut problems));
                    if !problems.is_empty() {
                        // Without a sound header every line would be called wrong.
                        break;
                    }
                }
                Some(columns) if row.len() != columns.len() => problems.push(MatrixProblem {
                    line: number,
                    message: format!("{} columns, but the header has {}", row.len(), columns.len()),
                }),
                Some(columns) => lines.extend(read_line(number, columns, &row, &mut problems)),
            }
        }
        if columns.is_none() {
            problems.push(MatrixProblem {
                line: 1,
                message: format!("the file is empty; its first line must be {}", COLUMNS.join(",")),
            });
        }
        if problems.is_empty() { Ok(Matrix { name: name.to_owned(), lines }) } else { Err(problems) }
    }

    /// How many lines it has, without the header.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it has no lines.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The line a row stands on; the CSV reader counts blank lines before a row to the row.
fn line_of(text: &str, row: &csv::StringRecord) -> u32 {
    let bytes = text.as_bytes();
    let start = row.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0).min(bytes.len());
    let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let breaks = bytes[..start + blank].iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

/// Which of [`COLUMNS`] stands where.
fn read_header(line: u32, row: &csv::StringRecord, problems: &mut Vec<MatrixProblem>) -> Vec<Option<usize>> {
    let mut columns: Vec<Option<usize>> = Vec::new();
    for cell in row {
        let name = place::fold(cell).replace(' ', "_");
        let index = COLUMNS.iter().position(|column| *column == name);
        let message = match index {
            None => Some(format!("there is no column \"{cell}\"; the columns are {}", COLUMNS.join(", "))),
            Some(_) if columns.contains(&index) => Some(format!("the column \"{cell}\" stands there twice")),
            Some(_) => None,
        };
        problems.extend(message.map(|message| MatrixProblem { line, message }));
        columns.push(index);
    }
    if !columns.contains(&Some(COLUMNS.len() - 1)) {
        problems.push(MatrixProblem { line, message: "the column \"owner\" is missing".to_owned() });
    }
    columns
}

fn read_line(
    number: u32,
    columns: &[Option<usize>],
    row: &csv::StringRecord,
    problems: &mut Vec<MatrixProblem>,
) -> Option<Line> {
    let mut cells: [Option<&str>; COLUMNS.len()] = [None; COLUMNS.len()];
    for (column, cell) in columns.iter().zip(row) {
        if let Some(column) = column {
            cells[*column] = Some(cell).filter(|cell| !cell.is_empty());
        }
    }
    let [region, country, state, industry, headcount, lead_source, owner] = cells;
    let before = problems.len();
    let mut fault = |message: String| problems.push(MatrixProblem { line: number, message });
    let country = country.and_then(|name| {
        let code = place::country(name);
        if code.is_none() {
            fault(format!("the country \"{name}\" is not known; write its English name or its two-letter code"));
        }
        code.map(|code| Country { name: name.to_owned(), code })
    });
    let headcount = headcount.and_then(|text| {
        let band = Band::parse(text);
        if band.is_none() {
            fault(format!("the headcount \"{text}\" cannot be read; write 1-50 or 501+"));
        }
        band
    });
    let target = owner.and_then(Target::parse);
    match (owner, &target) {
        (None, _) => fault("nobody stands in the column \"owner\"".to_owned()),
        (Some(text), None) => fault(format!("the owner \"{text}\" is neither an address nor team:NAME")),
        _ => {}
    }
    if problems.len() > before {
        return None;
    }
    let text = |cell: Option<&str>| cell.map(str::to_owned);
    Some(Line {
        number,
        region: text(region),
        country,
        state: text(state),
        industry: text(industry),
        headcount,
        lead_source: text(lead_source),
        target: target?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_reported_together() {
        let text =
            "region,country,headcount,owner\nEMEA,Germny,1-50,ann@acme.example\n,,lots,\nEMEA,,,nobody\nEMEA,,x\n";
        let problems = Matrix::parse("territories.csv", text).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "line 2: the country \"Germny\" is not known; write its English name or its two-letter code",
                "line 3: the headcount \"lots\" cannot be read; write 1-50 or 501+",
                "line 3: nobody stands in the column \"owner\"",
                "line 4: the owner \"nobody\" is neither an address nor team:NAME",
                "line 5: 3 columns, but the header has 4",
            ]
        );
    }

    #[test]
    fn a_wrong_header_is_named() {
        let problems = Matrix::parse("t.csv", "region,Land,region\nEMEA,Germany,x\n").unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(Matrix::parse("t.csv", "").unwrap_err()[0].message.contains("empty"));
    }

    #[test]
    fn columns_may_stand_in_any_order_with_any_delimiter_and_blank_lines_between() {
        let text = "\u{feff}Owner;Lead Source;Country\n\nteam:DACH;event;Deutschland\n";
        let matrix = Matrix::parse("t.csv", text).unwrap();
        assert_eq!(matrix.len(), 1);
        assert_eq!(matrix.lines[0].to_string(), "line 3: Deutschland, event → team DACH");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}\n\\PC{0,60}\n\\PC{0,60}") {
            let _ = Matrix::parse("t.csv", &text);
            let _ = Matrix::parse("t.csv", &format!("region,country,owner\n{text}"));
        }
    }
}
