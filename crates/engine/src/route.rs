//! Stage 6 performed: gives every company and contact an owner; the rotation of a team is saved with the records it was used for.

use evergreen_model::{Entity, LedgerKind, Problem, Reason, Remedy, Run, Stage};
use evergreen_ports::{PortalError, Transition};
use evergreen_route::{Matrix, Rotation, Router, Subject};
use serde_json::json;
use std::io::Read;

use crate::leave;
use crate::ledger;
use crate::qualify::{claim, companies_of, company_of};
use crate::world::World;

const BATCH: u32 = 1_000;
const ROTATION: &str = "route:rotation";

/// Routes companies first: a contact goes to the owner of its account.
pub(crate) async fn assign(world: &World, run: &Run) -> Result<(), Problem> {
    let owners = world.portal.owners().await.map_err(PortalError::into_problem)?;
    let rotation = match world.store.remembered(ROTATION).await? {
        Some(text) => serde_json::from_str(&text).unwrap_or_default(),
        None => Rotation::default(),
    };
    let mut router = Router::new(matrix(world)?, &owners, &world.config.route, rotation);
    for finding in router.findings() {
        world.progress.note(&finding);
    }
    for entity in [Entity::Company, Entity::Contact] {
        world.progress.begin(&format!("routing {}", entity.object()), None);
        let mut routed = 0;
        loop {
            let batch = claim(world, run, Stage::Route, entity, BATCH).await?;
            if batch.is_empty() {
                break;
            }
            let now = world.clock.now();
            let companies = companies_of(world, &batch).await?;
            let mut transition = Transition::default();
            for mut record in batch {
                let lead_source = record.value("lead_source").map(str::to_owned);
                let subject = Subject {
                    record: &record,
                    company: company_of(&record, &companies),
                    lead_source: lead_source.as_deref(),
                };
                let assignment = router.assign(&subject);
                match (assignment.choice, assignment.hold) {
                    (Some(choice), _) => {
                        let details =
                            json!({ "owner": choice.owner_id, "line": choice.line, "tried": assignment.tried });
                        let sentence = format!("owner {}: {}", choice.owner_email, choice.why);
                        transition.ledger.push(ledger::about(
                            now,
                            run.id,
                            LedgerKind::Routed,
                            record.id,
                            sentence,
                            details,
                        ));
                        record.owner = Some(choice);
                        record.stage = Stage::Plan;
                        routed += 1;
                    }
                    (None, hold) => {
                        let why = hold.unwrap_or_else(|| {
                            Reason::new("no-owner", "No territory line and no fallback owner fits.")
                        });
                        if entity == Entity::Contact {
                            transition.ledger.push(leave::hold(&mut record, run, LedgerKind::Routed, why, now));
                        } else {
                            // A company without an owner is still written; only its owner stays open.
                            let details = json!({ "tried": assignment.tried });
                            transition.ledger.push(ledger::about(
                                now,
                                run.id,
                                LedgerKind::Routed,
                                record.id,
                                why.sentence,
                                details,
                            ));
                            record.stage = Stage::Plan;
                        }
                    }
                }
                transition.records.push(record);
            }
            let rotation = serde_json::to_string(router.rotation()).unwrap_or_default();
            transition.remember.push((ROTATION.to_owned(), rotation));
            world.progress.advance(transition.records.len() as u64);
            leave::open_reviews(world, run, &mut transition).await?;
            world.store.commit(transition).await?;
        }
        world.progress.end(&format!("{routed} {} have an owner", entity.object()));
    }
    Ok(())
}

/// The territory matrix of the project; empty when the settings name none.
pub(crate) fn matrix(world: &World) -> Result<Matrix, Problem> {
    let Some(file) = &world.config.route.territories else {
        return parse("no territories", "region,country,state,industry,headcount,lead_source,owner\n");
    };
    let path = world.folder.join(file);
    let mut text = String::new();
    world.files.open(&path).and_then(|mut input| input.read_to_string(&mut text)).map_err(|error| {
        Problem::new(
            "EG-ROUTE-001",
            Remedy::FixSettings,
            format!("the territory matrix {} cannot be read", path.display()),
            error.to_string(),
            "put the file there or name another one under route.territories in evergreen.yaml",
        )
    })?;
    parse(&path.display().to_string(), &text)
}

fn parse(name: &str, text: &str) -> Result<Matrix, Problem> {
    Matrix::parse(name, text).map_err(|problems| {
        let faults: Vec<String> =
            problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.message)).collect();
        Problem::new(
            "EG-ROUTE-002",
            Remedy::FixSettings,
            format!("{} lines of {name} cannot be used: {}", faults.len(), faults.join("; ")),
            "a matrix with a broken line would route to the wrong owner without saying so",
            "correct these lines",
        )
    })
}
