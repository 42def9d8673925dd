//! Whom the waterfall asks next: cases as tables, and the laws that hold for every record.

use std::collections::BTreeSet;

use evergreen_enrich::{Ask, Attempt, Next, Settings, Step, Waterfalls, ceilings, next, price_range};
use evergreen_model::{AnswerOutcome, Credits, Entity, Fields, Money, OperationCard, ProviderCard};
use proptest::prelude::*;

fn card(name: &str, operations: &[(&str, Entity, &str, &str, f64)]) -> ProviderCard {
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    ProviderCard {
        name: name.into(),
        title: name.into(),
        money_per_credit: Money::from_units(0.02),
        repeats_free: true,
        operations: operations
            .iter()
            .map(|(operation, entity, needs, gives, price)| OperationCard {
                name: (*operation).into(),
                entity: *entity,
                needs: needs.split('|').map(words).collect(),
                accepts: vec![],
                gives: words(gives),
                price_max: Credits::from_units(*price),
                fresh_days: 90,
            })
            .collect(),
    }
}

fn cards() -> Vec<ProviderCard> {
    vec![
        card(
            "hunter",
            &[
                (
                    "email_finder",
                    Entity::Contact,
                    "firstname lastname domain | hs_linkedin_url",
                    "email jobtitle phone",
                    1.0,
                ),
                ("company", Entity::Company, "domain", "industry numberofemployees country", 0.2),
            ],
        ),
        card(
            "pdl",
            &[(
                "person_enrich",
                Entity::Contact,
                "email | hs_linkedin_url | firstname lastname company",
                "email jobtitle mobilephone",
                1.0,
            )],
        ),
        card("table.people", &[("lookup", Entity::Contact, "email | hs_linkedin_url", "jobtitle email", 0.0)]),
    ]
}

fn settings(sources: &[(&str, Option<&str>)]) -> Settings {
    let mut settings = Settings::default();
    settings.contact.sources =
        sources.iter().map(|(source, when)| Step { source: (*source).into(), when: when.map(Into::into) }).collect();
    settings
}

fn fields(text: &str) -> Fields {
    text.split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn the_next_question_as_a_table() {
    let waterfalls = Waterfalls::new(
        &settings(&[
            ("table.people", None),
            ("hunter.email_finder", None),
            ("pdl.person_enrich", Some("company.country == \"US\"")),
        ]),
        &cards(),
    )
    .expect("sound settings");
    // known | company | bad | tried (provider:outcome) | stopped | next
    let table = "
        email=a@acme.com jobtitle=CEO                  |                         |       |                                 |        | complete
        email=a@acme.com                               |                         |       |                                 |        | table.people.lookup jobtitle
        email=a@acme.com                               |                         |       | table.people:miss               |        | complete
        firstname=A lastname=B domain=acme.com         |                         |       |                                 |        | hunter.email_finder email jobtitle phone
        firstname=A lastname=B                         | domain=acme.com         |       |                                 |        | hunter.email_finder email jobtitle phone
        firstname=A lastname=B phone=1                 | domain=acme.com         |       |                                 |        | hunter.email_finder email jobtitle
        firstname=A lastname=B                         |                         |       |                                 |        | exhausted email 0
        firstname=A lastname=B                         | domain=acme.com         |       |                                 | hunter | exhausted email 0
        firstname=A lastname=B                         | name=Acme country=US    |       |                                 |        | pdl.person_enrich email jobtitle
        firstname=A lastname=B                         | name=Acme country=DE    |       |                                 |        | exhausted email 0
        firstname=A lastname=B                         | name=Acme               |       |                                 |        | exhausted email 0
        firstname=A lastname=B domain=acme.com         | name=Acme country=US    |       | hunter:miss                     |        | pdl.person_enrich email jobtitle
        firstname=A lastname=B domain=acme.com         | name=Acme country=US    |       | hunter:miss pdl:miss            |        | exhausted email 2
        firstname=A lastname=B domain=acme.com         | name=Acme country=US    |       | hunter:refused                  |        | exhausted email 1
        email=a@dead.com jobtitle=CEO                  |                         | email |                                 |        | exhausted email 0
        email=a@dead.com hs_linkedin_url=x             |                         | email |                                 |        | table.people.lookup email jobtitle
        email=a@dead.com hs_linkedin_url=x jobtitle=C  |                         | email | table.people:miss               |        | hunter.email_finder email phone
    ";
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [known, company, bad, tried, stopped, expected] = cells[..] else { panic!("six cells: {line}") };
        let (known, company) = (fields(known), fields(company));
        let bad: Vec<String> = bad.split_whitespace().map(str::to_owned).collect();
        let attempts: Vec<Attempt> = tried
            .split_whitespace()
            .filter_map(|pair| pair.split_once(':'))
            .map(|(provider, outcome)| Attempt {
                provider: provider.into(),
                operation: match provider {
                    "hunter" => "email_finder",
                    "pdl" => "person_enrich",
                    _ => "lookup",
                }
                .into(),
                outcome: AnswerOutcome::parse(outcome).expect("an outcome"),
            })
            .collect();
        let stopped: BTreeSet<String> = stopped.split_whitespace().map(str::to_owned).collect();
        let ask = Ask {
            entity: Entity::Contact,
            known: &known,
            company: Some(&company),
            bad: &bad,
            attempts: &attempts,
            stopped: &stopped,
        };
        let said = match next(&waterfalls, &ask) {
            Next::Ask { provider, operation, wanted } => format!("{provider}.{operation} {}", wanted.join(" ")),
            Next::Complete => "complete".into(),
            Next::Exhausted { missing, tried } => {
                format!("exhausted {} {tried}", missing.join(" "))
            }
        };
        assert_eq!(said, expected, "{line}");
    }
}

#[test]
fn every_mistake_in_the_settings_is_told_with_its_place() {
    let mut settings = settings(&[
        ("hunter.email_findr", None),
        ("hunter.company", None),
        ("pdl.person_enrich", Some("contact.contry == \"US\"")),
        ("table.people", None),
        ("table.people.lookup", None),
    ]);
    settings.contact.wanted = vec!["jobtitel".into()];
    settings.company.mandatory = vec!["founded_year".into()];
    settings.company.wanted = vec![];
    settings.company.sources = vec![Step { source: "hunter.company".into(), when: None }];
    settings.budget.per_provider.insert("huntr".into(), 5.0);
    let problems = Waterfalls::new(&settings, &cards()).expect_err("six mistakes");
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for (path, part) in [
        ("contact.wanted[0]", "jobtitle"),
        ("contact.sources[0].source", "did you mean hunter.email_finder?"),
        ("contact.sources[1].source", "is about a company"),
        ("contact.sources[2].when", "country"),
        ("contact.sources[4].source", "already"),
        ("company.sources[0].source", "none of the mandatory or wanted"),
        ("budget.per_provider.huntr", "did you mean hunter?"),
    ] {
        assert!(texts.iter().any(|text| text.starts_with(path) && text.contains(part)), "{path}: {part} in {texts:#?}");
    }
    assert_eq!(problems.len(), 7, "{texts:#?}");
}

#[test]
fn a_waterfall_that_is_half_written_keeps_the_defaults_of_its_entity() {
    let settings: Settings = serde_json::from_str(
        r#"{"contact": {"sources": [{"source": "hunter.email_finder"}]}, "company": {"mandatory": ["industry"]}, "budget": {"per_month": 50}}"#,
    )
    .expect("sound settings");
    assert_eq!(settings.contact.mandatory, ["email"]);
    assert_eq!(settings.company.mandatory, ["industry"]);
    assert_eq!(settings.company.wanted, Settings::default().company.wanted);
    assert!(serde_json::from_str::<Settings>(r#"{"contact": {"source": []}}"#).is_err(), "a slip of the pen is told");
    let ceilings = ceilings(&settings);
    assert_eq!(
        (ceilings.run, ceilings.record, ceilings.month),
        (Some(Money::ZERO), None, Some(Money::from_units(50.0)))
    );
}

#[test]
fn the_price_of_many_records_is_said_before() {
    let waterfalls = Waterfalls::new(
        &settings(&[("hunter.email_finder", None), ("pdl.person_enrich", None), ("table.people", None)]),
        &cards(),
    )
    .expect("sound");
    let range = price_range(&waterfalls, Entity::Contact, 1_000);
    assert_eq!((range.least, range.most), (Money::ZERO, Money::from_units(40.0)));
}

const NAMES: [&str; 9] =
    ["email", "firstname", "lastname", "domain", "company", "hs_linkedin_url", "jobtitle", "phone", "country"];

fn some_fields() -> impl Strategy<Value = Fields> {
    proptest::collection::btree_map(proptest::sample::select(NAMES.to_vec()), prop_oneof![Just(""), Just("x")], 0..9)
        .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

proptest! {
    #[test]
    fn nothing_is_bought_twice_or_for_a_complete_record_and_every_pass_ends(
        mut known in some_fields(),
        company in some_fields(),
        bad in proptest::bool::ANY,
        finds in proptest::collection::vec(proptest::sample::select(AnswerOutcome::ALL.to_vec()), 8),
        order in Just(vec!["table.people", "hunter.email_finder", "pdl.person_enrich"]).prop_shuffle(),
    ) {
        let cards = cards();
        let sources: Vec<(&str, Option<&str>)> = order.iter().map(|source| (*source, None)).collect();
        let waterfalls = Waterfalls::new(&settings(&sources), &cards).expect("sound");
        let bad: Vec<String> = if bad { vec!["email".into()] } else { vec![] };
        let mut bad_now = bad.clone();
        let mut attempts: Vec<Attempt> = vec![];
        let mut stopped = BTreeSet::new();
        loop {
            prop_assert!(attempts.len() <= 3, "a pass over three sources ends after three questions");
            let ask = Ask { entity: Entity::Contact, known: &known, company: Some(&company), bad: &bad_now, attempts: &attempts, stopped: &stopped };
            let complete = known.get("email").is_some_and(|email| !email.is_empty()) && bad_now.is_empty();
            match next(&waterfalls, &ask) {
                Next::Complete => { prop_assert!(complete); break; }
                Next::Exhausted { missing, .. } => { prop_assert!(!complete); prop_assert_eq!(missing, vec!["email".to_owned()]); break; }
                Next::Ask { provider, operation, wanted } => {
                    let card = cards.iter().find(|card| card.name == provider).expect("a known provider");
                    let card = card.operations.iter().find(|card| card.name == operation).expect("a known operation");
                    prop_assert!(!complete || card.price_max == Credits::ZERO, "bought for a complete record");
                    prop_assert!(!attempts.iter().any(|attempt| attempt.provider == provider && attempt.operation == operation), "asked twice");
                    prop_assert!(!stopped.contains(&provider), "asked a stopped provider");
                    prop_assert!(!attempts.iter().any(|attempt| attempt.outcome == AnswerOutcome::Refused), "asked after a refusal");
                    prop_assert!(!wanted.is_empty() && wanted.iter().all(|name| card.gives.contains(name)));
                    let outcome = finds[attempts.len()];
                    if outcome == AnswerOutcome::Hit {
                        for name in wanted { bad_now.retain(|other| *other != name); known.insert(name, "found".into()); }
                    }
                    if outcome.stops_provider() { stopped.insert(provider.clone()); }
                    attempts.push(Attempt { provider, operation, outcome });
                }
            }
        }
    }
}
