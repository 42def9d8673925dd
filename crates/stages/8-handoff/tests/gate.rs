//! Each gate before the sequencer keeps out whom it should, and lets the rest through.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;

use evergreen_handoff::{Candidate, Handed, Settings, gate, gate_batch};
use evergreen_model::{
    EmailVerdict, Entity, EvidenceId, Fit, Gate, Golden, GoldenValue, Origin, OwnerChoice, Record, RecordId, Source,
    Stage, Truth, Verdicts,
};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn values(pairs: &[(&str, &str)]) -> Golden {
    let golden = |value: &str| GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(1),
        source: Source::List("leads.csv".to_owned()),
        at: at("2026-11-01T00:00:00Z"),
        why: "only value".to_owned(),
    };
    pairs.iter().map(|(name, value)| ((*name).to_owned(), golden(value))).collect()
}

fn jane(id: i64) -> Record {
    let email = format!("jane{id}@acme.com");
    Record {
        id: RecordId(id),
        entity: Entity::Contact,
        evergreen_id: format!("eg-{id}"),
        origin: Origin::List,
        run: None,
        stage: Stage::Handoff,
        due: at("2026-11-20T00:00:00Z"),
        portal_id: Some("101".to_owned()),
        company: None,
        merged_into: None,
        values: values(&[("email", &email), ("firstname", "Jane"), ("jobtitle", "CTO")]),
        written: Default::default(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Vec::new(),
        verdicts: Some(Verdicts {
            email: EmailVerdict::Valid,
            email_reason: "ok".to_owned(),
            address: Some(email),
            domain: None,
            phone: None,
            score: 90,
            gate: Gate::Pass,
            at: at("2026-11-10T00:00:00Z"),
        }),
        fit: Some(Fit { answer: Truth::Yes, rule: None, missing: Vec::new() }),
        owner: Some(OwnerChoice {
            owner_id: "7".to_owned(),
            owner_email: "sam@us.com".to_owned(),
            why: "line 3".to_owned(),
            line: Some(3),
        }),
        outcome: None,
        reason: None,
        created_at: at("2026-11-01T00:00:00Z"),
        settled_at: None,
    }
}

fn settings() -> Settings {
    Settings { enabled: true, campaign: Some("2710262".to_owned()), ..Settings::default() }
}

fn candidate(record: &Record) -> Candidate<'_> {
    Candidate { record, company: None, suppressed: false, already: false, now: at("2026-11-25T00:00:00Z") }
}

#[test]
fn a_verified_owned_fitting_contact_becomes_a_lead_with_our_id() {
    let record = jane(1);
    let lead = gate(&candidate(&record), &settings()).unwrap();
    assert_eq!(lead.email, "jane1@acme.com");
    assert_eq!(lead.custom["evergreen_id"], "eg-1");
    assert_eq!(lead.custom["jobtitle"], "CTO");
}

#[test]
fn each_gate_names_its_reason() {
    type Spoil = fn(&mut Record);
    let table: &[(&str, Spoil)] = &[
        ("unsubscribed", |record| record.values.extend(values(&[("hs_email_optout", "true")]))),
        ("not-verified", |record| record.verdicts = None),
        ("not-verified", |record| record.verdicts.as_mut().unwrap().gate = Gate::Hold),
        ("verdict-accept-all", |record| record.verdicts.as_mut().unwrap().email = EmailVerdict::AcceptAll),
        ("address-changed", |record| record.values.extend(values(&[("email", "new@acme.com")]))),
        ("verification-old", |record| record.verdicts.as_mut().unwrap().at = at("2026-09-01T00:00:00Z")),
        ("no-fit", |record| record.fit = None),
        ("no-fit", |record| record.fit.as_mut().unwrap().answer = Truth::Unknown),
        ("unowned", |record| record.owner = None),
        ("not-in-portal", |record| record.portal_id = None),
        ("not-a-contact", |record| record.entity = Entity::Company),
    ];
    for (code, spoil) in table {
        let mut record = jane(1);
        spoil(&mut record);
        assert_eq!(gate(&candidate(&record), &settings()).unwrap_err().code, *code);
    }
    let record = jane(1);
    let suppressed = Candidate { suppressed: true, ..candidate(&record) };
    assert_eq!(gate(&suppressed, &settings()).unwrap_err().code, "suppressed");
    let already = Candidate { already: true, ..candidate(&record) };
    assert_eq!(gate(&already, &settings()).unwrap_err().code, "already-enrolled");
    assert_eq!(gate(&candidate(&record), &Settings::default()).unwrap_err().code, "handoff-off");
}

#[test]
fn a_verdict_can_be_allowed() {
    let mut record = jane(1);
    record.verdicts.as_mut().unwrap().email = EmailVerdict::AcceptAll;
    let allowed_verdicts = BTreeSet::from([EmailVerdict::Valid, EmailVerdict::AcceptAll]);
    assert!(gate(&candidate(&record), &Settings { allowed_verdicts, ..settings() }).is_ok());
}

#[test]
fn one_run_hands_off_no_more_of_a_company_than_allowed_over_all_its_batches() {
    let people: Vec<Record> = (1..=8).map(jane).collect();
    let mut handed = Handed::default();
    let first: Vec<_> = people[..4].iter().map(candidate).collect();
    let second: Vec<_> = people[4..].iter().map(candidate).collect();
    assert!(gate_batch(&first, &settings(), &mut handed).iter().all(Result::is_ok));
    let codes: Vec<_> = gate_batch(&second, &settings(), &mut handed)
        .into_iter()
        .map(|answer| answer.err().map(|reason| reason.code))
        .collect();
    let limit = Some("company-limit".to_owned());
    assert_eq!(codes, [None, limit.clone(), limit.clone(), limit]);
}

#[test]
fn one_address_is_handed_off_once() {
    let (one, other) = (jane(1), Record { id: RecordId(2), ..jane(1) });
    let answers = gate_batch(&[candidate(&one), candidate(&other)], &settings(), &mut Handed::default());
    assert!(answers[0].is_ok());
    assert_eq!(answers[1].as_ref().unwrap_err().code, "same-address");
}
