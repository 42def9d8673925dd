//! What qualify decides: one story per reason, and the order in which reasons count.

use evergreen_model::{
    Entity, EvidenceId, GoldenValue, Origin, Record, RecordId, Source, Stage, Suppression, SuppressionReason, Truth,
};
use evergreen_qualify::settings::{Filter, Icp, IcpRule, UnknownChoice, Verdict};
use evergreen_qualify::{Decision, Qualifier, Settings, Subject};
use jiff::Timestamp;

fn record(entity: Entity, values: &[(&str, &str)]) -> Record {
    let golden = |value: &str| GoldenValue {
        value: value.to_owned(),
        evidence: EvidenceId(1),
        source: Source::Crm,
        at: Timestamp::UNIX_EPOCH,
        why: "only value".to_owned(),
    };
    Record {
        id: RecordId(1),
        entity,
        evergreen_id: "ev1".to_owned(),
        origin: Origin::List,
        run: None,
        stage: Stage::Qualify,
        due: Timestamp::UNIX_EPOCH,
        portal_id: None,
        company: None,
        merged_into: None,
        values: values.iter().map(|(field, value)| ((*field).to_owned(), golden(value))).collect(),
        written: Default::default(),
        portal_changed_at: None,
        approved: Default::default(),
        undone: Default::default(),
        refuted: Vec::new(),
        verdicts: None,
        fit: None,
        owner: None,
        outcome: None,
        reason: None,
        created_at: Timestamp::UNIX_EPOCH,
        settled_at: None,
    }
}

fn contact(values: &[(&str, &str)]) -> Record {
    record(Entity::Contact, values)
}

fn company(values: &[(&str, &str)]) -> Record {
    record(Entity::Company, values)
}

fn icp(rules: &[(&str, &str, Verdict)], default: Verdict) -> Settings {
    let rules = rules
        .iter()
        .map(|(name, when, then)| IcpRule { name: (*name).to_owned(), when: (*when).into(), then: *then })
        .collect();
    Settings { icp: Icp { rules, default, ..Icp::default() }, ..Settings::default() }
}

fn decide(settings: &Settings, record: &Record, company: Option<&Record>, after_enrich: bool) -> Decision {
    let qualifier = Qualifier::new(settings).expect("the settings are right");
    qualifier.decide(&Subject { record, company, suppressed: &[], after_enrich })
}

#[track_caller]
fn suppressed_as(
    reason: SuppressionReason,
    sentence: &str,
    settings: &Settings,
    record: &Record,
    company: Option<&Record>,
) {
    match decide(settings, record, company, false) {
        Decision::Suppress { reason: found, why } => assert_eq!((found, why.sentence.as_str()), (reason, sentence)),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn rejected_with(code: &str, sentence: &str, decision: Decision) {
    match decision {
        Decision::Reject { why, retry_days } => {
            assert_eq!((why.code.as_str(), why.sentence.as_str(), retry_days), (code, sentence, 7));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_untouchable_are_suppressed_with_the_reason() {
    let mut settings = Settings::default();
    settings.suppress.competitor_domains = vec!["rival.com".to_owned()];
    settings.suppress.customer_domains = vec!["buyer.com".to_owned()];
    let jane = |values: &[(&str, &str)]| contact(&[&[("email", "jane@acme.com")], values].concat());
    use SuppressionReason::{Competitor, Customer, Unqualified, Unsubscribed};
    let optout = jane(&[("hs_email_optout", "true")]);
    suppressed_as(Unsubscribed, "Unsubscribed from all email in the CRM", &settings, &optout, None);
    let unqualified = jane(&[("hs_lead_status", "UNQUALIFIED")]);
    suppressed_as(Unqualified, "The lead status in the CRM is UNQUALIFIED", &settings, &unqualified, None);
    let rival = contact(&[("email", "bob@mail.Rival.com")]);
    suppressed_as(Competitor, "rival.com is a competitor's domain", &settings, &rival, None);
    let by_company = company(&[("domain", "buyer.com")]);
    suppressed_as(Customer, "buyer.com is a customer's domain", &settings, &jane(&[]), Some(&by_company));
    suppressed_as(Customer, "buyer.com is a customer's domain", &settings, &by_company, None);
    let customer = company(&[("name", "Acme"), ("lifecyclestage", "customer")]);
    let sentence = "Acme is a customer: its lifecycle stage in the CRM is customer";
    suppressed_as(Customer, sentence, &settings, &jane(&[]), Some(&customer));
}

#[test]
fn the_own_list_counts_before_everything_and_names_who_put_it_there() {
    let record = contact(&[("email", "jane@acme.com"), ("hs_email_optout", "true")]);
    let entry = Suppression {
        key: "email:jane@acme.com".to_owned(),
        reason: SuppressionReason::DoNotContact,
        by: "suppressions.csv".to_owned(),
        at: Timestamp::UNIX_EPOCH,
    };
    let qualifier = Qualifier::new(&Settings::default()).unwrap();
    let ask = |entry: Suppression| {
        qualifier.decide(&Subject { record: &record, company: None, suppressed: &[entry], after_enrich: false })
    };
    let Decision::Suppress { reason, why } = ask(entry.clone()) else { panic!() };
    assert_eq!(reason, SuppressionReason::DoNotContact);
    assert_eq!(why.sentence, "On the suppression list as do-not-contact: jane@acme.com, put there by suppressions.csv");
    let Decision::Suppress { why, .. } = ask(Suppression { key: "hash:123abc".to_owned(), ..entry }) else { panic!() };
    assert!(!why.sentence.contains("123abc"));
}

#[test]
fn the_keys_to_look_up_are_the_address_and_every_domain_up_to_the_registered_one() {
    let qualifier = Qualifier::new(&Settings::default()).unwrap();
    let record = contact(&[("email", "Jane@UK.Acme.co.uk"), ("domain", "acme.com")]);
    let firm = company(&[("domain", "acme.com"), ("website", "https://www.acme-group.com/en")]);
    assert_eq!(
        qualifier.suppression_keys(&record, Some(&firm)),
        [
            "email:jane@uk.acme.co.uk",
            "domain:uk.acme.co.uk",
            "domain:acme.co.uk",
            "domain:acme.com",
            "domain:acme-group.com"
        ]
    );
    assert_eq!(qualifier.suppression_keys(&company(&[("domain", "acme.com")]), None), ["domain:acme.com"]);
    assert!(qualifier.suppression_keys(&contact(&[("lastname", "Doe")]), None).is_empty());
}

#[test]
fn free_mail_without_a_company_is_refused_and_with_one_kept() {
    let settings = Settings::default();
    let nobody = contact(&[("email", "jane@gmail.com"), ("domain", "gmail.com")]);
    rejected_with(
        "free-mail",
        "jane@gmail.com is a free-mail address and no company is known",
        decide(&settings, &nobody, None, false),
    );
    let employed = contact(&[("email", "jane@gmail.com"), ("company", "Acme")]);
    assert!(matches!(decide(&settings, &employed, None, false), Decision::Keep { .. }));
    let firm = company(&[("domain", "acme.com")]);
    assert!(matches!(decide(&settings, &nobody, Some(&firm), false), Decision::Keep { .. }));
    let mut lenient = settings;
    lenient.reject.free_mail = Filter::Keep;
    assert!(matches!(decide(&lenient, &nobody, None, false), Decision::Keep { .. }));
}

#[test]
fn student_addresses_are_refused_unless_wanted() {
    let student = contact(&[("email", "jane@student.manchester.ac.uk"), ("company", "University of Manchester")]);
    let mut settings = Settings::default();
    rejected_with(
        "student-address",
        "jane@student.manchester.ac.uk is the address of a university or school",
        decide(&settings, &student, None, false),
    );
    settings.reject.students = Filter::Keep;
    assert!(matches!(decide(&settings, &student, None, false), Decision::Keep { .. }));
}

#[test]
fn addresses_of_a_function_are_left_to_verification() {
    let record = contact(&[("email", "info@acme.com")]);
    assert!(matches!(decide(&Settings::default(), &record, None, false), Decision::Keep { .. }));
}

#[test]
fn the_first_rule_that_says_yes_decides_and_is_named_with_the_value() {
    let settings = icp(
        &[
            ("too small", "company.numberofemployees < 20", Verdict::Reject),
            ("software", "company.industry == \"SOFTWARE\"", Verdict::Accept),
        ],
        Verdict::Reject,
    );
    let record = contact(&[("email", "jane@acme.com")]);
    let small = company(&[("numberofemployees", "12"), ("industry", "SOFTWARE")]);
    rejected_with(
        "icp-no-fit",
        "Rejected by ICP rule 'too small': company.numberofemployees is 12",
        decide(&settings, &record, Some(&small), false),
    );
    let right = company(&[("numberofemployees", "120"), ("industry", "SOFTWARE")]);
    let Decision::Keep { fit } = decide(&settings, &record, Some(&right), false) else { panic!() };
    assert_eq!((fit.answer, fit.rule.as_deref()), (Truth::Yes, Some("software")));
    let other = company(&[("numberofemployees", "120"), ("industry", "MINING")]);
    rejected_with(
        "icp-no-fit",
        "Rejected by the ICP: no rule accepts it",
        decide(&settings, &record, Some(&other), false),
    );
}

#[test]
fn unknown_goes_on_before_enrichment_and_as_the_settings_say_after_it() {
    let mut settings = icp(&[("too small", "company.numberofemployees < 20", Verdict::Reject)], Verdict::Accept);
    let record = contact(&[("email", "jane@acme.com")]);
    let Decision::Keep { fit } = decide(&settings, &record, None, false) else { panic!() };
    assert_eq!((fit.answer, fit.missing.as_slice()), (Truth::Unknown, &["company.numberofemployees".to_owned()][..]));
    let sentence = "ICP rule 'too small' needs company.numberofemployees, which enrichment did not find";
    match decide(&settings, &record, None, true) {
        Decision::Hold { why } => assert_eq!(why.sentence, format!("Held: {sentence}")),
        other => panic!("{other:?}"),
    }
    settings.icp.unknown_after_enrich = UnknownChoice::Reject;
    rejected_with("icp-unknown", &format!("Rejected: {sentence}"), decide(&settings, &record, None, true));
    settings.icp.unknown_after_enrich = UnknownChoice::Keep;
    let Decision::Keep { fit } = decide(&settings, &record, None, true) else { panic!() };
    assert_eq!(fit.answer, Truth::Unknown);
}

#[test]
fn a_rule_that_cannot_answer_does_not_matter_where_it_would_decide_the_same() {
    let settings = icp(
        &[
            ("too small", "company.numberofemployees < 20", Verdict::Reject),
            ("wrong country", "company.country == \"KP\"", Verdict::Reject),
        ],
        Verdict::Accept,
    );
    let firm = company(&[("country", "KP")]);
    rejected_with(
        "icp-no-fit",
        "Rejected by ICP rule 'wrong country': company.country is KP",
        decide(&settings, &contact(&[]), Some(&firm), true),
    );
}

#[test]
fn a_company_is_asked_only_what_a_company_can_answer() {
    let settings = icp(
        &[
            ("too small", "company.numberofemployees < 20", Verdict::Reject),
            ("buyer", "contact.jobtitle.contains(\"VP\")", Verdict::Accept),
        ],
        Verdict::Reject,
    );
    let large = company(&[("numberofemployees", "500")]);
    let Decision::Keep { fit } = decide(&settings, &large, None, true) else { panic!() };
    assert_eq!(fit.answer, Truth::Unknown);
    let small = company(&[("numberofemployees", "5")]);
    assert!(matches!(decide(&settings, &small, None, true), Decision::Reject { .. }));
}

#[test]
fn every_wrong_rule_is_reported_with_its_path() {
    let settings = icp(
        &[
            ("a", "company.numberofemployes > 5", Verdict::Accept),
            ("b", "company.country == \"US\"", Verdict::Accept),
            ("c", "verification.score > 50", Verdict::Accept),
        ],
        Verdict::Accept,
    );
    let problems = Qualifier::new(&settings).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["qualify.icp.rules[0].when", "qualify.icp.rules[2].when"]);
    assert_eq!(problems[0].problem.suggestion.as_deref(), Some("company.numberofemployees"));
}
