//! What is wrong with evergreen.yaml: every complaint with its place, the line itself and what to do.

use std::fmt;

use evergreen_model::{Problem, Remedy};

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// In characters.
    pub(crate) length: usize,
    /// Offset in bytes.
    pub(crate) byte: usize,
}

impl Default for Spot {
    fn default() -> Self {
        Spot { line: 1, column: 1, length: 1, byte: 0 }
    }
}

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What it is about: `qualify.icp.rules[2].when`; empty for the file as a whole.
    pub path: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to write instead, when we can tell.
    pub help: Option<String>,
    /// How many characters are underlined.
    pub(crate) length: usize,
}

impl ConfigError {
    pub(crate) fn new(at: Spot, path: impl Into<String>, message: impl Into<String>) -> Self {
        ConfigError {
            line: at.line,
            column: at.column,
            path: path.into(),
            message: message.into(),
            help: None,
            length: at.length,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean", if there is a guess.
    pub(crate) fn meant(self, guess: Option<impl fmt::Display>) -> Self {
        match guess {
            Some(guess) => self.help(format!("did you mean `{guess}`?")),
            None => self,
        }
    }
}

/// Everything that is wrong with a file, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The file's name as it was given.
    pub file: String,
    /// The complaints; at least one.
    pub errors: Vec<ConfigError>,
    /// The lines complained about, secrets masked, in the order of the complaints.
    lines: Vec<String>,
}

impl ConfigErrors {
    /// `secrets` are the places of values that must not be shown.
    pub(crate) fn new(file: &str, text: &str, mut errors: Vec<ConfigError>, secrets: &[Spot]) -> Self {
        errors.sort_by_key(|error| (error.line, error.column));
        errors.dedup();
        let covered = covered(text, secrets);
        let lines =
            errors.iter().map(|error| masked(covered.lines().nth(error.line - 1).unwrap_or_default())).collect();
        ConfigErrors { file: file.to_owned(), errors, lines }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (error, line)) in self.errors.iter().zip(&self.lines).enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let number = error.line.to_string();
            let margin = " ".repeat(number.len());
            writeln!(f, "{}:{}:{}: {}", self.file, error.line, error.column, error.message)?;
            let width = line.chars().count();
            let before = (error.column - 1).min(width);
            let marks = error.length.clamp(1, (width - before).max(1));
            writeln!(f, "{margin} |")?;
            writeln!(f, "{number} | {line}")?;
            writeln!(f, "{margin} | {}{}", " ".repeat(before), "^".repeat(marks))?;
            if let Some(help) = &error.help {
                writeln!(f, "{margin} = {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigErrors> for Problem {
    fn from(errors: ConfigErrors) -> Problem {
        let count = match errors.errors.len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        Problem::new(
            "EG-CONFIG-001",
            Remedy::FixSettings,
            format!("{} has {count}", errors.file),
            format!("\n{errors}").trim_end().replace('\n', "\n    "),
            "correct the lines above; `docs/reference/config.md` lists every key",
        )
    }
}

/// The text with some places made unreadable. Lines stay lines.
fn covered(text: &str, secrets: &[Spot]) -> String {
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = 0;
    let mut places: Vec<&Spot> = secrets.iter().collect();
    places.sort_by_key(|spot| spot.byte);
    for spot in places {
        let Some((before, from)) = spot.byte.checked_sub(at).and_then(|length| rest.split_at_checked(length)) else {
            continue;
        };
        covered.push_str(before);
        let end = from.char_indices().nth(spot.length).map_or(from.len(), |(end, _)| end);
        covered.extend(from[..end].chars().map(|letter| if letter.is_whitespace() { letter } else { MASK }));
        at = spot.byte + end;
        rest = &from[end..];
    }
    covered.push_str(rest);
    covered
}

const MASK: char = '•';

/// The line, with what may be a secret under a misspelt key made unreadable: whoever writes a token into the file must not find
/// it in a log too.
fn masked(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some(colon) = rest.find(':') {
        let (key, value) = (&rest[..colon], &rest[colon + 1..]);
        shown.push_str(&rest[..=colon]);
        let name = key.trim_end_matches(['"', '\'', ' ']).to_lowercase();
        let end = value.find([',', '}']).unwrap_or(value.len());
        let word = value[..end].trim().trim_matches(['"', '\'']);
        let secret = ["token", "key", "secret", "password"].iter().any(|ending| name.ends_with(ending));
        // A field name behind `key:` is short, and a variable's name is no secret.
        if secret && word.len() >= 16 && !word.starts_with("${") {
            shown.extend(value[..end].chars().map(|letter| if letter.is_whitespace() { letter } else { MASK }));
            rest = &value[end..];
        } else {
            rest = value;
        }
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown_and_the_rest_is() {
        for line in [
            "  apikey: 0123456789abcdef",
            "hunter: {api_key: \"0123456789abcdef\", enabled: true}",
            "token: 'a: 0123456789abcdef'",
        ] {
            let shown = masked(line);
            assert!(!shown.contains("0123456789abcdef"), "{shown}");
            assert_eq!(shown.chars().count(), line.chars().count());
        }
        for line in [
            "tables: {own: {key: domain}}",
            "token: ${HUBSPOT_TOKEN_OF_STAGING}",
            "when: company.country == \"US\"",
            "é: ü",
        ] {
            assert_eq!(masked(line), line);
        }
    }
}
