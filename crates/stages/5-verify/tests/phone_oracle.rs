//! Compares the verdicts on phones with libphonenumber's own, number by number.

use std::path::PathBuf;

use evergreen_model::{Entity, PhoneVerdict};
use evergreen_verify::{Input, Settings, judge};

mod world;

fn type_word(name: &str) -> &'static str {
    match name {
        "FIXED_LINE" => "fixed",
        "MOBILE" => "mobile",
        "FIXED_LINE_OR_MOBILE" => "fixed_or_mobile",
        "TOLL_FREE" => "toll_free",
        "PREMIUM_RATE" => "premium",
        "VOIP" => "voip",
        _ => "other",
    }
}

/// Through the whole stage: the number as a contact's phone, the region as its country.
fn verdict(number: &str, region: &str) -> PhoneVerdict {
    let record = world::record(Entity::Contact, &[("phone", number), ("country", region)]);
    // Territories that libphonenumber knows and our country table does not are given as a spelling of the settings.
    let settings = Settings { countries: [(region.to_owned(), region.to_owned())].into(), ..Settings::default() };
    judge(&Input { record: &record, facts: None, now: world::now() }, &settings).phone.expect("a phone")
}

#[test]
fn every_number_of_the_oracle_gets_its_verdict() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../../shared/data/verification/phone/phone-oracle-dev.tsv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the phone oracle is not beside the repository");
        return;
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').map(|field| field.trim_matches('"')).collect();
        let [number, region, e164] = [columns[0], columns[1], columns[2]];
        let expected = (
            columns[6] == "1",
            Some(e164).filter(|text| !text.is_empty()),
            Some(columns[8]).filter(|text| !text.is_empty()),
            type_word(columns[7]),
        );
        seen += 1;
        let verdict = verdict(number, region);
        let given = (verdict.valid, verdict.e164.as_deref(), verdict.region.as_deref(), verdict.line_type.as_str());
        if given != expected {
            wrong.push(format!("{number} in {region}: {given:?}, expected {expected:?}"));
        }
    }
    println!("phone oracle: {} of {seen} agree", seen - wrong.len());
    assert!(seen > 4000);
    assert!(wrong.is_empty(), "{} of {seen} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
