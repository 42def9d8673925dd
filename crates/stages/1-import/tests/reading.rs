//! Shows what holds for every list: rows are counted out, nothing panics, imports resume, mappings are remembered.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail as the test itself")]

use std::io::{Cursor, Read, Seek, SeekFrom};

use evergreen_import::{How, ImportProblem, List, Parsed, Settings, open};
use evergreen_model::{Entity, Problem};
use proptest::prelude::*;

fn opened(text: impl Into<Vec<u8>>) -> Result<List, ImportProblem> {
    open("list.csv", Cursor::new(text.into()), &Settings::default(), None)
}

fn all(list: &mut List) -> Vec<Parsed> {
    let mut rows = Vec::new();
    loop {
        let batch = list.next_batch(7).unwrap();
        if batch.is_empty() {
            return rows;
        }
        rows.extend(batch);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), start in 0usize..6) {
        let starts: [&[u8]; 6] = [b"", b"email;name\n", b"{\"email\":\"a@b.co\"}\n", b"PK\x03\x04", b"\xff\xfee\0m\0a\0i\0l\0\n\0", b"email,\"name\"\n\""];
        let list = [starts[start], &bytes].concat();
        if let Ok(mut list) = opened(list)
            && let Ok(rows) = list.next_batch(usize::MAX)
        {
            prop_assert_eq!(rows.len() as u64, list.counts.readable + list.counts.quarantined);
        }
    }

    #[test]
    fn random_tables_never_panic(text in "([a-z@.\"\\\\;,\t|=#\n\r é\u{200b}\u{0}-]{0,12}[;,\n\"]){0,60}") {
        if let Ok(mut list) = opened(text) {
            let _ = list.next_batch(usize::MAX);
        }
    }

    #[test]
    fn every_row_is_counted_out(rows in proptest::collection::vec((0u8..9, "[A-Z][a-z]{1,8}"), 1..80)) {
        let mut text = "First Name,Last Name,Email,Company,City\n".to_owned();
        let mut written = 0;
        for (kind, name) in &rows {
            let line = match kind {
                0 => format!("{name},Doe,{name}@acme.example,Acme,Rome"),
                1 => format!("{name},Doe,,Acme,Rome,too,many"),
                2 => format!("{name},Doe"),
                3 => format!("{name},Doe,,,Rome"),
                4 => format!("{name},\"Doe,{name}@acme.example,Acme,Rome"),
                5 => format!("{name},Doe,{name}@acme.example,\"Acme\n{name}\",Rome"),
                6 => ",,,,".to_owned(),
                7 => "n/a,-,null,,none".to_owned(),
                _ => format!("{name},Doe,{name}@acme.example,Acme,\u{0}"),
            };
            text.push_str(&line);
            text.push('\n');
            written += u64::from(*kind != 6);
        }
        let mut list = opened(text).unwrap();
        let read = all(&mut list);
        prop_assert_eq!(read.len() as u64, written);
        prop_assert_eq!(list.counts.rows, list.counts.readable + list.counts.quarantined);
        let sound = rows.iter().filter(|(kind, _)| matches!(kind, 0 | 5)).count() as u64;
        prop_assert_eq!(list.counts.readable, sound);
    }

    #[test]
    fn an_interrupted_import_goes_on_after_its_last_row(stop in 0usize..40) {
        let text = format!("email,notes\n{}", (0..40).map(|n| format!("p{n}@acme.example,\"two\nlines\"\n")).collect::<String>());
        let whole = all(&mut opened(text.clone()).unwrap());
        let mut first = opened(text.clone()).unwrap();
        let mut rows = first.next_batch(stop).unwrap();
        let mut second = opened(text).unwrap();
        second.skip_to_line(rows.last().map_or(0, |row| row.line));
        rows.extend(all(&mut second));
        prop_assert_eq!(rows, whole);
    }
}

#[test]
fn a_mapping_made_by_hand_is_remembered_under_its_header() {
    let text = "Kontakt,Wo,E-Mail\nJane Doe,Acme,jane@acme.example\n";
    let mut list = opened(text).unwrap();
    assert!(!list.mapping.has("full_name"));
    let mut mapping = list.mapping.clone();
    mapping.set("kontakt", Some("full_name")).unwrap();
    mapping.set("Wo", Some("company")).unwrap();
    assert!(list.use_mapping(&mapping));
    let stored = serde_json::to_string(&mapping).unwrap();
    let remembered = serde_json::from_str(&stored).unwrap();
    let mut again =
        open("next.csv", Cursor::new(text.replace("Jane", "Ann")), &Settings::default(), Some(&remembered)).unwrap();
    assert_eq!(again.mapping.columns[0].how, How::ByHand);
    assert_eq!(again.mapping.columns[2].how, How::Remembered);
    let row = again.next_batch(1).unwrap().remove(0).reading.unwrap();
    assert_eq!((row.fields["firstname"].as_str(), row.fields["company"].as_str()), ("Ann", "Acme"));
    let other = opened("a,email\nx,y@z.co\n").unwrap();
    assert_ne!(other.mapping.header_key, mapping.header_key);
}

#[test]
fn a_wrong_mapping_by_hand_is_refused_with_the_nearest_name() {
    let mut mapping = opened("Email,Town\na@b.co,Rome\n").unwrap().mapping;
    let problem = Problem::from(mapping.set("Town", Some("jobtitel")).unwrap_err());
    assert_eq!((problem.code.as_str(), problem.fix.as_str()), ("EG-IMPORT-007", "did you mean `jobtitle`?"));
    let problem = Problem::from(mapping.set("Twon", Some("city")).unwrap_err());
    assert_eq!((problem.code.as_str(), problem.fix.as_str()), ("EG-IMPORT-008", "did you mean `Town`?"));
}

#[test]
fn what_is_no_list_is_refused_with_a_way_out() {
    for (bytes, code) in [
        (&b""[..], "EG-IMPORT-002"),
        (b"\xEF\xBB\xBF", "EG-IMPORT-002"),
        (b"\n\n \n", "EG-IMPORT-002"),
        (b"%PDF-1.7", "EG-IMPORT-003"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "EG-IMPORT-003"),
        (b" <!DOCTYPE html><html>", "EG-IMPORT-003"),
        (b"PK\x03\x04 not a workbook", "EG-IMPORT-004"),
    ] {
        let problem = Problem::from(opened(bytes).unwrap_err());
        assert_eq!(problem.code, code, "{problem}");
        assert!(!problem.fix.is_empty());
    }
}

#[test]
fn a_list_that_names_nobody_is_refused_with_its_headers() {
    let mut list = opened("Colour;Size\nred;4\nblue;5\n").unwrap();
    let problem = Problem::from(list.next_batch(10).unwrap_err());
    assert_eq!(problem.code, "EG-IMPORT-006");
    assert!(problem.why.contains("`Colour`, `Size`"), "{problem}");
}

#[test]
fn an_absurd_workbook_is_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/workbook.xlsx");
    for settings in [
        Settings { workbook_cells_max: 3, ..Settings::default() },
        Settings { workbook_bytes_max: 500, ..Settings::default() },
    ] {
        let problem = Problem::from(open("w.xlsx", std::fs::File::open(path).unwrap(), &settings, None).unwrap_err());
        assert_eq!(problem.code, "EG-IMPORT-005", "{problem}");
    }
}

#[test]
fn a_disk_that_fails_half_way_says_where() {
    struct Failing(Cursor<Vec<u8>>, u64);
    impl Read for Failing {
        fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
            // Looking at the file works, reading it for the rows does not.
            if self.1 >= 3 && self.0.position() >= 100_000 {
                return Err(std::io::Error::other("the disk is gone"));
            }
            self.0.read(target)
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.1 += u64::from(to == SeekFrom::Start(0) && self.0.position() > 0);
            self.0.seek(to)
        }
    }
    let text = format!("email\n{}", "someone@acme.example\n".repeat(100_000));
    let mut list = open("big.csv", Failing(Cursor::new(text.into_bytes()), 0), &Settings::default(), None).unwrap();
    let problem = list.next_batch(usize::MAX).unwrap_err();
    assert!(matches!(problem, ImportProblem::Unreadable { line: Some(line), .. } if line > 1_000), "{problem:?}");
}

#[test]
fn a_long_list_is_not_held_in_memory() {
    let text =
        format!("email,note\n{}", "someone@acme.example,a note of some length that nobody needs\n".repeat(100_000));
    let mut list = opened(text).unwrap();
    assert_eq!(list.next_batch(500).unwrap().len(), 500);
    let (read, all) = list.progress();
    assert!(read < 200_000 && all > 6_000_000, "{read} of {all}");
}

#[test]
fn settings_decide_over_the_guess() {
    let settings = Settings {
        default_entity: Some(Entity::Company),
        synonyms: [("name".to_owned(), vec!["Bezeichnung!".to_owned()])].into(),
        ..Settings::default()
    };
    let mut list = open("l.csv", Cursor::new("bezeichnung,E-Mail\nAcme,info@acme.example\n"), &settings, None).unwrap();
    let row = list.next_batch(1).unwrap().remove(0).reading.unwrap();
    assert_eq!(list.entity, Entity::Company);
    assert_eq!((row.fields["name"].as_str(), row.extra["E-Mail"].as_str()), ("Acme", "info@acme.example"));
    let wrong: Settings = serde_json::from_str(r#"{"synonyms":{"jobtitel":["x"]}}"#).unwrap();
    assert!(garde::Validate::validate(&wrong).unwrap_err().to_string().contains("did you mean `jobtitle`?"));
}

#[test]
fn the_pilot_list_is_read_row_by_row() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../examples/pilot/contacts.csv");
    let mut list = open("contacts.csv", std::fs::File::open(path).unwrap(), &Settings::default(), None).unwrap();
    let rows = all(&mut list);
    assert_eq!(list.format.delimiter, Some(';'));
    assert_eq!(list.counts.rows + list.counts.empty, 1_000);
    let mut reasons = std::collections::BTreeMap::<&str, u32>::new();
    for reason in rows.iter().filter_map(|row| row.reading.as_ref().err()) {
        *reasons.entry(&reason.code).or_default() += 1;
    }
    assert_eq!(reasons.values().sum::<u32>(), 6, "{reasons:?}");
    for (header, field) in [
        ("Work E-mail", "email"),
        ("Person Linkedin Url", "hs_linkedin_url"),
        ("Company Name", "company"),
        ("Website", "website"),
    ] {
        let column = list.mapping.columns.iter().find(|column| column.header == header).unwrap();
        assert_eq!(column.field.as_deref(), Some(field));
    }
}
