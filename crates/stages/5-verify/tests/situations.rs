//! The reviewed table of situations: an address and what DNS says of it, and what follows.

use std::fmt::Write as _;

use evergreen_model::{DomainFacts, Entity, Gate, MailHost};
use evergreen_verify::settings::GateChoice;
use evergreen_verify::{Input, Settings, definite_invalid, domain_of, judge, reason};
use jiff::Timestamp;

mod world;

/// DNS in one word per fact: `mx`, `null`, `a`, `spf`, `dmarc`, `gone`, `literal`, or a failure.
fn facts(domain: &str, words: &str) -> Option<DomainFacts> {
    if words == "-" {
        return None;
    }
    let mut facts = DomainFacts { domain: domain.to_owned(), exists: Some(true), ..DomainFacts::default() };
    let host = |host: &str| vec![MailHost { preference: 10, host: host.to_owned() }];
    for word in words.split('+') {
        match word {
            "mx" => facts.mx = host("mx1.mailhost.net"),
            "mx=localhost" => facts.mx = host("localhost"),
            "mx=literal" => facts.mx = host("127.0.0.1"),
            "null" => facts.null_mx = true,
            "a" => facts.has_address = true,
            "spf" => facts.spf = true,
            "dmarc" => facts.dmarc = true,
            "gone" => facts.exists = Some(false),
            "nothing" => {}
            failure => {
                facts.failure = Some(failure.to_owned());
                facts.exists = facts.exists.filter(|_| !facts.mx.is_empty());
            }
        }
    }
    Some(facts)
}

const CONTACTS: &[(&str, &str, &str)] = &[
    // email, DNS, phone
    ("jane.doe@acme.com", "mx+spf+dmarc", ""),
    ("jane.doe@acme.com", "mx+spf+dmarc", "+1 206 555 1244"),
    ("jane.doe@acme.com", "mx+spf+dmarc", "+1 206 555"),
    ("jane.doe@acme.com", "mx+spf", ""),
    ("jane.doe@acme.com", "mx+dmarc", ""),
    ("jane.doe@acme.com", "mx", ""),
    ("Jane.Doe@ACME.com", "mx+spf+dmarc", ""),
    (" mailto:jane.doe@acme.com ", "mx+spf+dmarc", ""),
    ("Jane Doe <jane.doe@acme.com>", "mx+spf+dmarc", ""),
    ("jürgen@münchen.de", "mx+spf+dmarc", ""),
    ("jane.doe@acme.com", "mx+timeout", ""),
    ("", "-", ""),
    ("   ", "-", "+44 161 496 0835"),
    ("jane.doe.acme.com", "-", ""),
    ("jane..doe@acme.com", "-", ""),
    ("jane doe@acme.com", "-", ""),
    ("\"jane doe\"@acme.com", "-", ""),
    ("jane(work)@acme.com", "-", ""),
    ("jane@[127.0.0.1]", "-", ""),
    ("jane@acme", "-", ""),
    ("jane@acme.123", "-", ""),
    ("jane@acme.local", "-", ""),
    ("jane@acme.example", "gone", ""),
    ("jane@mailinator.com", "mx+spf+dmarc", ""),
    ("jane@mailinator.com", "gone", ""),
    ("sales@x.mailinator.com", "-", ""),
    ("jane.doe@acme-gone.com", "gone", ""),
    ("jane.doe@acme-gone.com", "gone", "+1 206 555 1244"),
    ("sales@acme-gone.com", "gone", ""),
    ("jane@gmial.com", "gone", ""),
    ("jane@gmial.com", "mx+spf+dmarc", ""),
    ("jane@hotmial.com", "null", ""),
    ("jane@outlok.de", "gone", ""),
    ("jane.doe@acme.com", "null", ""),
    ("jane.doe@acme.com", "nothing", ""),
    ("jane.doe@acme.com", "a", ""),
    ("sales@acme.com", "a", ""),
    ("jane.doe@acme.com", "mx=localhost", ""),
    ("jane.doe@acme.com", "mx=literal+a", ""),
    ("jane.doe@acme.com", "timeout", ""),
    ("jane.doe@acme.com", "servfail", "+1 206 555 1244"),
    ("jane.doe@acme.com", "refused", ""),
    ("jane.doe@acme.com", "-", ""),
    ("info@acme.com", "mx+spf+dmarc", ""),
    ("Sales-Team+eu@acme.com", "mx+spf", ""),
    ("info@gmail.com", "mx+spf+dmarc", ""),
    ("jane.doe@gmail.com", "mx+spf+dmarc", ""),
    ("jane.doe@gmx.de", "mx+spf", "+49 30 23125 000"),
    ("jane.doe@gmail.com", "timeout", ""),
];

const COMPANIES: &[(&str, &str)] = &[
    ("acme.com", "mx+spf+dmarc"),
    ("https://www.acme.com/about?x=1", "a"),
    ("acme-gone.com", "gone"),
    ("acme.com", "timeout"),
    ("", "-"),
];

fn row(table: &mut String, entity: Entity, values: &[(&str, &str)], dns: &str, settings: &Settings) {
    let record = world::record(entity, values);
    let facts = facts(&domain_of(&record).unwrap_or_default(), dns);
    let verdicts = judge(&Input { record: &record, facts: facts.as_ref(), now: world::now() }, settings);
    let gate = match verdicts.gate {
        Gate::Pass => "pass",
        Gate::Hold => "hold",
        Gate::Reject { .. } => "reject",
    };
    let reason = reason(&verdicts);
    if let Some(reason) = &reason
        && reason.code != "score-too-low"
    {
        assert_eq!(reason.code, verdicts.email_reason);
    }
    let other = if definite_invalid(&verdicts) { "look for another" } else { "" };
    writeln!(
        table,
        "{:32} {:16} {:18} {:11} {:24} {:3} {:7} {:17} {}",
        format!("{:?}", values[0].1),
        dns,
        values.get(1).map_or("", |(_, phone)| phone),
        verdicts.email.as_str(),
        verdicts.email_reason,
        verdicts.score,
        gate,
        other,
        reason.map_or(String::new(), |reason| reason.sentence),
    )
    .expect("text");
}

#[test]
fn the_table_of_situations_is_as_reviewed() {
    let settings = Settings::default();
    let mut table = String::new();
    for (email, dns, phone) in CONTACTS {
        row(&mut table, Entity::Contact, &[("email", email), ("phone", phone)], dns, &settings);
    }
    table.push_str("\ncompanies\n");
    for (domain, dns) in COMPANIES {
        row(&mut table, Entity::Company, &[("domain", domain)], dns, &settings);
    }
    let table: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"));
}

fn gate(email: &str, dns: &str, settings: &Settings) -> Gate {
    let record = world::record(Entity::Contact, &[("email", email)]);
    let facts = facts(&domain_of(&record).unwrap_or_default(), dns);
    judge(&Input { record: &record, facts: facts.as_ref(), now: world::now() }, settings).gate
}

#[test]
fn the_settings_decide_what_happens_to_role_free_and_undecided_addresses() {
    let settings =
        Settings { role: GateChoice::Pass, free: GateChoice::Reject, unknown: GateChoice::Pass, ..Settings::default() };
    assert_eq!(gate("info@acme.com", "mx", &settings), Gate::Pass);
    assert!(matches!(gate("jane@gmail.com", "mx", &settings), Gate::Reject { .. }));
    assert_eq!(gate("jane@acme.com", "timeout", &settings), Gate::Pass);
    let strict = Settings { pass_score: 95, hold_score: 93, ..Settings::default() };
    assert!(matches!(gate("jane@acme.com", "mx", &strict), Gate::Reject { .. }));
}

#[test]
fn a_reserved_domain_passes_only_where_the_settings_say_so() {
    let settings = Settings { allow_reserved_domains: true, ..Settings::default() };
    assert_eq!(gate("jane@acme.example", "mx+spf+dmarc", &settings), Gate::Pass);
    assert!(matches!(gate("jane@acme.example", "mx+spf+dmarc", &Settings::default()), Gate::Reject { .. }));
}

#[test]
fn a_refusal_is_tried_again_in_seven_days_and_seldom_once_it_has_expired() {
    let mut record = world::record(Entity::Contact, &[]);
    let settings = Settings::default();
    let retry = |record: &_| match judge(&Input { record, facts: None, now: world::now() }, &settings).gate {
        Gate::Reject { retry_at } => retry_at.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(retry(&record), "2026-11-30T09:00:00Z");
    record.created_at = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(retry(&record), "2027-02-21T09:00:00Z");
}

#[test]
fn facts_about_another_domain_are_not_used() {
    let record = world::record(Entity::Contact, &[("email", "jane@acme.com")]);
    let other = facts("other.com", "gone");
    let verdicts = judge(&Input { record: &record, facts: other.as_ref(), now: world::now() }, &Settings::default());
    assert_eq!((verdicts.email_reason.as_str(), verdicts.domain), ("not-asked", None));
}

#[test]
fn the_end_of_time_does_not_break_the_retry_date() {
    let record = world::record(Entity::Contact, &[]);
    let verdicts = judge(&Input { record: &record, facts: None, now: Timestamp::MAX }, &Settings::default());
    assert_eq!(verdicts.gate, Gate::Reject { retry_at: Timestamp::MAX });
}
