//! What evergreen.yaml may say, and what is said about one that is wrong.

use std::path::Path;

use evergreen_config::{Config, ConfigErrors, Loaded, TEMPLATE, load, reference, schema, template_for_sandbox};
use evergreen_model::Problem;
use secrecy::ExposeSecret;

fn read(text: &str) -> Result<Loaded, ConfigErrors> {
    load(Path::new("evergreen.yaml"), text)
}

#[track_caller]
fn complaints(text: &str) -> String {
    read(text).expect_err("the file should be refused").to_string()
}

#[test]
fn the_template_is_valid_and_says_what_a_new_project_needs() {
    let config = read(TEMPLATE).unwrap_or_else(|errors| panic!("{errors}")).config;
    assert_eq!(config.providers.keys().collect::<Vec<_>>(), ["apollo", "hunter", "pdl"]);
    assert_eq!(config.enrich.contact.sources.len(), 3);
    assert_eq!(config.tables["own"].key, "domain");
    assert_eq!(config.portal.token.variable(), Some("HUBSPOT_TOKEN"));
    assert_eq!(
        config.smartlead.key.resolve(&|name| Some(format!("<{name}>"))).unwrap().expose_secret(),
        "<SMARTLEAD_API_KEY>"
    );
    assert_eq!(config.portal.base_url.resolve(&|_| None).unwrap(), "https://api.hubapi.com");
    assert!(!config.handoff.enabled);
}

#[test]
fn the_template_of_the_sandbox_allows_its_addresses_and_hands_off() {
    let config = read(&template_for_sandbox("2710262")).unwrap_or_else(|errors| panic!("{errors}")).config;
    assert!(config.portal.allow_private_addresses && config.handoff.enabled);
    assert_eq!(config.handoff.campaign.as_deref(), Some("2710262"));
}

#[test]
fn an_empty_file_and_one_of_comments_mean_the_defaults() {
    for text in ["", "# nothing yet\n", "\u{feff}\n", "{}", "portal:\n  # token: …\nsync:\n"] {
        assert_eq!(read(text).unwrap().config, Config::default(), "{text}");
    }
}

#[test]
fn the_fingerprint_ignores_form_and_notices_content() {
    let hash = |text: &str| read(text).unwrap().hash;
    assert_eq!(hash("project: a\ncurrency: EUR\n"), hash("# hello\ncurrency: 'EUR'\nproject: \"a\"\n"));
    assert_ne!(hash("project: a\n"), hash("project: b\n"));
}

#[test]
fn values_are_read_as_they_are_written() {
    let config =
        read("project: 2026\nroute:\n  regions:\n    Nordics: [NO, SE]\nhandoff: {enabled: true, campaign: 0271}\n")
            .unwrap()
            .config;
    assert_eq!(config.project, "2026");
    assert_eq!(config.route.regions["Nordics"], ["NO", "SE"]);
    assert_eq!(config.handoff.campaign.as_deref(), Some("0271"));
}

#[test]
fn unknown_keys_wrong_kinds_and_ranges_are_told_together_in_the_order_of_the_file() {
    insta::assert_snapshot!(complaints(
        "project: pilot
portal:
  requests_per_10: 190
  share_percent: 400
resolve:
  match: 1.4
  reviw: 0.5
qualify:
  suppress:
    lead_statuses: UNQUALIFIED
  reject:
    free_mail: rejct
  icp:
    retry_days: \"7\"
    rules:
      - name: big
        then: accept
sync:
  guards: 5
refresh:
  contact_days_min: 200
  contact_days_max: 100
colour: green
"
    ));
}

#[test]
fn a_mistake_in_a_rule_is_shown_at_the_word() {
    insta::assert_snapshot!(complaints(
        r#"qualify:
  icp:
    rules:
      - name: size
        when: company.numberofemployes >= 50 && company.country == "US"
        then: accept
      - name: title
        when: 'contact.jobtitle.startWith("VP")'
        then: accept
      - name: folded
        when: >-
          company.country == "US" &&
          company.numberofemployees > "50"
        then: accept
      - name: too early
        when: verification.score > 50
        then: accept
      - name: broken
        when: "company.country == \"US\" &&"
        then: accept
sync:
  lifecycle:
    forward:
      - to: lead
        when: verification.score >= 80 && contact.emial != ""
"#
    ));
}

#[test]
fn secrets_stand_in_the_environment_only_and_are_not_shown_in_the_complaint() {
    let text = "portal:
  token: pat-na1-11111111-2222-3333-4444-555555555555
smartlead:
  key: ${SMARTLEAD_API_KEY:-0123456789abcdef0123}
providers:
  hunter:
    key: 0123456789abcdef0123456789abcdef01234567
    base_url: ${HUNTER
  apollo: {key: 0123456789abcdef}
  pdl:
    key: >-
      0123456789abcdef
      0123456789abcdef
    apikey: 0123456789abcdef
project: ${NAME}
";
    let shown = complaints(text);
    assert!(!shown.contains("pat-na1") && !shown.contains("0123456789"), "{shown}");
    let problem = Problem::from(read(text).unwrap_err());
    assert!(!format!("{problem} {problem:?}").contains("0123456789"));
    insta::assert_snapshot!(shown);
}

#[test]
fn names_of_another_section_must_be_known_there() {
    insta::assert_snapshot!(complaints(
        "providers:
  hunter: {}
tables:
  people: {file: people.csv, entity: contact, key: emial}
enrich:
  contact:
    mandatory: [email, job_title]
    sources:
      - source: huntr.email_finder
      - source: table.peple
      - source: hunter
  company:
    sources:
      - source: table.people
  budget:
    per_provider: {apollo: 5}
resolve:
  survivorship: {jobtitel: newest}
sync:
  contact:
    properties:
      jobtitle: {from: title}
"
    ));
}

#[test]
fn text_that_is_no_yaml_is_refused_with_its_place() {
    insta::assert_snapshot!(
        [
            complaints("portal:\n  token: ${HUBSPOT_TOKEN}\n base_url: x\n"),
            complaints("- a\n- b\n"),
            complaints("project: a\nproject: b\n"),
            complaints("route: {fallback: [\n"),
        ]
        .join("\n")
    );
}

#[test]
fn a_broken_file_is_a_problem_with_code_and_a_way_out() {
    let problem = Problem::from(read("colour: green\n").unwrap_err());
    insta::assert_snapshot!(problem);
}

#[test]
fn the_schema_and_the_reference_know_every_section() {
    let schema = schema();
    let reference = reference();
    for (section, _) in schema["properties"].as_object().unwrap() {
        assert!(reference.contains(&format!("| `{section}` |")), "{section}");
    }
    for heading in ["### `portal`", "### `providers.NAME`", "#### `qualify.icp.rules[]`", "## Fields of a company"] {
        assert!(reference.contains(heading), "{heading} in\n{reference}");
    }
    assert!(!reference.contains("| any |"), "{reference}");
    // Every key is explained, or the reference would have a hole.
    assert!(!reference.lines().any(|line| line.starts_with("| `") && line.ends_with("|  |")), "{reference}");
}
