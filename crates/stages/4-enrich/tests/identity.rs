//! Is the answer about the one we asked for? Cases as a table.

use evergreen_enrich::accept;
use evergreen_model::{Answer, AnswerOutcome, Charge, Entity, Fields, Question};

fn fields(text: &str) -> Fields {
    text.split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn question(entity: Entity, inputs: &str) -> Question {
    Question { provider: "acme".into(), operation: "find".into(), entity, inputs: fields(inputs), key: "k".into() }
}

fn answer(outcome: AnswerOutcome, got: &str) -> Answer {
    Answer {
        outcome,
        fields: fields(got),
        charge: Charge::default(),
        confidence: 90,
        note: String::new(),
        status: 200,
        latency_ms: 1,
    }
}

#[test]
fn people_as_a_table() {
    // asked | also known | answered | same person?
    let table = "
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | firstname=Marta;lastname=Velasco;email=marta@northquay.example     | yes
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | email=m.velasco@northquay.example;jobtitle=CEO                     | yes
        firstname=Bob;lastname=Müller;domain=acme.com               |  | firstname=robert;lastname=mueller;email=r@acme.com                 | yes
        firstname=M;lastname=Velasco;domain=acme.com                |  | firstname=Marta;lastname=Velasco Ruiz                              | yes
        firstname=Velasco;lastname=Marta;domain=acme.com            |  | firstname=Marta;lastname=Velasco;domain=acme.com                   | yes
        firstname=Marta;lastname=Velasco;domain=acme.com            |  | firstname=Marta;lastname=Velasco;domain=acme.de                    | yes
        firstname=Marta;lastname=Velasco;domain=acme.com;company=Acme Inc |  | firstname=Marta;lastname=Velasco;domain=acme-group.io;company=ACME | yes
        firstname=Marta;lastname=Velasco;domain=acme.com            |  | firstname=Marta;lastname=Velasco;email=marta@gmail.com             | yes
        email=jane@acme.com                                         | firstname=Jane;lastname=Doe | firstname=Jane;lastname=Smith;email=jane@acme.com | yes
        hs_linkedin_url=linkedin.com/in/jane                        | firstname=Jane;lastname=Doe;domain=old.com | firstname=Jane;lastname=Doe;domain=fresh.com | yes
        hs_linkedin_url=https://www.linkedin.com/in/Jane/           | firstname=Jane | firstname=Jane;hs_linkedin_url=linkedin.com/in/jane    | yes
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | firstname=Idris;lastname=Okonjo;email=idris@northquay.example      | no
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | firstname=Marta;lastname=Lindqvist;email=ml@northquay.example      | no
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | firstname=Petra;lastname=Velasco;email=pv@northquay.example        | no
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | firstname=Marta;lastname=Velasco;domain=elsewhere.com              | no
        firstname=Marta;lastname=Velasco;domain=northquay.example   |  | email=marta.velasco@elsewhere.com                                  | no
        email=jane@acme.com                                         | firstname=Jane;lastname=Doe | firstname=Robert;lastname=Miller;email=jane@acme.com | no
        hs_linkedin_url=linkedin.com/in/jane                        | firstname=Jane | firstname=Jane;hs_linkedin_url=linkedin.com/in/jane-other-99 | no
    ";
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [asked, known, got, same] = cells[..] else { panic!("four cells: {line}") };
        let accepted = accept(
            Entity::Contact,
            &question(Entity::Contact, asked),
            &fields(known),
            &answer(AnswerOutcome::Hit, got),
        );
        assert_eq!(accepted.wrong_person, same == "no", "{line}: {:?}", accepted.dropped);
        assert_eq!(accepted.fields.is_empty(), same == "no", "a stranger gives nothing: {line}");
    }
}

#[test]
fn firms_as_a_table() {
    let table = "
        domain=northquay.example                 | name=Northquay;domain=northquay.example | yes
        domain=northquay.example;name=Northquay  | name=Northquay Inc;domain=nq.io         | yes
        domain=northquay.example                 | name=Northquay;industry=Freight         | yes
        domain=northquay.example                 | name=Other;domain=other.com             | no
        name=Northquay                           | name=Southport                          | no
    ";
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [asked, got, same] = cells[..] else { panic!("three cells: {line}") };
        let accepted = accept(
            Entity::Company,
            &question(Entity::Company, asked),
            &Fields::new(),
            &answer(AnswerOutcome::Hit, got),
        );
        assert_eq!(accepted.wrong_person, same == "no", "{line}: {:?}", accepted.dropped);
    }
}

#[test]
fn what_an_answer_may_not_give_is_dropped_with_a_reason() {
    let asked = question(Entity::Contact, "email=a@acme.com");
    let got = answer(AnswerOutcome::Partial, "jobtitle=CEO;shoe_size=44;phone= ;lastname=Ve***o");
    let accepted = accept(Entity::Contact, &asked, &Fields::new(), &got);
    assert_eq!(accepted.fields, fields("jobtitle=CEO"));
    assert_eq!(accepted.dropped.len(), 3);
    let tie = accept(Entity::Contact, &asked, &Fields::new(), &answer(AnswerOutcome::Ambiguous, "jobtitle=CEO"));
    assert!(tie.fields.is_empty() && !tie.wrong_person && tie.dropped[0].1.contains("tie"));
    let refused = accept(Entity::Contact, &asked, &Fields::new(), &answer(AnswerOutcome::Refused, "jobtitle=CEO"));
    assert!(refused.fields.is_empty());
}
