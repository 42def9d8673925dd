//! Single values: cleaned of what nobody sees, and recognised as missing.

/// A cell once it is cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing in it.
    Empty,
    /// A word that says there is nothing: `n/a`, `-`.
    Placeholder,
    /// A spreadsheet's failed formula, or a formula in place of its result.
    Formula,
    /// A value.
    Value(String),
}

/// Words for "nothing", lower case. Values without any letter or digit are placeholders too.
const PLACEHOLDERS: &[&str] = &[
    "n/a",
    "#n/a",
    "n.a.",
    "n.a",
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "(none)",
    "nan",
    "undefined",
    "unknown",
    "(unknown)",
    "not available",
    "not provided",
    "not found",
    "no data",
    "(blank)",
    "blank",
    "(empty)",
    "k.a.",
    "k. a.",
    "keine angabe",
    "unbekannt",
    "inconnu",
    "desconocido",
    "onbekend",
    "#nv",
    "\\n",
];
const FORMULA_ERRORS: &[&str] = &[
    "#REF!",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#ERROR!",
    "#BEZUG!",
    "#WERT!",
    "#ZAHL!",
    "#NOMBRE?",
    "#¡REF!",
    "#GETTING_DATA",
];

/// Cleans a cell and says whether it holds anything.
pub(crate) fn read(raw: &str, keep_newlines: bool) -> Cell {
    let text = repaired(clean(unwrapped(raw), keep_newlines));
    if text.is_empty() {
        return if raw.trim().is_empty() { Cell::Empty } else { Cell::Placeholder };
    }
    if FORMULA_ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error))
        || (text.starts_with('=') && text.contains('('))
    {
        return Cell::Formula;
    }
    if !text.chars().any(char::is_alphanumeric)
        || (text.len() <= 16 && PLACEHOLDERS.contains(&text.to_lowercase().as_str()))
    {
        return Cell::Placeholder;
    }
    Cell::Value(text)
}

/// Without control and zero-width characters; all kinds of spaces become one.
pub(crate) fn clean(raw: &str, keep_newlines: bool) -> String {
    let mut text = String::with_capacity(raw.len());
    for char in raw.chars() {
        match char {
            '\n' if keep_newlines => {
                text.truncate(text.trim_end_matches(' ').len());
                text.push('\n');
            }
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' => {}
            char if char.is_whitespace() || char == '\u{180e}' => {
                if !text.ends_with([' ', '\n']) {
                    text.push(' ');
                }
            }
            char if char.is_control() => {}
            char => text.push(char),
        }
    }
    match text.trim() {
        trimmed if trimmed.len() == text.len() => text,
        trimmed => trimmed.to_owned(),
    }
}

/// Spreadsheets keep leading zeros as `="007"` or `'007`.
fn unwrapped(raw: &str) -> &str {
    let text = raw.trim();
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'))
        && !inner.contains('"')
    {
        return inner;
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['+', '=', '-', '0']) => rest,
        _ => raw,
    }
}

/// UTF-8 that was read as Windows-1252 on its way (`MÃ¼ller`) is turned back, where that works without a doubt.
fn repaired(text: String) -> String {
    if text.is_ascii() || !text.contains(['Ã', 'Â', 'â', 'Ä', 'Å', 'ð']) {
        return text;
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(&text);
    match std::str::from_utf8(&bytes) {
        Ok(whole) if !unmappable => whole.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_missing() {
        for raw in
            ["n/a", "N/A", "-", "--", "null", "None", ".", "...", "#N/A", "unknown", "\u{200b}", "?", " N/A\u{a0}"]
        {
            assert_eq!(read(raw, false), Cell::Placeholder, "{raw:?}");
        }
        assert_eq!(read(" \u{a0} ", false), Cell::Empty);
        assert_eq!(read("#REF!", false), Cell::Formula);
        assert_eq!(read("=HYPERLINK(\"x\")", false), Cell::Formula);
    }

    #[test]
    fn values_are_cleaned_of_what_nobody_sees() {
        for (raw, wanted) in [
            ("  Jane\u{a0}\u{a0}Doe\u{200b} ", "Jane Doe"),
            ("\u{feff}a\tb\r\nc\u{7}", "a b c"),
            ("=\"007\"", "007"),
            ("'+49 30 1", "+49 30 1"),
            ("MÃ¼ller", "Müller"),
            ("SÃO PAULO", "SÃO PAULO"),
            ("Ângela", "Ângela"),
            ("O'Brien", "O'Brien"),
        ] {
            assert_eq!(read(raw, false), Cell::Value(wanted.to_owned()), "{raw:?}");
        }
        assert_eq!(read(" a \r\n b ", true), Cell::Value("a\nb".to_owned()));
    }
}
