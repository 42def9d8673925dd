//! The rules of routing as a table over the pilot's matrix: a record, and the owner and line it gets.

use std::collections::BTreeMap;

use evergreen_model::{Entity, EvidenceId, GoldenValue, Origin, Owner, OwnerChoice, Record, RecordId, Source, Stage};
use evergreen_route::settings::WhenInactive;
use evergreen_route::{Assignment, Matrix, Rotation, Router, Settings, Subject};
use proptest::prelude::*;

const MATRIX: &str = "region,country,state,industry,headcount,lead_source,owner
North America,,,,,,team:AMER
North America,,,,501+,,maya@seller.example
North America,,,,,partner_list,calvin@seller.example
North America,United States,CA,COMPUTER_SOFTWARE,,,priya@seller.example
North America,United States,CA,COMPUTER_SOFTWARE,501+,,maya@seller.example
North America,United States,TX,,,,derek@seller.example
North America,Canada,QC,,51-500,,camille@seller.example
,Brazil,,,,,team:AMER
EMEA,,,,,,team:EMEA
EMEA,,,,1-50,,luca@seller.example
EMEA,,,INSURANCE,501+,,fiona@seller.example
EMEA,United Kingdom,,,,,fiona@seller.example
EMEA,Austria,,,,,luca@seller.example
DACH,,,,,,team:DACH
DACH,Germany,,,501+,,jonas@seller.example
DACH,,,MACHINERY,,event_2026,jonas@seller.example
";

fn owner(id: &str, name: &str, team: &str, active: bool) -> Owner {
    Owner {
        id: id.to_owned(),
        email: format!("{name}@seller.example"),
        name: name.to_owned(),
        user_id: None,
        teams: vec![team.to_owned()],
        active,
    }
}

fn owners() -> Vec<Owner> {
    vec![
        owner("1", "maya", "AMER", true),
        owner("2", "calvin", "AMER", true),
        owner("3", "priya", "AMER", true),
        owner("4", "derek", "AMER", false),
        owner("5", "camille", "EMEA", true),
        owner("6", "luca", "EMEA", true),
        owner("7", "fiona", "EMEA", true),
        owner("8", "jonas", "DACH", true),
        owner("9", "reto", "DACH", false),
    ]
}

fn settings() -> Settings {
    Settings {
        fallback: vec!["derek@seller.example".to_owned(), "priya@seller.example".to_owned()],
        ..Settings::default()
    }
}

fn router(settings: &Settings) -> Router {
    Router::new(Matrix::parse("territories.csv", MATRIX).expect("the matrix"), &owners(), settings, Rotation::default())
}

fn record(entity: Entity, values: &[(&str, &str)]) -> Record {
    let at = "2026-11-22T09:00:00Z".parse().expect("a time");
    let golden = |value: &str| GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(1),
        source: Source::List("list.csv".to_owned()),
        at,
        why: "only value".to_owned(),
    };
    Record {
        id: RecordId(1),
        entity,
        evergreen_id: "eg-1".to_owned(),
        origin: Origin::List,
        run: None,
        stage: Stage::Route,
        due: at,
        portal_id: None,
        company: None,
        merged_into: None,
        values: values
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| ((*name).to_owned(), golden(value)))
            .collect(),
        written: BTreeMap::new(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Vec::new(),
        verdicts: None,
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: at,
        settled_at: None,
    }
}

/// Assigns a contact with these values at a company with these values.
fn assign(router: &mut Router, contact: &[(&str, &str)], company: &[(&str, &str)]) -> Assignment {
    let contact = record(Entity::Contact, contact);
    let company = record(Entity::Company, company);
    router.assign(&Subject { record: &contact, company: Some(&company), lead_source: None })
}

const TABLE: &str = "
# country          state       industry            size   source        owner of record / company   expected          line
  United States    -           -                   -      -             - -                         team AMER         2
  U.S.A.           NY          -                   600    -             - -                         maya              3
  USA              NY          -                   600    partner_list  - -                         maya              3
  US               NY          -                   100    partner_list  - -                         calvin            4
  United States    California  COMPUTER_SOFTWARE   100    -             - -                         priya             5
  United States    CA          Computer_Software   5000   -             - -                         maya              6
  united states    CA          computer_software   -      -             - -                         priya             5
  CAN              Québec      -                   51     -             - -                         camille           8
  CA               QC          -                   50     -             - -                         team AMER         2
  Canada           CA          COMPUTER_SOFTWARE   100    -             - -                         team AMER         2
  Texas            TX          -                   100    -             - -                         fallback          -
  United States    Texas       -                   900    -             - -                         fallback          -
  Brasil           SP          -                   -      -             - -                         team AMER         9
  France           -           -                   -      -             - -                         team EMEA         10
  France           -           -                   50     -             - -                         luca              11
  France           -           -                   51     -             - -                         team EMEA         10
  Italia           -           INSURANCE           501    -             - -                         fiona             12
  UK               -           INSURANCE           501    -             - -                         fiona             12
  England          -           -                   20     -             - -                         fiona             13
  Deutschland      -           -                   20     -             - -                         team DACH         15
  DE               -           -                   501    -             - -                         jonas             16
  Schweiz          -           INSURANCE           900    -             - -                         team DACH         15
  Switzerland      -           MACHINERY           -      event_2026    - -                         jonas             17
  Switzerland      -           MACHINERY           -      webinar       - -                         team DACH         15
  Österreich       -           -                   20     -             - -                         luca              14
  Japan            -           -                   -      -             - -                         fallback          -
  Atlantis         -           -                   -      -             - -                         fallback          -
  -                -           -                   900    partner_list  - -                         fallback          -
  Germany          -           -                   501    -             7 -                         fiona             -
  Germany          -           -                   501    -             7 1                         fiona             -
  Germany          -           -                   501    -             - 1                         maya              -
  Germany          -           -                   501    -             4 1                         maya              -
  Germany          -           -                   501    -             4 9                         jonas             16
  Germany          -           -                   501    -             99 -                        jonas             16
";

#[test]
fn every_line_of_the_table_gets_its_owner_and_line() {
    for row in TABLE.lines().filter(|row| !row.trim().is_empty() && !row.starts_with('#')) {
        let columns: Vec<&str> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [country, state, industry, size, source, owned, expected, line] = columns[..] else { panic!("{row}") };
        let value = |cell: &'static str| if cell == "-" { "" } else { cell };
        let (own, account) = owned.split_once(' ').expect("two owners");
        let contact = [
            ("country", value(country)),
            ("state", value(state)),
            ("lead_source", value(source)),
            ("hubspot_owner_id", value(own)),
        ];
        let company =
            [("industry", value(industry)), ("numberofemployees", value(size)), ("hubspot_owner_id", value(account))];
        let assignment = assign(&mut router(&settings()), &contact, &company);
        let choice = assignment.choice.clone().expect("an owner");
        let team = |email: &str| owners().iter().find(|owner| owner.email == email).map(|owner| owner.teams[0].clone());
        let found = match &choice {
            OwnerChoice { why, .. } if why.starts_with("fallback") => "fallback".to_owned(),
            OwnerChoice { why, owner_email, .. } if why.contains("turn of") => {
                format!("team {}", team(owner_email).expect("a team"))
            }
            OwnerChoice { owner_email, .. } => owner_email.split('@').next().expect("a name").to_owned(),
        };
        let number = choice.line.map_or("-".to_owned(), |line| line.to_string());
        assert_eq!((found.as_str(), number.as_str()), (expected, line), "{row}\n{assignment:#?}");
    }
}

#[test]
fn the_reason_names_the_line_and_the_turn() {
    let assignment = assign(&mut router(&settings()), &[("country", "Germany")], &[("numberofemployees", "501")]);
    assert_eq!(assignment.choice.unwrap().why, "line 16: DACH, Germany, 501+ → jonas@seller.example");
    assert_eq!(assignment.tried[0], "line 15: DACH → team DACH: less specific");
    assert_eq!(assignment.tried[1], "line 10: EMEA → team EMEA: a line of a smaller region matches");
    assert!(
        assignment
            .tried
            .contains(&"line 11: EMEA, 1-50 → luca@seller.example: the headcount is 501, not 1-50".to_owned())
    );
    assert_eq!(assignment.tried.len(), 10);
    let assignment = assign(&mut router(&settings()), &[("country", "Germany")], &[]);
    assert_eq!(assignment.choice.unwrap().why, "line 15: DACH → team DACH, turn of jonas@seller.example");
}

#[test]
fn an_inactive_owner_of_the_winning_line_is_named_and_the_fallback_takes_over() {
    let assignment = assign(&mut router(&settings()), &[("country", "US"), ("state", "TX")], &[]);
    let choice = assignment.choice.unwrap();
    assert_eq!((choice.owner_email.as_str(), choice.line), ("priya@seller.example", None));
    assert!(
        choice.why.contains(
            "line 7: North America, United States, TX → derek@seller.example: derek@seller.example is deactivated"
        ),
        "{}",
        choice.why
    );
    assert!(assignment.tried[0].contains("fallback derek@seller.example"));
}

#[test]
fn the_settings_can_give_a_line_with_an_inactive_owner_to_the_next_line() {
    let settings = Settings { when_inactive: WhenInactive::NextLine, ..settings() };
    let choice = assign(&mut router(&settings), &[("country", "US"), ("state", "TX")], &[]).choice.unwrap();
    assert_eq!(choice.line, Some(2));
    assert!(
        choice.why.ends_with("(line 7 is more specific, but derek@seller.example is deactivated)"),
        "{}",
        choice.why
    );
}

#[test]
fn without_a_fallback_the_record_is_held_with_the_reason() {
    let assignment = assign(&mut router(&Settings::default()), &[("country", "Japan")], &[]);
    assert_eq!(assignment.choice, None);
    let hold = assignment.hold.unwrap();
    assert_eq!(hold.code, "no-owner");
    assert_eq!(hold.sentence, "Held: no line of territories.csv matches, and there is no fallback, so nobody owns it.");
}

#[test]
fn the_owner_routing_gave_a_company_counts_for_its_contacts() {
    let contact = record(Entity::Contact, &[("country", "Japan")]);
    let mut company = record(Entity::Company, &[]);
    company.owner = Some(OwnerChoice {
        owner_id: "5".to_owned(),
        owner_email: "camille@seller.example".to_owned(),
        why: String::new(),
        line: None,
    });
    let assignment =
        router(&settings()).assign(&Subject { record: &contact, company: Some(&company), lead_source: None });
    assert_eq!(assignment.choice.unwrap().owner_id, "5");
}

#[test]
fn a_company_is_routed_by_its_own_values_and_not_at_all_when_the_settings_say_so() {
    let company = record(Entity::Company, &[("country", "Germany"), ("numberofemployees", "501")]);
    let subject = Subject { record: &company, company: None, lead_source: None };
    assert_eq!(router(&settings()).assign(&subject).choice.unwrap().line, Some(16));
    let assignment = router(&Settings { companies: false, ..settings() }).assign(&subject);
    assert_eq!((assignment.choice, assignment.hold), (None, None));
}

#[test]
fn a_state_of_the_company_does_not_count_for_a_person_in_another_country() {
    let company = [("country", "United States"), ("state", "CA"), ("industry", "COMPUTER_SOFTWARE")];
    let choice = assign(&mut router(&settings()), &[("country", "Canada")], &company).choice.unwrap();
    assert_eq!(choice.line, Some(2));
    let choice = assign(&mut router(&settings()), &[("country", "US")], &company).choice.unwrap();
    assert_eq!(choice.line, Some(5));
}

#[test]
fn findings_name_every_line_that_cannot_work() {
    let text = "region,country,owner\nEMEA,,nobody@seller.example\nMars,,team:AMER\n,France,derek@seller.example\nEMEA,,team:Ghosts\n,Spain,team:Out\n";
    let mut owners = owners();
    owners.push(owner("10", "olaf", "Out", false));
    let settings = Settings {
        fallback: vec!["team:Nowhere".to_owned(), "someone".to_owned()],
        teams: BTreeMap::from([("Sales".to_owned(), vec!["zoe@seller.example".to_owned()])]),
        weights: BTreeMap::from([("yan@seller.example".to_owned(), 2)]),
        regions: BTreeMap::from([("Iberia".to_owned(), vec!["Spain".to_owned(), "Portugall".to_owned()])]),
        ..Settings::default()
    };
    let router = Router::new(Matrix::parse("t.csv", text).unwrap(), &owners, &settings, Rotation::default());
    assert_eq!(
        router.findings(),
        [
            "t.csv line 2: nobody@seller.example is no owner of the portal",
            "t.csv line 3: the region \"Mars\" is not known, so the line never matches",
            "t.csv line 4: derek@seller.example is deactivated",
            "t.csv line 5: the portal has no team Ghosts",
            "t.csv line 5: line 2 has the same conditions, so this line never wins",
            "t.csv line 6: team Out has no active member",
            "fallback team:Nowhere: the portal has no team Nowhere",
            "fallback someone: is neither an address nor team:NAME",
            "region Iberia: the country \"Portugall\" is not known",
            "team Sales: zoe@seller.example is no owner of the portal",
            "weights: yan@seller.example is no owner of the portal",
        ]
    );
}

#[test]
fn weights_are_respected_over_many_assignments() {
    let weights = BTreeMap::from([("maya@seller.example".to_owned(), 3), ("calvin@seller.example".to_owned(), 0)]);
    let mut router = router(&Settings { weights, ..settings() });
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..400 {
        let choice = assign(&mut router, &[("country", "Brazil")], &[]).choice.unwrap();
        *counts.entry(choice.owner_email).or_default() += 1;
    }
    let expected = [("maya@seller.example".to_owned(), 300), ("priya@seller.example".to_owned(), 100)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn a_team_of_the_settings_takes_the_place_of_the_portals_team() {
    let teams = BTreeMap::from([("amer".to_owned(), vec!["Luca@seller.example".to_owned()])]);
    let mut router = router(&Settings { teams, ..settings() });
    let choice = assign(&mut router, &[("country", "Brazil")], &[]).choice.unwrap();
    assert_eq!(choice.owner_email, "luca@seller.example");
}

#[test]
fn the_pilots_matrix_reads_without_a_fault() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/pilot/territories.csv");
    let text = std::fs::read_to_string(path).expect("the pilot's matrix");
    let matrix = Matrix::parse("territories.csv", &text).expect("no faults");
    assert_eq!(matrix.len(), 25);
    let router = Router::new(matrix, &[], &Settings::default(), Rotation::default());
    assert!(!router.findings().iter().any(|finding| finding.contains("region")), "{:?}", router.findings());
}

proptest! {
    #[test]
    fn everyone_gets_an_active_owner_or_is_held(
        country in prop::sample::select(vec!["", "Germany", "UK", "USA", "CA", "Japan", "Brasil", "Narnia"]),
        state in prop::sample::select(vec!["", "CA", "Texas", "QC", "?"]),
        industry in prop::sample::select(vec!["", "COMPUTER_SOFTWARE", "MACHINERY", "INSURANCE"]),
        size in prop::sample::select(vec!["", "1", "50", "501", "11-50", "many"]),
        own in prop::sample::select(vec!["", "1", "4", "9", "77"]),
        account in prop::sample::select(vec!["", "2", "4", "x"]),
        active in prop::collection::vec(any::<bool>(), 9),
        with_fallback in any::<bool>(),
        next_line in any::<bool>(),
    ) {
        let mut owners = owners();
        for (owner, active) in owners.iter_mut().zip(active) {
            owner.active = active;
        }
        let fallback = if with_fallback { vec!["team:DACH".to_owned(), "maya@seller.example".to_owned()] } else { Vec::new() };
        let when_inactive = if next_line { WhenInactive::NextLine } else { WhenInactive::Fallback };
        let settings = Settings { fallback, when_inactive, ..Settings::default() };
        let mut router = Router::new(Matrix::parse("t.csv", MATRIX).unwrap(), &owners, &settings, Rotation::default());
        let contact = [("country", country), ("state", state), ("hubspot_owner_id", own)];
        let company = [("industry", industry), ("numberofemployees", size), ("hubspot_owner_id", account)];
        let Assignment { choice, tried, hold } = assign(&mut router, &contact, &company);
        prop_assert!(choice.is_some() != hold.is_some());
        prop_assert!(tried.len() <= 10);
        if let Some(choice) = choice {
            let owner = owners.iter().find(|owner| owner.id == choice.owner_id).unwrap();
            prop_assert!(owner.active);
            prop_assert_eq!(&owner.email, &choice.owner_email);
        }
    }
}
