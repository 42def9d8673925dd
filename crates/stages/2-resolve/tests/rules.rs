//! The rules of matching as facts: which pairs are one, which are asked about, which are two.

use evergreen_model::{Entity, Fields};
use evergreen_resolve::{Decided, Pair, Resolution, Settings, Subject, compare, keys, normalize, resolve};

fn subject(id: u64, entity: Entity, fields: &[(&str, &str)]) -> Subject {
    let raw: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Subject { id, entity, fields: normalize::tidy_fields(entity, &raw), portal_id: None, existing: false }
}

fn in_portal(subject: Subject, portal_id: &str) -> Subject {
    Subject { portal_id: Some(portal_id.to_owned()), existing: true, ..subject }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    One,
    Asked,
    Two,
}
use Verdict::{Asked, One, Two};

fn verdict(pair: &Pair) -> Verdict {
    match pair.score {
        score if score >= 0.80 => One,
        score if score >= 0.65 => Asked,
        _ => Two,
    }
}

type Row<'a> = &'a [(&'a str, &'a str)];

fn check(entity: Entity, cases: &[(Verdict, Row, Row)]) {
    for (wanted, left, right) in cases {
        let pair = compare(&subject(1, entity, left), &subject(2, entity, right), &Settings::default());
        assert_eq!(verdict(&pair), *wanted, "{left:?} {right:?}: {pair:?}");
    }
}

#[test]
fn contacts_match_as_the_rules_say() {
    let anna: Row =
        &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "anna.doerr@acme.com"), ("company", "Acme GmbH")];
    check(
        Entity::Contact,
        &[
            // The address alone, also with a tag, in capitals, without a name.
            (One, anna, &[("email", "ANNA.DOERR+x@acme.com")]),
            (One, &[("email", "a.n.na@gmail.com"), ("firstname", "Anna")], &[("email", "anna@googlemail.com")]),
            // Somebody married.
            (One, anna, &[("firstname", "Anna"), ("lastname", "Smith"), ("email", "anna.doerr@acme.com")]),
            // A shared address is a question.
            (Asked, anna, &[("firstname", "Bob"), ("lastname", "Smith"), ("email", "anna.doerr@acme.com")]),
            // LinkedIn with the same company; LinkedIn with the name after a change of job.
            (
                One,
                &[("hs_linkedin_url", "linkedin.com/in/ad-1"), ("domain", "acme.com")],
                &[("hs_linkedin_url", "https://de.linkedin.com/in/AD-1/"), ("company", "Acme")],
            ),
            (
                One,
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("email", "anna@acme.com"),
                    ("hs_linkedin_url", "linkedin.com/in/ad-1"),
                ],
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("email", "doerr@other.org"),
                    ("hs_linkedin_url", "linkedin.com/in/ad-1"),
                ],
            ),
            (
                Asked,
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("hs_linkedin_url", "linkedin.com/in/ad-1")],
                &[("firstname", "Bob"), ("lastname", "Smith"), ("hs_linkedin_url", "linkedin.com/in/ad-1")],
            ),
            // Name and company, with short forms, typing mistakes, umlauts, swapped fields, initials with a phone.
            (One, anna, &[("firstname", "ANNA"), ("lastname", "Dörr"), ("company", "ACME Inc")]),
            (
                One,
                &[("firstname", "William"), ("lastname", "Trask"), ("company", "Acme")],
                &[("firstname", "Bill"), ("lastname", "Trask"), ("domain", "acme.com")],
            ),
            (
                One,
                &[("firstname", "Jinghai"), ("lastname", "Tsong"), ("company", "Acme")],
                &[("firstname", "Jinghai"), ("lastname", "Tsnog"), ("company", "Acme")],
            ),
            (
                One,
                &[("firstname", "Okafor"), ("lastname", "Chidi"), ("company", "Acme")],
                &[("firstname", "Chidi"), ("lastname", "Okafor"), ("company", "Acme")],
            ),
            (
                One,
                &[("firstname", "R."), ("lastname", "Okafor"), ("company", "Acme"), ("phone", "+4930901820")],
                &[
                    ("firstname", "Rita"),
                    ("lastname", "Okafor"),
                    ("company", "Acme"),
                    ("phone", "030 901820"),
                    ("country", "DE"),
                ],
            ),
            (
                Asked,
                &[("firstname", "R."), ("lastname", "Okafor"), ("company", "Acme")],
                &[("firstname", "Rita"), ("lastname", "Okafor"), ("company", "Acme")],
            ),
            // Two people at one company.
            (Two, anna, &[("firstname", "Bob"), ("lastname", "Smith"), ("email", "bob@acme.com"), ("company", "Acme")]),
            (
                Two,
                anna,
                &[
                    ("firstname", "Bob"),
                    ("lastname", "Doerr"),
                    ("email", "bob.doerr@acme.com"),
                    ("phone", "+4930901820"),
                ],
            ),
            (
                Two,
                &[
                    ("firstname", "Mario"),
                    ("lastname", "Rossi"),
                    ("email", "mario.rossi@acme.it"),
                    ("phone", "+390230901820"),
                ],
                &[
                    ("firstname", "Maria"),
                    ("lastname", "Rossi"),
                    ("email", "maria.rossi@acme.it"),
                    ("phone", "+390230901820"),
                ],
            ),
            // One name at two companies is at most a question; with two LinkedIn profiles not even that.
            (
                Two,
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("company", "Acme")],
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("company", "Other")],
            ),
            (
                Asked,
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("company", "Acme"),
                    ("city", "Ulm"),
                    ("country", "DE"),
                    ("jobtitle", "Sword Smith"),
                    ("email", "doerr.anna@gmx.de"),
                ],
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("company", "Other"),
                    ("city", "Ulm"),
                    ("country", "DE"),
                    ("jobtitle", "Sword Smith"),
                    ("phone", "123"),
                ],
            ),
            (
                Two,
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("company", "Acme"),
                    ("hs_linkedin_url", "linkedin.com/in/ad-1"),
                ],
                &[
                    ("firstname", "Anna"),
                    ("lastname", "Doerr"),
                    ("company", "Acme"),
                    ("hs_linkedin_url", "linkedin.com/in/ad-2"),
                ],
            ),
            // A team address is nobody's own; fillers are no address.
            (
                Two,
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "info@acme.com")],
                &[("firstname", "Bob"), ("lastname", "Smith"), ("email", "info@acme.com")],
            ),
            (One, &[("email", "info@acme.com")], &[("email", "info@acme.com")]),
            (
                One,
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "info@acme.com")],
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "info@acme.com")],
            ),
            (
                Two,
                &[("firstname", "Anna"), ("email", "none@none.com")],
                &[("firstname", "Bob"), ("email", "none@none.com")],
            ),
            // A free-mail domain is no company.
            (
                Two,
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "anna@gmail.com")],
                &[("firstname", "Anna"), ("lastname", "Doerr"), ("domain", "gmail.com")],
            ),
            (Two, &[], &[]),
        ],
    );
}

#[test]
fn companies_match_as_the_rules_say() {
    check(
        Entity::Company,
        &[
            (One, &[("name", "Acme GmbH"), ("domain", "acme.com")], &[("website", "https://www.acme.com/de")]),
            (One, &[("name", "Acme Tools GmbH"), ("country", "DE")], &[("name", "ACME Tools"), ("country", "Germany")]),
            (One, &[("name", "Acme Tools"), ("city", "München")], &[("name", "Acme Tools GmbH"), ("city", "Munich")]),
            (One, &[("name", "Pafaly Systems"), ("country", "US")], &[("name", "Pafaly Sys."), ("country", "USA")]),
            // Only a name: enough when it is a long one.
            (Asked, &[("name", "Acme Oil")], &[("name", "Acme Oil")]),
            (One, &[("name", "Okonkwo Precision Tools Ltd")], &[("name", "Okonkwo Precision Tools")]),
            (
                Two,
                &[("name", "Okonkwo Income Fund II"), ("country", "US")],
                &[("name", "Okonkwo Income Fund III"), ("country", "US")],
            ),
            // A subsidiary with its own domain and country.
            (
                Two,
                &[("name", "Evers Interactive Corp."), ("domain", "eversinteractive.com"), ("country", "US")],
                &[("name", "Evers Interactive B.V."), ("domain", "eversinteractive.nl"), ("country", "NL")],
            ),
            (Two, &[("name", "Acme GmbH"), ("country", "DE")], &[("name", "Acme"), ("country", "France")]),
            (Two, &[("name", "Acme Logistics"), ("country", "US")], &[("name", "Acme Capital"), ("country", "US")]),
            (Two, &[("name", "Acme"), ("domain", "gmail.com")], &[("name", "Other"), ("domain", "gmail.com")]),
            (Asked, &[("name", "Acme"), ("domain", "shared.com")], &[("name", "Westfield"), ("domain", "shared.com")]),
        ],
    );
}

fn run(subjects: &[Subject], decided: &Decided) -> Resolution {
    resolve(subjects, decided, &Settings::default())
}

fn members(resolution: &Resolution) -> Vec<Vec<u64>> {
    resolution.clusters.iter().map(|cluster| cluster.members.clone()).collect()
}

#[test]
fn a_row_that_matches_two_portal_records_joins_the_better_one_and_reports_the_twins() {
    let row = subject(
        9,
        Entity::Contact,
        &[
            ("firstname", "Anna"),
            ("lastname", "Doerr"),
            ("email", "anna@acme.com"),
            ("hs_linkedin_url", "linkedin.com/in/ad-1"),
        ],
    );
    let by_email = in_portal(
        subject(2, Entity::Contact, &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "anna@acme.com")]),
        "501",
    );
    let by_profile = in_portal(
        subject(1, Entity::Contact, &[("firstname", "Anna"), ("hs_linkedin_url", "linkedin.com/in/ad-1")]),
        "502",
    );
    let resolution = run(&[row, by_email, by_profile], &Decided::default());
    assert_eq!(members(&resolution), vec![vec![1], vec![2, 9]]);
    assert_eq!(resolution.portal_twins.len(), 1);
    assert_eq!((resolution.portal_twins[0].left, resolution.portal_twins[0].right), (1, 2));
    assert!(resolution.held.is_empty());
}

#[test]
fn a_tie_between_two_portal_records_goes_to_the_older() {
    let same: Row = &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "anna@acme.com")];
    let row = subject(9, Entity::Contact, same);
    let older = in_portal(subject(3, Entity::Contact, same), "501");
    let newer = in_portal(subject(4, Entity::Contact, same), "502");
    let resolution = run(&[newer, row, older], &Decided::default());
    assert_eq!(members(&resolution), vec![vec![3, 9], vec![4]]);
    assert_eq!(resolution.portal_twins.len(), 1);
}

#[test]
fn subjects_of_one_portal_record_are_one_whatever_they_say() {
    let a = in_portal(subject(1, Entity::Contact, &[("email", "anna@acme.com")]), "501");
    let b = in_portal(subject(2, Entity::Contact, &[("email", "bob@other.org")]), "501");
    assert_eq!(members(&run(&[a, b], &Decided::default())), vec![vec![1, 2]]);
}

#[test]
fn the_primary_is_the_portal_record_before_the_stored_one_before_the_lowest_id() {
    let same: Row = &[("email", "anna@acme.com")];
    let row = subject(1, Entity::Contact, same);
    let stored = Subject { existing: true, ..subject(2, Entity::Contact, same) };
    let portal = in_portal(subject(3, Entity::Contact, same), "501");
    assert_eq!(members(&run(&[row.clone(), stored.clone(), portal], &Decided::default())), vec![vec![3, 2, 1]]);
    assert_eq!(members(&run(&[row, stored], &Decided::default())), vec![vec![2, 1]]);
}

#[test]
fn a_decision_of_a_person_is_kept() {
    let a = subject(1, Entity::Contact, &[("email", "anna@acme.com")]);
    let b = subject(2, Entity::Contact, &[("email", "anna@acme.com")]);
    let c = subject(3, Entity::Contact, &[("email", "bob@other.org")]);
    let all = [a, b, c];
    let apart = run(&all, &Decided { same: vec![], different: vec![(2, 1)] });
    assert_eq!(members(&apart), vec![vec![1], vec![2], vec![3]]);
    assert!(apart.held.is_empty(), "a decided pair is not asked again");
    let together = run(&all, &Decided { same: vec![(3, 1)], different: vec![] });
    assert_eq!(members(&together), vec![vec![1, 2, 3]]);
    let both = run(&all, &Decided { same: vec![(1, 2)], different: vec![(1, 2)] });
    assert_eq!(members(&both), vec![vec![1], vec![2], vec![3]]);
}

#[test]
fn a_weak_bridge_between_two_people_is_cut_and_asked_about() {
    let name = [("firstname", "Anna"), ("lastname", "Doerr"), ("company", "Acme")];
    let with = |extra: &[(&'static str, &'static str)]| [&name[..], extra].concat();
    let one = subject(1, Entity::Contact, &with(&[("hs_linkedin_url", "linkedin.com/in/ad-1")]));
    let two = subject(2, Entity::Contact, &with(&[("hs_linkedin_url", "linkedin.com/in/ad-2")]));
    let bridge = subject(3, Entity::Contact, &name);
    let resolution = run(&[one, two, bridge], &Decided::default());
    assert_eq!(members(&resolution), vec![vec![1, 3], vec![2]]);
    assert_eq!(resolution.held.len(), 1);
    assert!(resolution.held[0].why.last().unwrap().contains("contradict"));
}

#[test]
fn two_clusters_are_asked_about_once() {
    let role = [("email", "info@acme.com")];
    let anna = [("firstname", "Anna"), ("lastname", "Doerr"), ("email", "info@acme.com")];
    let all = [
        subject(1, Entity::Contact, &anna),
        subject(2, Entity::Contact, &anna),
        subject(3, Entity::Contact, &role),
        subject(4, Entity::Contact, &role),
    ];
    let resolution = run(&all, &Decided::default());
    assert_eq!(members(&resolution), vec![vec![1, 2], vec![3, 4]]);
    assert_eq!(resolution.held.iter().map(|pair| (pair.left, pair.right)).collect::<Vec<_>>(), vec![(1, 3)]);
}

#[test]
fn a_contact_and_a_company_are_never_one() {
    let person = subject(1, Entity::Contact, &[("domain", "acme.com")]);
    let firm = subject(2, Entity::Company, &[("domain", "acme.com")]);
    assert_eq!(members(&run(&[person.clone(), firm.clone()], &Decided::default())), vec![vec![1], vec![2]]);
    assert!(compare(&person, &firm, &Settings::default()).score.abs() < f64::EPSILON);
}

#[test]
fn the_explanation_names_values_weights_and_rule() {
    let a =
        subject(1, Entity::Contact, &[("firstname", "Anna"), ("lastname", "Doerr"), ("email", "anna.doerr@acme.com")]);
    let b = subject(2, Entity::Contact, &[("firstname", "Bob"), ("lastname", "Doerr"), ("email", "bob@acme.com")]);
    insta::assert_snapshot!(compare(&a, &b, &Settings::default()).why.join("\n"), @"
    same company domain: acme.com (+8.5 bits)
    two mailboxes at one company: anna.doerr@acme.com / bob@acme.com (-6.0 bits)
    same surname, different given names: Anna Doerr / Bob Doerr (-4.0 bits)
    ");
}

#[test]
fn keys_tell_their_kind_and_strong_ones_come_first() {
    let found = keys(
        Entity::Contact,
        &subject(
            1,
            Entity::Contact,
            &[
                ("firstname", "Anna"),
                ("lastname", "Doerr"),
                ("email", "anna@acme.com"),
                ("hs_linkedin_url", "linkedin.com/in/ad-1"),
                ("company", "Acme GmbH"),
            ],
        )
        .fields,
    );
    assert_eq!(found, ["e:anna@acme.com", "l:ad-1", "n:ana dor", "m:dor acme", "m:ana acme"].map(str::to_owned));
    let found =
        keys(Entity::Company, &subject(1, Entity::Company, &[("name", "Acme GmbH"), ("domain", "acme.com")]).fields);
    assert_eq!(found, ["d:acme.com", "c:acme", "x:acme"].map(str::to_owned));
}

#[test]
fn a_list_of_identical_rows_and_a_huge_block_stay_fast() {
    let same: Vec<Subject> = (0..3_000)
        .map(|id| subject(id, Entity::Contact, &[("email", "anna@acme.com"), ("firstname", "Anna")]))
        .collect();
    assert_eq!(run(&same, &Decided::default()).clusters.len(), 1);
    let one_phone: Vec<Subject> = (0..3_000)
        .map(|id| {
            let email = format!("person{id}@firm{id}.com");
            subject(id, Entity::Contact, &[("email", &email), ("phone", "+4930901820")])
        })
        .collect();
    assert_eq!(run(&one_phone, &Decided::default()).clusters.len(), 3_000);
}
