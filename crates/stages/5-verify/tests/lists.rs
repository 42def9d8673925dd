//! Measures the built-in lists against domains that several independent lists agree on.

use std::path::PathBuf;

use evergreen_model::{DomainFacts, EmailVerdict, Entity, MailHost};
use evergreen_verify::{Input, Settings, judge};

mod world;

fn verdict(domain: &str) -> EmailVerdict {
    let record = world::record(Entity::Contact, &[("email", &format!("jane.doe@{domain}"))]);
    let facts = DomainFacts {
        domain: domain.to_owned(),
        exists: Some(true),
        mx: vec![MailHost { preference: 10, host: "mx.host.net".to_owned() }],
        ..DomainFacts::default()
    };
    judge(&Input { record: &record, facts: Some(&facts), now: world::now() }, &Settings::default()).email
}

#[test]
fn nearly_all_agreed_domains_are_found_and_none_is_confused() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../../shared/data/verification/lists/domain-classes-dev.tsv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the domain classes are not beside the repository");
        return;
    };
    let (mut disposable, mut free, mut found_disposable, mut found_free) = (0, 0, 0, 0);
    for (domain, class) in text.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        match (class, verdict(domain)) {
            ("disposable", verdict) => {
                disposable += 1;
                found_disposable += u32::from(verdict == EmailVerdict::Disposable);
            }
            (_, verdict) => {
                free += 1;
                found_free += u32::from(verdict == EmailVerdict::Free);
                assert_ne!(verdict, EmailVerdict::Disposable, "{domain} is free mail");
            }
        }
    }
    println!("disposable: {found_disposable} of {disposable}; free: {found_free} of {free}");
    assert!(found_disposable * 100 >= disposable * 97);
    assert!(found_free * 100 >= free * 95);
}

#[test]
fn big_companies_and_big_providers_are_not_throw_away() {
    for domain in ["microsoft.com", "siemens.com", "hubspot.com", "duck.com", "gmail.com", "proton.me", "icloud.com"] {
        assert_ne!(verdict(domain), EmailVerdict::Disposable, "{domain}");
    }
    assert_eq!(verdict("siemens.com"), EmailVerdict::Valid);
    assert_eq!(verdict("gmail.com"), EmailVerdict::Free);
}
