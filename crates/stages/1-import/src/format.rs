//! What kind of file is it? Told by its first bytes, because names lie.

use serde::{Deserialize, Serialize};

use crate::problem::ImportProblem;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Values separated by commas, semicolons or pipes.
    Csv,
    /// Values separated by tabs.
    Tsv,
    /// An Excel workbook.
    Xlsx,
    /// One JSON object per line.
    Jsonl,
}

impl Kind {
    /// The word in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Tsv => "tsv",
            Kind::Xlsx => "xlsx",
            Kind::Jsonl => "jsonl",
        }
    }
}

/// What was found out about a list's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// How it is written.
    pub kind: Kind,
    /// What stands between two values, in CSV and TSV.
    pub delimiter: Option<char>,
    /// Character encoding under its WHATWG name: `UTF-8`, `windows-1252`, `UTF-16LE`.
    pub encoding: String,
    /// Line of the header as an editor counts; unset when the list has none.
    pub header_line: Option<u64>,
    /// Non-empty lines above the header, shortened: LinkedIn's note.
    pub skipped: Vec<String>,
    /// The tool that wrote it, when the headers tell: `hubspot`, `apollo`, `linkedin`, `sales-navigator`, `clay`, `google`, `outlook`.
    pub dialect: Option<String>,
    /// The sheet that is read, in a workbook.
    pub sheet: Option<String>,
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    Zip,
    Text,
}

/// Tells workbooks from text and refuses what is no list at all.
pub(crate) fn recognise(file: &str, head: &[u8]) -> Result<Magic, ImportProblem> {
    let not = |what, fix| Err(ImportProblem::NotAList { file: file.to_owned(), what, fix });
    const SAVE_AS: &str = "open it in a spreadsheet program and save it as .xlsx or CSV";
    const UNPACK: &str = "unpack it first and import what is inside";
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let lower = text.iter().take(64).map(u8::to_ascii_lowercase).collect::<Vec<_>>();
    match head {
        [] => Err(ImportProblem::Empty { file: file.to_owned() }),
        [b'P', b'K', 3, 4, ..] => Ok(Magic::Zip),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => not("an old Excel workbook (.xls) or one with a password", SAVE_AS),
        [b'%', b'P', b'D', b'F', ..] => not("a PDF", "export the list as CSV or Excel"),
        [0x1F, 0x8B, ..] => not("a gzip archive", UNPACK),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => not("a zstd archive", UNPACK),
        [b'7', b'z', 0xBC, 0xAF, ..] => not("a 7-Zip archive", UNPACK),
        [b'P', b'A', b'R', b'1', ..] => not("a Parquet file", "export it as CSV or JSON lines"),
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..] => not("a SQLite database", "export the table as CSV"),
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] => not("a picture", "export the list as CSV or Excel"),
        _ if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => {
            not("a web page", "download the export itself; a login page may have been saved in its place")
        }
        _ if lower.starts_with(b"<?xml") => not("XML", SAVE_AS),
        _ if lower.starts_with(b"begin:vcard") => not("a vCard file", "export the contacts as CSV"),
        _ if lower.starts_with(b"{\\rtf") => not("a text document", SAVE_AS),
        _ => Ok(Magic::Text),
    }
}
