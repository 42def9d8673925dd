//! Bad weather: wrong keys, storms, dead peers. Each is said clearly, the rest goes on, and once it clears nothing is missing.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod house;

use evergreen_model::{EmailVerdict, Problem, RunReport};
use house::{OBJECTS, Row, START, TOKEN, Town, assert_no_secret, nowhere, person, row, told};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::OnceCell;

const TOMORROW: &str = "2026-12-02T09:00:00Z";

/// A dozen people, some known to the portal, some to be asked for, one at a dead domain.
fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [1, 2, 3, 7, 8, 9, 10, 13, 14, 15].map(row).to_vec();
    rows.extend([16, 17, 18].map(|at| row(at).without("Email")));
    rows
}

/// What an undisturbed run of the same list reports and leaves behind.
async fn undisturbed() -> (RunReport, Value) {
    static CALM: OnceCell<(RunReport, Value)> = OnceCell::const_new();
    let calm = CALM.get_or_init(async || {
        let town = Town::small().await;
        let report = town.run(&rows()).await.unwrap();
        (report, town.portrait().await)
    });
    calm.await.clone()
}

/// Runs into a storm, which is told; then runs again under a clear sky and has missed nothing.
async fn stopped_by(town: &mut Town, clear: impl FnOnce(&mut Town)) -> Problem {
    let problem = town.run(&rows()).await.expect_err("the storm stops the run");
    assert_no_secret(&town.notes.text());
    clear(town);
    let report = town.run(&rows()).await.unwrap_or_else(|problem| panic!("still stormy: {problem}"));
    let (calm, portrait) = undisturbed().await;
    assert_eq!(report, calm);
    assert_eq!(town.portrait().await, portrait);
    assert_eq!(town.stats().await["double_charges"], serde_json::json!([]));
    problem
}

#[tokio::test]
async fn a_wrong_token_is_told_and_the_right_one_goes_on() {
    let mut town = Town::small().await;
    town.set("HUBSPOT_TOKEN", "pat-of-another-account");
    let problem = stopped_by(&mut town, |town| town.set("HUBSPOT_TOKEN", TOKEN)).await;
    insta::assert_snapshot!(told(&town, &problem));
}

#[tokio::test]
async fn a_key_without_a_scope_is_told_with_the_scope() {
    let body = r#"{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","category":"MISSING_SCOPES","correlationId":"4711","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.companies.read"]}}]}"#;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8_192]).await;
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    let mut town = Town::small().await;
    let base = town.base.clone();
    town.set("HUBSPOT_BASE_URL", format!("http://{address}"));
    let problem = stopped_by(&mut town, |town| town.set("HUBSPOT_BASE_URL", base)).await;
    insta::assert_snapshot!(told(&town, &problem));
}

#[tokio::test]
async fn an_unreachable_portal_is_told_with_its_address() {
    let mut town = Town::small().await;
    let base = town.base.clone();
    town.set("HUBSPOT_BASE_URL", nowhere());
    let problem = stopped_by(&mut town, |town| town.set("HUBSPOT_BASE_URL", base)).await;
    insta::assert_snapshot!(told(&town, &problem));
}

#[tokio::test]
async fn storms_of_the_portal_are_waited_out_then_told_and_the_next_run_goes_on_where_it_stopped() {
    // The client tries seven times; the eighth call is fair weather again.
    for (kind, route, after, name) in [
        ("429", "/crm", 0, "too fast from the first call on"),
        ("500", "/crm/objects/2026-09/contacts/batch/upsert", 0, "an outage in the middle of writing"),
        ("timeout-after-commit", "/crm/objects/2026-09/contacts/batch/upsert", 0, "silence after the write was done"),
        ("reset", "/crm/objects/2026-09/companies", 1, "cut lines while reading"),
    ] {
        let mut town = Town::small().await;
        if kind.starts_with("timeout") {
            town.watch.patience_ms(250);
        }
        town.fault(route, kind, 7, after).await;
        let problem = stopped_by(&mut town, |town| town.watch.patience_ms(10_000)).await;
        insta::assert_snapshot!(name.replace(' ', "_"), told(&town, &problem));
    }
}

#[tokio::test]
async fn a_short_storm_is_not_even_told() {
    let town = Town::small().await;
    for kind in ["429", "500", "reset", "malformed"] {
        town.fault(OBJECTS, kind, 2, 1).await;
    }
    let report = town.run(&rows()).await.unwrap();
    let (calm, portrait) = undisturbed().await;
    assert_eq!(report, calm);
    assert_eq!(town.portrait().await, portrait);
}

#[tokio::test]
async fn an_unreachable_vendor_leaves_the_others_to_be_asked_and_its_records_wait_until_tomorrow() {
    let (calm, portrait) = undisturbed().await;
    let mut town = Town::small().await;
    town.set("HUNTER_BASE_URL", nowhere());
    town.set("PDL_BASE_URL", nowhere());
    town.set("APOLLO_BASE_URL", nowhere());
    let report = town.run(&rows()).await.unwrap();
    // Three without an address, and one whose address turned out to be dead.
    assert_eq!((report.outcome.waiting, report.outcome.synced), (4, 9), "{report:?}");
    assert_eq!(report.reasons.get("provider-unavailable"), Some(&4));
    assert_eq!(report.cost.total, 0.0);
    let world = town.open().await;
    let waiting = house::record(&world, &person(16).lastname).await;
    let why = waiting.reason.unwrap().sentence;
    assert!(why.contains("did not answer") && why.ends_with("Asked again tomorrow."), "{why}");
    drop(world);

    for vendor in ["hunter/v2", "apollo/api/v1", "pdl/v5"] {
        let name = vendor.split('/').next().unwrap().to_uppercase();
        let url = format!("{}/{vendor}", town.base);
        town.set(&format!("{name}_BASE_URL"), url);
    }
    let later = town.run_at(TOMORROW, &[]).await.unwrap();
    assert_eq!((later.imported, later.outcome.waiting), (4, 0), "{later:?}");
    assert_eq!(
        (report.outcome.synced + later.outcome.synced, later.outcome.rejected),
        (calm.outcome.synced, calm.outcome.rejected)
    );
    assert_eq!(
        town.portrait().await["contacts"].as_array().unwrap().len(),
        portrait["contacts"].as_array().unwrap().len()
    );
    assert_no_secret(&town.notes.text());
}

#[tokio::test]
async fn one_unreachable_vendor_is_made_up_for_by_the_next() {
    let mut town = Town::small().await;
    town.set("HUNTER_BASE_URL", nowhere());
    let report = town.run(&rows()).await.unwrap();
    assert!(report.spend["apollo"].hits > 0, "{:?}", report.spend);
    assert_eq!(report.imported, report.outcome.sum());
}

#[tokio::test]
async fn an_unreachable_sequencer_does_not_keep_anything_out_of_the_portal_and_is_offered_everybody_again() {
    let (calm, portrait) = undisturbed().await;
    let enrolled = |state: &Value| {
        state["enrolments"]["1001"].as_object().map(|people| people.keys().cloned().collect::<Vec<_>>())
    };
    for broken in ["unreachable", "silent while adding"] {
        let mut town = Town::small().await;
        if broken == "unreachable" {
            town.set("SMARTLEAD_BASE_URL", format!("{}/smartlead/api/v1", nowhere()));
        } else {
            town.watch.patience_ms(400);
            // After the look at who is there already: the leads arrive, but neither their answer nor a second look does.
            town.fault("/smartlead/api/v1/campaigns/1001/leads", "timeout-after-commit", 6, 1).await;
        }
        let report = town.run(&rows()).await.unwrap_or_else(|problem| panic!("{broken}: {problem}"));
        assert_eq!(report.outcome, calm.outcome, "{broken}");
        assert_eq!(
            (report.handoff.enrolled, report.handoff.refused),
            (0, calm.handoff.enrolled + calm.handoff.refused),
            "{broken}"
        );
        assert_eq!(
            enrolled(&town.portrait().await).is_some_and(|people| !people.is_empty()),
            broken != "unreachable",
            "{broken}"
        );
        let notes = town.notes.text();
        assert_no_secret(&notes);
        assert!(notes.contains("note: handoff waits:"), "{notes}");

        let url = format!("{}/smartlead/api/v1", town.base);
        town.set("SMARTLEAD_BASE_URL", url);
        town.watch.patience_ms(10_000);
        town.run_at("2026-12-09T08:00:00Z", &[]).await.unwrap();
        assert_eq!(enrolled(&town.portrait().await), enrolled(&portrait), "{broken}");
    }
}

#[tokio::test]
async fn a_dead_resolver_refuses_nobody_and_everybody_is_asked_about_again_tomorrow() {
    let (calm, portrait) = undisturbed().await;
    let mut town = Town::small().await;
    let (dns, silence) = (town.environment["EVERGREEN_DNS"].clone(), std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
    town.set("EVERGREEN_DNS", silence.local_addr().unwrap().to_string());
    town.config("timeout_ms: 1000", "timeout_ms: 200");
    let report = town.run(&rows()).await.unwrap();
    assert_eq!(report.outcome.synced, 0);
    assert_eq!(report.verdicts.get(EmailVerdict::Invalid.as_str()), None, "silence is no proof: {:?}", report.verdicts);
    assert_eq!(report.outcome.waiting, report.verdicts["unknown"], "{report:?}");
    assert_eq!(report.reasons.get("dns-timeout"), Some(&report.outcome.waiting), "{:?}", report.reasons);

    town.set("EVERGREEN_DNS", dns.clone());
    town.config("timeout_ms: 200", "timeout_ms: 1000");
    let later = town.run_at(TOMORROW, &[]).await.unwrap();
    assert_eq!(
        (later.outcome.synced, later.outcome.waiting, later.outcome.held),
        (calm.outcome.synced, 0, 0),
        "{later:?}"
    );
    assert_eq!(
        town.portrait().await["contacts"].as_array().unwrap().len(),
        portrait["contacts"].as_array().unwrap().len()
    );

    // A resolver that is still dead on the second day is a matter for a person.
    let mut other = Town::small().await;
    other.set("EVERGREEN_DNS", silence.local_addr().unwrap().to_string());
    other.config("timeout_ms: 1000", "timeout_ms: 200");
    other.run(&[row(8)]).await.unwrap();
    let held = other.run_at(TOMORROW, &[]).await.unwrap();
    assert_eq!((held.imported, held.outcome.held), (1, 1), "{held:?}");
}

#[tokio::test]
async fn a_vendor_that_talks_nonsense_costs_nothing_and_spoils_nothing() {
    let town = Town::small().await;
    for (route, kind) in [("/hunter", "malformed"), ("/apollo", "500"), ("/pdl", "429")] {
        town.fault(route, kind, 1_000, 0).await;
    }
    let report = town.run_at(START, &rows()).await.unwrap();
    assert_eq!(report.outcome.waiting, 4, "{:?}", report.reasons);
    assert_eq!(town.stats().await["charges"], serde_json::json!({}));
    assert_no_secret(&town.notes.text());
}
