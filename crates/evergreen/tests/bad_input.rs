//! Bad input and a bad machine: broken settings, lists that are none, rows that cannot be read, and a disk without room.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use std::path::Path;
use std::process::Command;

use evergreen_engine::{Request, import_list, pipeline};
use house::{START, Town, row, told};

/// Rows a person would not believe, with the reason under which each is quarantined.
fn broken_rows() -> Vec<(Vec<u8>, &'static str)> {
    let text = |line: &str, code| (line.as_bytes().to_vec(), code);
    let cells = |count: usize| vec!["x"; count].join(",");
    vec![
        text(&cells(14), "too-many-cells"),
        text("Ada,Lovelace", "too-few-cells"),
        text(&format!("Ada,Lovelace,ada@example.org,\"{}\",,,,,,", "long ".repeat(40_000)), "cell-too-long"),
        text("\u{1}\u{2}\u{3},\u{4},\u{5},,,,,,,", "control-garbage"),
        text(
            "First Name,Last Name,Email,Job Title,Company,Website,Phone,Person Linkedin Url,State,Country",
            "repeated-header",
        ),
        text("n/a,-,n/a,none,.,...,--,n/a,-,n/a", "only-placeholders"),
        text("....,....,,,,,,,,", "only-placeholders"),
        text("#REF!,#REF!,#VALUE!,,,,,,,", "formula-error"),
        text("M\u{fffd}ller,Schr\u{fffd}der,,Boss,Firma,,,,,", "lost-characters"),
        text("ada@example.org,Ada,Lovelace,Engineer,,,,,,", "shifted-columns"),
        text(",,ada at example dot org,,,,,,,", "email-unusable"),
        text(",,@,,,,,,,", "only-placeholders"),
        text("Ada,Lovelace,,Engineer,,,,,,", "name-without-company"),
        text("Ada,Lovelace,,,,,,,,Germany", "name-without-company"),
        text(",,,,Analytical Engines,https://engines.example,,,,", "company-without-person"),
        text(",,,,,,,,,Germany", "no-identity"),
        text(",,,,,,+49 30 1234567,,,", "no-identity"),
        (b"Ad\xff\xfe,Lovelace,ad\xff@example.org,,,,,,,".to_vec(), "invalid-encoding"),
        text(",,,Chief of Nothing,,,,,,", "no-identity"),
        text("\"Ada \"Countess\" Lovelace\",x,,,,,,,,", "name-without-company"),
    ]
}

#[tokio::test]
async fn twenty_kinds_of_broken_rows_are_put_aside_with_their_reasons_and_the_rest_goes_on() {
    let town = Town::small().await;
    // With a byte order mark, so that a byte that is no UTF-8 is the row's fault and not the file's.
    let header =
        "\u{feff}First Name,Last Name,Email,Job Title,Company,Website,Phone,Person Linkedin Url,State,Country\n";
    let mut file = header.as_bytes().to_vec();
    let broken = broken_rows();
    assert_eq!(broken.len(), 20);
    for (at, (line, _)) in broken.iter().enumerate() {
        // A sound row before each broken one: what is broken must not take its neighbours along.
        file.extend_from_slice(row(7 + at).csv().as_bytes());
        file.push(b'\n');
        file.extend_from_slice(line);
        file.push(b'\n');
    }
    // A quotation mark that is never closed can only be told at the end.
    file.extend_from_slice(b"Ada,\"Lovelace,ada@example.org,,,,,,,\n");
    let path = town.write("broken.csv", file);

    let world = town.open().await;
    let imported = import_list(&world, &path, &[]).await.unwrap();
    let quarantine = std::fs::read_to_string(imported.quarantine_file.expect("a quarantine file")).unwrap();
    for (line, code) in &broken {
        assert!(
            quarantine.contains(code),
            "no {code} for {}, but\n{quarantine:.6000}",
            String::from_utf8_lossy(&line[..line.len().min(80)])
        );
    }
    assert!(quarantine.contains("broken-quote"), "{quarantine:.6000}");
    assert_eq!((imported.rows, imported.quarantined), (41, 21), "{quarantine:.6000}");

    let report =
        pipeline::run(&world, &Request { approved_by: Some("a test".to_owned()), ..Request::default() }).await.unwrap();
    assert_eq!((report.imported, report.outcome.quarantined), (41, 21));
    assert_eq!(report.outcome.sum(), 41);
    assert_eq!(report.outcome.synced + report.outcome.rejected, 20, "{:?}", report.reasons);
}

#[tokio::test]
async fn lists_that_are_none_are_told_apart() {
    let town = Town::small().await;
    let world = town.open().await;
    let lists: [(&str, &[u8]); 5] = [
        ("empty.csv", b""),
        ("letter.csv", b"%PDF-1.7 this is a letter"),
        ("prices.csv", b"SKU,Price\nA-1,12.00\n"),
        ("book.xlsx", b"PK\x03\x04 not really a workbook"),
        ("header.csv", b"First Name,Last Name,Email\n"),
    ];
    let mut all = Vec::new();
    for (name, bytes) in lists {
        let path = town.write(name, bytes);
        let answer = match import_list(&world, &path, &[]).await {
            Ok(imported) => format!("{} rows", imported.rows),
            Err(problem) => told(&town, &problem),
        };
        all.push(format!("{name}: {answer}"));
    }
    let missing = import_list(&world, &town.folder.path().join("nowhere.csv"), &[]).await.unwrap_err();
    all.push(told(&town, &missing));
    let wrong = vec![("Work Tel".to_owned(), Some("phone".to_owned()))];
    let path = town.write("tel.csv", "First Name,Email,Work Telephone\nAda,ada@example.org,1\n");
    all.push(told(&town, &import_list(&world, &path, &wrong).await.unwrap_err()));
    insta::assert_snapshot!(all.join("\n\n"));
    assert!(world.store.runs().await.unwrap().is_empty(), "nothing was begun");
}

#[tokio::test]
async fn broken_settings_are_told_with_their_place() {
    let mut all = Vec::new();
    for (from, to) in [
        ("per_run: 200", "per_runn: 200"),
        ("company.numberofemployees < 10", "company.employees < 10"),
        ("pass_score: 80", "pass_score: eighty"),
        ("source: hunter.email_finder", "source: huntr.email_finder"),
        ("territories: territories.csv", "territories: nowhere.csv"),
        ("suppressions: [suppressions.csv]", "suppressions: [nowhere.csv]"),
        ("    file: table.csv", "    file: nowhere.csv"),
        ("project: pilot", "project: [pilot"),
    ] {
        let town = Town::small().await;
        town.config(from, to);
        let before = town.state().await;
        let problem = town.run(&[row(7)]).await.expect_err(to);
        all.push(told(&town, &problem));
        assert_eq!(town.state().await, before, "{to}: nothing is written under broken settings");
    }
    let mut town = Town::small().await;
    town.environment.remove("HUBSPOT_TOKEN");
    all.push(told(&town, &town.run(&[row(7)]).await.expect_err("no token")));
    std::fs::remove_file(town.folder.path().join("evergreen.yaml")).unwrap();
    all.push(told(&town, &town.run(&[row(7)]).await.expect_err("no project")));
    insta::assert_snapshot!(all.join("\n\n"));
}

/// A small disk of its own, taken away again when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "evergreen-test"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(SmallDisk(folder))
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64, megabytes: u32) {
        let used: u64 = walk(self.0.path());
        let ballast = u64::from(megabytes) * 1024 * 1024 - used - free;
        std::fs::write(self.0.path().join("ballast"), vec![0; usize::try_from(ballast).unwrap()]).unwrap();
    }

    fn clear(&self) {
        std::fs::remove_file(self.0.path().join("ballast")).unwrap();
    }
}

fn walk(folder: &Path) -> u64 {
    let size = |entry: std::fs::DirEntry| match entry.metadata().unwrap() {
        meta if meta.is_dir() => walk(&entry.path()),
        meta => meta.len().div_ceil(4_096) * 4_096,
    };
    std::fs::read_dir(folder).unwrap().map(|entry| size(entry.unwrap())).sum()
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_stops_the_run_clearly_and_with_room_again_it_goes_on_where_it_stopped() {
    const MEGABYTES: u32 = 8;
    let rows: Vec<_> = (0..30).map(row).collect();
    let calm = Town::small().await;
    let expected = calm.run(&rows).await.unwrap();

    let mut told_codes = Vec::new();
    for free in [64, 400, 700, 1_000].map(|kilobytes: u64| kilobytes * 1_024) {
        let Some(disk) = SmallDisk::mount(MEGABYTES) else {
            eprintln!("skipped: this machine lets us neither mount a small disk nor fill one");
            return;
        };
        let town = Town::within(tempfile::tempdir_in(disk.0.path()).unwrap(), house::world()).await;
        disk.fill(free, MEGABYTES);
        // Whatever does not fit is told; what was committed before stays.
        if let Err(problem) = town.run(&rows).await {
            let text = told(&town, &problem);
            assert!(text.contains("room") || text.contains("space") || text.contains("full"), "{text}");
            told_codes.push(problem.code);
        }
        disk.clear();
        let report = town.run_at(START, &rows).await.unwrap_or_else(|problem| panic!("with room again: {problem}"));
        assert_eq!(report, expected);
        assert_eq!(town.portrait().await, calm.portrait().await);
    }
    assert!(told_codes.len() >= 2, "the disk was full in several places: {told_codes:?}");
}
