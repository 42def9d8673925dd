//! Where the values behind `${NAME}` come from: the command, the process, the project's `.env`, in this order.

use std::collections::BTreeMap;
use std::path::Path;

/// Looks names up; an empty value counts as unset.
pub(crate) struct Environment {
    over: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the `.env` of a project folder, if it has one.
    pub(crate) fn of(folder: &Path, over: BTreeMap<String, String>) -> Self {
        let file = std::fs::read_to_string(folder.join(".env")).map(|text| parse(&text)).unwrap_or_default();
        Environment { over, file }
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let process = || std::env::var(name).ok();
        let value = self.over.get(name).cloned().or_else(process).or_else(|| self.file.get(name).cloned());
        value.filter(|value| !value.is_empty())
    }
}

fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            let name = name.trim().trim_start_matches("export ").trim();
            (name.to_owned(), value.trim().trim_matches(['"', '\'']).to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_quotes_and_export_are_understood() {
        let read = parse("# a comment\nexport A=1\nB = \"two words\"\nC='x=y'\n\n");
        assert_eq!(read.get("A").map(String::as_str), Some("1"));
        assert_eq!(read.get("B").map(String::as_str), Some("two words"));
        assert_eq!(read.get("C").map(String::as_str), Some("x=y"));
    }
}
