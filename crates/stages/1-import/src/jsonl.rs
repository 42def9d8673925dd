//! Reads JSON lines: one object per line, nested values under dotted names.

use std::io;

use serde_json::Value;

use crate::lines::Lines;
use crate::source::{Fault, RawRow, Rows};

/// More values than this in one object are no contact.
const VALUES_MAX: usize = 5_000;

/// The rows of a JSON lines list, in the order of a header found in its first rows.
pub(crate) struct JsonLines {
    lines: Lines,
    header: Vec<String>,
}

impl JsonLines {
    pub(crate) fn new(lines: Lines, header: Vec<String>) -> JsonLines {
        JsonLines { lines, header }
    }
}

impl Rows for JsonLines {
    fn next(&mut self) -> io::Result<Option<RawRow>> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        let faulty = |fault, text: String| RawRow {
            line: line.number,
            cells: vec![text],
            fault: Some(fault),
            surplus: Vec::new(),
        };
        if line.text.trim().is_empty() {
            return Ok(Some(RawRow { line: line.number, ..RawRow::default() }));
        }
        if line.cut {
            return Ok(Some(faulty(Fault::LineTooLong, line.text)));
        }
        if line.damaged {
            return Ok(Some(faulty(Fault::InvalidEncoding, line.text)));
        }
        let pairs = match flatten(&line.text) {
            Ok(pairs) => pairs,
            Err(fault) => return Ok(Some(faulty(fault, line.text))),
        };
        let mut row = RawRow { line: line.number, cells: vec![String::new(); self.header.len()], ..RawRow::default() };
        for (name, value) in pairs {
            match self.header.binary_search(&name) {
                Ok(index) => row.cells[index] = value,
                Err(_) => row.surplus.push((name, value)),
            }
        }
        Ok(Some(row))
    }
}

/// The sorted names that occur in the first rows, and those rows.
pub(crate) fn sample(lines: &mut Lines, rows_max: usize) -> io::Result<(Vec<String>, Vec<RawRow>)> {
    let mut header = std::collections::BTreeSet::new();
    let mut objects = Vec::new();
    while objects.len() < rows_max {
        let Some(line) = lines.next()? else { break };
        if let Ok(pairs) = flatten(&line.text) {
            header.extend(pairs.iter().map(|(name, _)| name.clone()));
            objects.push((line.number, pairs));
        }
    }
    let header: Vec<String> = header.into_iter().collect();
    let rows = objects
        .into_iter()
        .map(|(line, pairs)| {
            let mut cells = vec![String::new(); header.len()];
            for (name, value) in pairs {
                if let Ok(index) = header.binary_search(&name) {
                    cells[index] = value;
                }
            }
            RawRow { line, cells, ..RawRow::default() }
        })
        .collect();
    Ok((header, rows))
}

/// The values of an object under dotted names; lists of plain values are joined by `; `.
fn flatten(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let value: Value = serde_json::from_str(text.trim()).map_err(|_| Fault::BadJson)?;
    if !value.is_object() {
        return Err(Fault::NotAnObject);
    }
    let mut pairs = Vec::new();
    descend("", &value, &mut pairs);
    Ok(pairs)
}

fn descend(path: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    if pairs.len() >= VALUES_MAX {
        return;
    }
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| descend(&below(name), value, pairs)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(index, item)| descend(&below(&index.to_string()), item, pairs));
        }
        Value::Array(items) => {
            let joined = items.iter().map(plain).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
            pairs.push((path.to_owned(), joined));
        }
        _ => pairs.push((path.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_get_dotted_names() {
        let pairs = flatten(r#"{"person":{"email":"a@b.co"},"tags":["x","y"],"phones":[{"n":1}],"no":null}"#).unwrap();
        let text = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert!(text.contains(&"person.email=a@b.co".to_owned()));
        assert!(text.contains(&"tags=x; y".to_owned()));
        assert!(text.contains(&"phones.0.n=1".to_owned()));
        assert!(text.contains(&"no=".to_owned()));
        assert_eq!(flatten("[1]"), Err(Fault::NotAnObject));
        assert_eq!(flatten("{"), Err(Fault::BadJson));
    }
}
