//! Shows how lists of every dialect are read: format, mapping and the first rows, as a person would see them.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail as the test itself")]

use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;

use evergreen_import::{List, Parsed, Settings, open};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn opened(name: &str) -> List {
    open(name, File::open(fixture(name)).unwrap(), &Settings::default(), None).unwrap()
}

fn shown(name: &str) -> String {
    let mut list = opened(name);
    let mut text = String::new();
    let format = &list.format;
    writeln!(
        text,
        "{} {} delimiter {:?} encoding {} header {:?} dialect {}\nskipped {:?}",
        list.entity.as_str(),
        format.kind.as_str(),
        format.delimiter,
        format.encoding,
        format.header_line,
        format.dialect.as_deref().unwrap_or("-"),
        format.skipped,
    )
    .unwrap();
    for column in &list.mapping.columns {
        writeln!(text, "  {} -> {} ({})", column.header, column.field.as_deref().unwrap_or("-"), column.how.as_str())
            .unwrap();
    }
    for row in list.next_batch(100).unwrap() {
        writeln!(text, "line {}", row.line).unwrap();
        match row.reading {
            Ok(reading) => {
                for (name, value) in reading.fields {
                    writeln!(text, "  {name}: {value:?}").unwrap();
                }
                for (name, value) in reading.extra {
                    writeln!(text, "  + {name}: {value:?}").unwrap();
                }
            }
            Err(reason) => writeln!(text, "  ! {} {}", reason.code, reason.sentence).unwrap(),
        }
    }
    text
}

macro_rules! dialects {
    ($($test:ident: $file:literal;)*) => {
        $(#[test]
        fn $test() {
            insta::assert_snapshot!(stringify!($test), shown($file));
        })*
    };
}

dialects! {
    a_hubspot_contact_export_is_read: "hubspot_contacts.csv";
    a_hubspot_export_with_internal_names_is_read: "hubspot_internal.csv";
    a_hubspot_company_export_is_read: "hubspot_companies.csv";
    an_apollo_people_export_is_read: "apollo_people.csv";
    an_apollo_account_export_is_read: "apollo_accounts.csv";
    the_linkedin_connections_are_read_below_their_note: "linkedin_connections.csv";
    a_phantombuster_export_is_read: "phantombuster.csv";
    an_evaboot_export_is_read: "evaboot.csv";
    a_clay_export_is_read: "clay.csv";
    google_contacts_are_read_and_work_comes_first: "google_contacts.csv";
    older_google_contacts_are_read: "google_contacts_old.csv";
    outlook_contacts_are_read_and_a_salutation_is_no_job: "outlook.csv";
    a_german_list_is_read: "german.csv";
    a_french_list_in_utf_16_is_read: "french.tsv";
    a_spanish_list_with_a_separator_line_is_read: "spanish.csv";
    a_dutch_list_with_whole_names_is_read: "dutch.txt";
    a_list_without_header_is_read_by_its_values: "no_header.csv";
    odd_headers_are_understood: "odd_headers.csv";
    json_lines_are_read: "people.jsonl";
    a_workbook_is_read_from_its_first_list: "workbook.xlsx";
}

/// The broken list; its absurdly long cell and line are made here.
fn broken() -> List {
    let mut bytes = Vec::new();
    for line in std::fs::read(fixture("broken.csv")).unwrap().split_inclusive(|byte| *byte == b'\n') {
        for (mark, filling, count) in [("{LONG}", b'x', 70_000), ("{HUGE}", b'y', 1_200_000)] {
            if line.ends_with(format!("{mark}\n").as_bytes()) {
                bytes.extend_from_slice(&line[..line.len() - mark.len() - 1]);
                bytes.resize(bytes.len() + count, filling);
                bytes.push(b'\n');
            }
        }
        if !line.ends_with(b"}\n") {
            bytes.extend_from_slice(line);
        }
    }
    open("broken.csv", std::io::Cursor::new(bytes), &Settings::default(), None).unwrap()
}

#[test]
fn twenty_kinds_of_broken_rows_are_quarantined_and_the_rest_goes_on() {
    let mut list = broken();
    let rows: Vec<Parsed> = list.next_batch(usize::MAX).unwrap();
    let mut out = Vec::new();
    let header = list.header();
    evergreen_import::quarantine_header(&mut out, &header).unwrap();
    let written = evergreen_import::write_quarantine(&mut out, &header, &rows).unwrap();
    assert_eq!(written, list.counts.quarantined);
    assert_eq!(list.counts.rows, list.counts.readable + list.counts.quarantined);
    let quarantine = String::from_utf8(out)
        .unwrap()
        .replace(&"x".repeat(900), "x…")
        .replace(&"y".repeat(900), "y…")
        .replace('\0', "␀");
    insta::assert_snapshot!("quarantine", quarantine);
    let read: Vec<String> = rows
        .iter()
        .filter_map(|row| row.reading.as_ref().ok().map(|reading| format!("{} {:?}", row.line, reading.fields)))
        .collect();
    insta::assert_snapshot!("readable_rows_among_broken_ones", read.join("\n"));
}

#[test]
fn a_corrected_quarantine_file_can_be_imported_again() {
    let mut list = broken();
    let header = list.header();
    let rows = list.next_batch(usize::MAX).unwrap();
    let mut out = Vec::new();
    evergreen_import::quarantine_header(&mut out, &header).unwrap();
    let count = evergreen_import::write_quarantine(&mut out, &header, &rows).unwrap();
    let mut again = open("quarantine.csv", std::io::Cursor::new(out), &Settings::default(), None).unwrap();
    let rows = again.next_batch(usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, count);
    assert_eq!(again.header()[..7], header[..]);
}
